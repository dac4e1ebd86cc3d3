"""Common given names: enough to tell "Light Bringer - Pierce Brown" from "Author - Title"."""

GIVEN_NAMES = frozenset(
    """
    aaron abigail adam adrian agatha alan albert aldous aleron alex alexander alexandra alexandre
    alice alison amanda amy andre andrea andrew andrzej andy angela ann anna anne annie anthony
    anton antonia arthur ashley audrey barbara barry becky ben benedict benjamin bernard beth bill
    blake bob brad bram brandon brenda brent brian bruce bryan carl carlos carol caroline carrie
    cassandra catherine cecelia chad charlaine charles charlie charlotte cherie chloe chris
    christian christina christine christopher chuck claire clare clive colin colleen conn connie
    craig daisy dakota dan dana daniel daniela danielle danny daphne dave david dawn dean deborah
    debbie dennis diana diane dick don donald donna dorothy doug douglas duncan ed eddie edgar
    edith edward eileen elena eleanor elizabeth ellen ellie emil emilia emily emma eoin eric erica
    erik erin ernest esther ethan eva evan evelyn fiona frances francis frank fred freida fyodor
    gabriel gail garth gary gene geoffrey george gerald gillian glen glenn gordon graham greg
    gregory gustave guy hannah harlan harold harper harriet harry haruki heather helen henry
    herman holly howard hugh ian ilona irene iris isaac isabel isabella ivan jack jackie jacob
    jacqueline jake james jamie jan jane janet jared jasmine jason jay jean jeff jeffery jeffrey
    jen jennifer jenny jeremy jerome jerry jesse jessica jill jim joan joanna joanne joe joel johan
    johannes john johnny jojo jon jonas jonathan jordan jorge jose joseph josephine josh joshua
    joy joyce juan jude judith jules julia julian julie juliet justin karen karin karl kate
    katherine kathleen kathryn kathy katie kay keith kelley kelly ken kenneth kevin kim kirby
    kristen kristin kurt larry laura lauren laurence laurie lawrence lee leigh leo leonard leslie
    lewis liam libba lily linda lisa liz lois lorna louis louisa louise lucas lucy luis luke lydia
    lynn madeline maggie malcolm marc marcel marcia marcus margaret maria marie marilynne marion
    mark markus martha martin marvin mary mathilde matt matthew maurice max maya megan melanie
    melissa mercedes mia michael michel michelle miguel mike milan miranda molly morgan nalini
    nancy naomi natalie nathan ned neil neal nicholas nick nicola nicole nigel nikolai nina noah
    nora norman octavia oliver olivia orson oscar pamela pat patricia patrick paul paula paulo
    pauline penelope penny percy pete peter petra phil philip philippa phillip pierce pierre rachel
    ralph ramona ray raymond rebecca rex rhianna richard rick rita rob robert roberta roberto robin
    rod roger roland ron ronald rosa rosamund rose roy rudyard rupert ruth ryan sabaa sally sam
    samantha samuel sandra sara sarah scott sean sebastian sergei seth shane shannon sharon shawn
    sheila shelly sherrilyn shirley sidney simon sofia sophie stacey stefan stella stephanie
    stephen stephenie steve steven stieg stuart sue susan susanna suzanne sven sylvia tad tamora
    tana tanya tara ted terence teresa terry tess thea theodore theresa thomas tim timothy tina
    toby todd tom tomi toni tony tracy travis trevor trudi truman umberto ursula val valerie
    vanessa vera veronica victor victoria viktor vince vincent viola virginia vladimir walter wanda
    ward wayne wendy wes wil wilbur wilkie will william winston yann yuval zachary zadie zane zoe
    ada arkady astrid ali amos arundhati banana bahni bohumil boris bronson camilla carson cassius
    chimamanda chinua cody dion drew edoardo elif emile etgar euan flannery franz gerard grover
    gunter hakan hans heinrich henning hermann hilary honore italo jefferson karel kazuo kobna lev
    mario marian marcus mikhail moira monica naguib ngugi nnedi olga orhan pablo primo raul reed
    robertson rosa salman simone sissy stanislaw tamsyn thandiwe vikram wole xavier yukio zora
    aldo alfred amelia anders ariel arnold ava axel bella bertram bettina brigitte bruno carla
    cecilia celia chad clara claude claudia cornelia curtis cynthia darren derek dominic dorian
    eduardo eliza elsa enid ernst esme eugene felix ferdinand fernando flora florence freddie
    frederick frieda fritz georg georgia gerard gideon gilbert giles gloria grace graeme guido
    hanna hans heidi henrik herbert hector horace hubert humphrey ida ingrid isla jacques jaime
    jeanette johanna jorg juliette julius kai kara karl kasper katja klaus lara lars leila lena
    leonora lionel lorenzo lothar lou luca lucia ludwig mabel magnus maeve manuel marco margot
    marina marlon mathias matthias max mira mona nadia nadine nelson nikita nils noel olaf otto
    pascal patty paulina pearl petr pia priya rafael ravi regina reinhold renate rene rhys rosie
    rudolf rufus saul selma serge silvia sonja soren stefanie sven svetlana sybil theo tilda tobias
    ulrich ursula valentin vivian volker walt werner wilfred wilhelm wolfgang yasmin yusuf zelda
    """.split()  # noqa: SIM905  hundreds of quoted names would be harder to read
)
