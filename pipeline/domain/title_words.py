"""Words that stand in titles and in no name of a person: enough to tell "Tourist Season".

Counted over some eleven thousand titles with their authors and narrators: each stands in four
titles or more, and in no name. A word that is anybody's name (King, Stone, Rose) is left out.
"""

TITLE_WORDS = frozenset(
    """
    about abroad abyss academy accidental across act adaptation adhd adult advanced adventure
    adventures afraid africa african after again against age alchemist algebra algorithms alien
    alive alle alles allmen almanac alone als alte always amazing among analysis anarchism
    ancient ancillary androids angels animal animals annihilation anniversary another anxiety
    anxious anyone apocalypse applications apprentice arc architecture archives ark arm
    armageddon arms around artemis artificial artist ascension ashes ask assassins asterix
    atlantis atomic audio auf aus autobiography avatar awaken awakening away azarinth babel
    babylon back bad badass ballad bane bang bastard battle beast beasts beautiful beauty became
    becoming before beginners beginning behavior behind being beneath beste better between
    beyond big billion biology birds birthday bis blacksmith blades blood boat bodies body bonds
    bone bones book books bookshop born borrowers boxed boy boys brains breakfast breaking
    breath breslau bride brief bright bring broadcast broken brother brothers buch build
    building bullets bullshit bunny burn burning business butchers calamity called calling
    cannot cant capitalism captain captive catching cats cell century chair chamber change
    changes changing chaos chemistry children chocolate chosen chronicles circle circus cities
    city civil clash class classics clockwork cloud club code cognitive cold collapse collected
    collection collector colony color come comes comfort comics coming common commune
    communication company complete computer confidence conqueror continent control conversations
    cookbook core corona cosmos countdown country couple courage course court crack cradle
    creation creative creature creatures creek crime crimson cross crow crown crows crucible
    cruel cry cthulhu cuckoos culture curious curse cursed dad daily dance dangerous dare dark
    darker darkness das data dating dativ daughter days dead deadly deal dear death deaths
    deception decision deep defiance defiant dem democracy demon demonic demons denken departure
    depression des desert design designing destroyer detective development devil devils diaries
    diary did didnt die died different digital dilemma dinosaurs disaster discourse discovery
    doctor does doesnt dog dogs doing done dont doom doomsday door doors down dracula dragon
    dragons dramatized drawing dreaming dreams drive dry dummies dune dungeon dunkle durch dusk
    dust dying earth easy eat economics edge edgedancer edition education effect effective egg
    eight ein eine eines elantris elements elephant elephants elf eminence emotional emperor
    emperors empire empires empress enchanted encyclopedia end ending ends endurance endure
    enemy energy engine engineer engineering engines england english enough escape essays essen
    essential eternity ethics europe everflame every everyone everything evil evolution exile
    exit exodus expanded experience experiment extinction extraordinary eye eyes eymerich fables
    face factory fairyland fall fallen falling falls family fantastic fantasy far farewell fast
    fastest fate fated father faust fear feast feathers feel fellowship female feminism feminist
    fiction fifteen fifth fight fights film final find finding fire fires first fish fishing
    five flame flames flesh flight fly focus folk food fool forbidden force forever forge
    forging forgotten found foundation foundations four fourth fractal frauen freakonomics
    freedom fremdsprache friend friends fringe frontiers frozen fun fur fury future gambit game
    games gap garden gate gathering geek geld gem gender generation genitiv genius gentlemen
    geography get gets getting ghosts giant giants gift gifts gilded girl girls give giver
    giving glow gluck goblin god goddess gods going gold gone got gott grave gravity great
    greatest greek grosse ground guard guide gun gut gute habe habit habits hackers hacking half
    hallows handbook handmaids hands happened happiness happy hard hat hate haunted haus have
    healer healers heart hearts heavens heir hello hells help here heretical hero heroes heroine
    hidden hide high historia history hitchhikers hobbit hold hollow home homeland homo horizon
    horse hot hour hours house human humans hundred hunger hungry hunters hurt husband hyperion
    ice ich ideas illustrated image immortal immortality impossible indian indigenous inequality
    inferno infinite infinity influence information inheritance ink inner innovators inside
    instinct intelligence interaction internet invasion invention invincible iron island islands
    ist jackal jak japan jewish jobs journeys jungle just kanguru kann karten keep keeper keeps
    kill killed killers killing kingdom kingdoms kings kiss kleine knew knife knights know
    knowledge knows kopf kunst labyrinth ladies land language languages last late laws
    leadership lean learn learning learns leben lectures left legends legion less lesson lessons
    let letter letters letzte letzten level leveling leviathan library lie liebe lies life light
    lightning like line lions list listen live lives living logic look looking lords lose lost
    lovers loving machine machines made madness mage magic magical magician magicians maid make
    maker makes making mal malice mammoth mana management manner mans mantle manual many map
    maps market marriage martian mask masquerade mass master mastery math matter maus maybe maze
    meaning measure mech mechanics medicine medieval meditations meet mehr mein memoirs memory
    men menschen mental metal method mich midnight milk million millionaire mimic mind
    mindfulness minds mine minutes mir mirror miss missing mission mist mister mistress mit mode
    modern mom moments monster monsters moonlight more morning mortal most mother mothers
    mountain mountains mouse moving mrs murder muss must mysteries mysterious mystery nach naked
    name nation natural nature nearly need nemesis nephew nest network never neverwhere new news
    next nice nicht nie night nightmare nightmares nights nine ninth noise normal notes nothing
    novel now numbers oath objects october oder off ohne old olympus omnibus omniscient once
    ones online only operating operation order origin origins other own palace pale palestine
    pan paper paradise paradox park part parts passenger past path peace people peoples perfect
    persepolis phantom philosophy physics picture pictures pieces pillars pirate pirates place
    places plague plant plants play played player pleasures poems poetry point poison polsce
    pooh poor portal portrait post power practical practice prayer prelude presents pretty prey
    pride primal princes principles prisoner problem processing product programming project
    prophecy protocol psychologia psychology pyramid python quantum quarter queens queer quest
    question questions quiet race radiance radical rage raising rama reach read reader readers
    ready reality reaper reason reborn redemption reincarnated relativity religion rent republic
    reset resistance rest restaurant retribution return revelation revenge revised revolution
    rhythm right rings rise rising rites road roads robot robots rocket rogue room root roses
    ruin rule rules run runner running saga sales salt salvation sand sandman sapiens save saves
    says scenario schon school science sea search season seasons second secret secrets security
    see seeds sein selbst self sense series serpent service set sex shade shades shadow shadows
    shattered she sheriff shift ship should show sich side sie siege signal silence silent
    simple sind sing sinn sisters six skeleton skills skin slam slave slaying sleep slow smart
    smoke snakes social society soldier solitude some someone something somewhere son songs
    sorcerers sorrows sorry soul souls sound south space speak spell spinward spirit spy stand
    standard starlight stars starship start state states station statistics stay steps still
    stoic stop stories storms storytelling strange stranger strangers strategies strategy strike
    strong study stuff subtle suicide summoned summoner suns super surprise survival survive
    surviving sword swords syl system systems tag tage tail take taken tale tales talk talking
    talmud tamer tank teach tears techniques tell terror test that them then theory there these
    they thief thieves thing things think thinking third this thorns those thought thousand
    three throne thrones through tides tiger time times titans told tomorrow too touch tower
    towers town train trans translation travel traveler travellers travels tree trees trial
    trials trilogy trouble true truth turn twelve twenty twice twilight twisted typography uber
    ultimate und underground understanding undying united universe unmasking uns until untitled
    updated upon use user utopia vampire vampires veil very vicious viewpoint villain villains
    violence visual void vol volume vom voyage waiting wake wakes walk walking want war warden
    wardrobe warrior wars warum wastes watch water way ways wayside wayward weapons web wedding
    week weg welcome well welt wenn wer werden were western whale whats when where whispering
    wicked wie wife wild win wind window windows winds wine wing wings wir wisdom wish witch
    witches within without wives wizard wolves woman women wonder wonderland wont wool word
    words work working works worlds would wrath wrinkle write writing writings wrong year years
    yellow youre yours yourself zeit zero zodiac zone zum zur zwei
    """.split()  # noqa: SIM905  hundreds of quoted words would be harder to read
)
