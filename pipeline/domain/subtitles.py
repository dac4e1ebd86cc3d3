"""Tell a subtitle that describes its book from one that may name another book."""

# ruff: noqa: PLR2004  a length is explained where it is compared

import re

from pipeline.domain.folding import fold

# What a book may call itself: "A Vision of ...", "An Intimate History", "The Story of ...".
_SORTS = (
    r"novel|memoir|story|tale|fable|parable|romance|fantasy|mystery|thriller|satire|allegory|history|"
    r"biography|autobiography|atlas|work|chronicle|comedy|tragedy|portrait|study|inquiry|enquiry|"
    r"investigation|meditation|dialogue|essay|primer|theory|critique|defen[cs]e|anatomy|look|diary|"
    r"notebook|record|report|account|testimony|confession|reflection|exploration|journey|voyage|"
    r"adventure|odyssey|quest|search|road\strip|legend|vision|life|treatise|approach|plan|path\sto|"
    r"year\sof|manifesto|classic|saga"
)
# What a study is about: "The Politics of Fear", "The Origins of ...". No story of a series is
# called so, in some eleven thousand titles.
_ABOUT = (
    r"achievements?|aftermath|alchemy|architecture|asymmetries|biology|causes?|"
    r"civili[sz]ation|consequences|costs?|decline|demoni[sz]ation|denial|discovery|economics?|"
    r"elements|emergence|essentials|ethics|evolution|extinction|failure|fates|foundations|"
    r"framework|genetics|genius|geography|geometry|grammar|growth|ideas?|impact|implications|"
    r"importance|ingenuity|interpretation|invention|keys|laws?|limits|logic|margins|mathematics|"
    r"meanings?|mechanics|metaphysics|mindset|mismeasure|molecule|myths?|nature|neuroscience|"
    r"origins?|paradox|passion|physics|philosophers|plight|politics|practice|principles|"
    r"problems?|psychology|pursuit|reali?ty|religion|rhetoric|roots|rules|sciences?|sociology|"
    r"strategy|strategies|structure|struggle|technology|theor(?:y|ies)|tragedy|transformation|"
    r"triumphs?|uses?|values?|workings"
)
_SPELT = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|"
    "forty|fifty|hundred"
)
_LIST = re.compile(r"^[^,]+,[^,]+,.+")
_ABSTRACT = re.compile(
    r"\w{3,}(?:tion|sion|isms?|ity|ities|olog(?:y|ies)|ics|ments?|ance|ence|ness|ship|"
    r"gogy|graphy|nomy|cracy)\b",
    re.IGNORECASE,
)
# Said of a book, and hardly ever the name of one.
_TELLING = re.compile(
    rf"""^(?:or|being|presented|in\s+which|now\s+a|making\s+(?:a|the))\b
    |^an?\s(?:[\w'\u2019-]+\s){{0,3}}(?:{_SORTS})\b
    |^(?:the|one|my|our)\s(?:[\w'\u2019-]+\s){{0,2}}(?:(?:auto)?biography|story|histor(?:y|ies)|
    art|science|psychology|philosophy|anatomy|dynamics|making|life|lives|life\sand\s[\w\s]+)\s
    (?:of|behind|and|for|in)\b
    |^(?:the|an?\s(?:new|different|simple))\s(?:[\w'\u2019-]+\s){{0,2}}(?:{_ABOUT})\s(?:of|behind|and|for|in|to|that|from|on)\b
    |^\d+\s(?:[\w'\u2019-]+\s){{1,3}}?[\w'\u2019-]{{3,}}s\b
    |^(?:{_SPELT})\s(?:[\w'\u2019-]+\s){{0,3}}?(?:principles|lessons|habits|rules|ways|steps|stories|tales|essays|
    visions|laws|years|secrets|reasons|strategies|keys|questions|ideas|thinkers|conversations|seasons)\b
    |^an?\s\S.*\s(?:case\sfile|case|investigation|prequel|short)$
    |^an?\s(?:new|critical|practical|personal|cultural|political|social|historical|mathematical|scientific|
    philosophical|spiritual|visual|moral|emotional|feminist|concise|complete|comprehensive|radical|global|oral)\s\w+
    |^an?\s(?:\w+\s)*(?:book|companion|course|argument|collection|anthology)\s(?:of|about|on|to|with|in)\b
    |^(?:the\s)?complete\s|^my\s\w+\s(?:with|in|among|at)\s|^and\s(?:other|\d+)\b
    |^from\s\S+\sto\s\S+$|^an?\s(?:antidote|companion|introduction|guide|key|path|approach|case|call|handbook|journey)\s(?:to|against|for)\s\w+
    |^(?:secret\s)?diar(?:y|ies)\sof\b|\b(?:explained|revealed|reconsidered|reimagined|revisited|uncovered)$
    |^the\s(?:[\w'\u2019-]+\s){{1,3}}(?:story|diary|interview|lectures?|papers|letters|speeches)\b
    |\bthat\s(?:changed|made|shaped|shook|built|saved|ruled|launched|defined|transformed|stopped)\b
    |^(?:the|one|an?)\s(?:\w+\s){{0,3}}(?:race|quest|fight|battle|plan|plot|struggle|mission)\s(?:to|against)\b
    |\bin\s(?:the\s)?(?:\w+\s)?(?:america|africa|asia|china|japan|india|russia|germany|france|england|britain|
    rome|greece|egypt|europe|israel|palestine|hollywood|states|middle\seast|paris|london|(?:\w+th|\w+st)\scentury)\b
    |^(?:tales|adventures|exercises|experiments|letters|writings?|poems|essays|scenes|dispatches|tips|advice|secrets|wisdom)\s(?:of|from|for|in|on|to)\b
    |^(?:selected|collected|essential|complete)\s(?:\w+\s)?(?:writings|stories|poems|works|essays|letters|prose)\b
    |\b(?:advice|wisdom|tips|habits|lessons|strategies|techniques|recipes|skills|solutions)\sfor\b
    |\bin\s(?:the\s)?(?:age|era|wake)\sof\b
    |^(?:wie|warum|weshalb|comment|pourquoi|c\u00f3mo)\s\S+\s\S
    |^(?:eine?|une?|uma?)\s\S+\s\S
    |^the\s(?:[\w'\u2019-]+\s){{0,2}}(?:power|secrets)\sof\s\S+\s\S
    |^(?:further\s)?(?:story|adventures|confessions|memoirs|portrait|evolution|anatomy|stories|notes|lessons|
    reflections|thoughts|essays|poems|advice|instructions|tools|rules|principles)\s(?:of|from|on|in|for)\b
    |^the\s(?:chronicles|saga|legend)\s+of\b
    |^from\s(?:the\s)?[\w\s'\u2019-]*(?:archives?|world|universe|files|saga|series|chronicles?|cycle)\b
    |\b(?:1\d|20)\d\d\b|\b(?:novels?|novella|memoirs?|(?:auto)?biograph(?:y|ies)|biografie|
    histor(?:y|ies)|geschichte|histoire|historia|storia|account|essays|poems|poetry|roman|manifesto|
    handbook|manual|guide|introduction|editions?|version|classics?|performance|production|
    translation|translated|narrated|starring|featuring|foreword|retold|adapted|presents?|
    anniversary|text|bestsell(?:er|ing)|award|medal|prize|trag\u00f6die|dichtung|erz\u00e4hlung|
    full[- ]cast|dramati[sz]ed|(?:his|her|their)\s+(?:life|times|world)|fiction$|
    (?:series|saga|trilogy|chronicles?|mysteries)$|
    (?:true|love|fairy|short|life|war|untold|inside)\s+(?:stor(?:y|ies)|tales?|account)|your|
    (?:lessons|thoughts|reflections|instructions|notes|approach|ways|steps|strategies)\s+
    (?:in|on|to|for|about|from|that))\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What opens a sentence about the book, if it goes on for a while.
_SENTENCE = re.compile(
    r"(?P<sure>how|why|inside|one\s\w+['\u2019]s)\s|(?:what|when|where|from|my|our|your|rules|things|"
    r"\w+ing)\s|(?=.*\b(?:you|we)\b)(?:\S+\s){5}",
    re.IGNORECASE,
)
# Two words seldom describe: "Secret History" is a title. These always do.
_BRIEFLY = re.compile(
    r"^(?:or\b|an?\s|my\s)|\b(?:illustrated|fiction|novels?|novella|memoirs?|stories|essays|poems|"
    r"poetry|(?:auto)?biography|roman|edition|classics?|performance|version|unabridged|narrated|starring|library)\b",
    re.IGNORECASE,
)
# Under one title, but written anew for the stage, the screen, the young or the desk.
_RECAST = re.compile(
    r"\b(?:play|screen ?play|play ?script|libretto|journal|calendar|planner|young readers?|prequel|"
    r"sequel|companion|graphic|sourcebook|role-?playing|novelization|outtakes?|deleted scenes)\b",
    re.IGNORECASE,
)
# "A Harbour Prequel" says what this book is, "The Prequel" that it is another one.
_OF_ITSELF = re.compile(r"an?\s\S.*\sprequel", re.IGNORECASE)


def describes(subtitle: str, main: str = "") -> bool:
    """Whether a subtitle only describes; a short bare one may be the name of another book.

    So may one of up to six words that opens with an article, "The Gate of Feral Gods", or like
    the title itself: "How to Train a Lamp: How to Be a Pirate".
    """
    if recast(subtitle):
        return False
    words = subtitle.split()
    if main and fold(subtitle).startswith(fold(main)):
        return False
    if len(words) <= 2:
        return _BRIEFLY.search(subtitle) is not None
    if len(words) > 6 or _TELLING.search(subtitle) or _LIST.match(subtitle):
        return True
    abstract = len(words) > 3 and len(_ABSTRACT.findall(subtitle)) > 1
    return abstract or _tells(words, main)


def _tells(words: list[str], main: str) -> bool:
    """Whether words open a sentence about the book, and not as its title does."""
    opening = _SENTENCE.match(" ".join(words))
    if opening is None or [fold(word) for word in words[:2]] == fold(main).split()[:2]:
        return False
    sure = opening["sure"] is not None or words[0].lower().endswith("ing")
    return len(words) > (3 if sure else 4)


def recast(told: str) -> bool:
    """Whether a subtitle or bracket says that the matter is written anew, as for the stage."""
    return _RECAST.search(told) is not None and _OF_ITSELF.fullmatch(told) is None
