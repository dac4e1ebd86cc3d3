"""Short forms of given names: what differs so is one person, if the family name is the same."""

# The short form, then all that it may stand for.
_FORMS = """
    abby abigail
    al albert alan alfred
    alex alexander alexandra alexandre
    alf alfred
    andi andrea
    andy andrew
    art arthur
    becky rebecca
    ben benjamin benedict
    bert albert herbert robert
    bess elizabeth
    beth elizabeth bethany
    betty elizabeth
    bill william
    billy william
    bob robert
    bobby robert
    cassie cassandra
    cathy catherine
    charley charles
    charlie charles
    chas charles
    chris christopher christine christian
    chuck charles
    cindy cynthia
    dan daniel
    danny daniel
    dave david
    deb deborah
    debbie deborah
    dick richard
    don donald
    dot dorothy
    doug douglas
    ed edward edwin edmund
    eddie edward edgar
    ernie ernest
    frank francis franklin
    fred frederick alfred
    gene eugene
    geo george
    gerry gerald
    greg gregory
    hal harold henry
    hank henry
    harry harold henry
    jack john jackson
    jake jacob
    jas james
    jeff jeffrey geoffrey jeffery
    jenny jennifer
    jerry gerald jeremy jerome
    jim james
    jimmy james
    joe joseph
    johnny john
    jon jonathan
    jos joseph
    josh joshua
    judy judith
    kate katherine catherine
    kathy katherine kathleen kathryn
    ken kenneth
    kim kimberly
    larry lawrence laurence
    len leonard
    leo leonard leopold lev
    lev leo
    liz elizabeth
    lou louis louise
    maggie margaret
    mandy amanda
    matt matthew
    max maxwell maximilian
    meg margaret
    mick michael
    mike michael
    mitch mitchell
    nate nathan nathaniel
    ned edward
    nick nicholas
    pat patricia patrick
    peggy margaret
    pete peter
    phil philip phillip
    randy randall
    ray raymond
    reg reginald
    rich richard
    rick richard frederick
    ricky richard
    rob robert
    robt robert
    ron ronald
    ronnie ronald
    russ russell
    sam samuel samantha
    sandy sandra alexander
    sid sidney
    stan stanley
    steve stephen steven
    sue susan
    tammy tamara
    ted edward theodore
    terry terence teresa theresa
    thos thomas
    tim timothy
    tom thomas
    tommy thomas
    tony anthony
    val valerie
    vic victor
    vince vincent
    walt walter
    wes wesley
    will william
    wm william
    zach zachary
"""
SHORT_FORMS = {
    short: frozenset(longer) for short, *longer in map(str.split, _FORMS.strip().splitlines())
}
