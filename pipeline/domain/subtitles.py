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
# Said of a book, and hardly ever the name of one.
_TELLING = re.compile(
    rf"""^(?:or|being|presented|in\s+which|now\s+a|making\s+(?:a|the))\b
    |^an?\s(?:[\w'\u2019-]+\s){{0,3}}(?:{_SORTS})\b
    |^(?:the|one|my|our)\s(?:[\w'\u2019-]+\s){{0,2}}(?:(?:auto)?biography|story|histor(?:y|ies)|
    art|science|psychology|philosophy|anatomy|dynamics|making|life|lives|life\sand\s[\w\s]+)\s
    (?:of|behind|and|for|in)\b
    |^the\s(?:[\w'\u2019-]+\s){{0,2}}(?:power|secrets)\sof\s\S+\s\S
    |^(?:further\s)?(?:story|adventures|confessions|memoirs|portrait|evolution|anatomy|stories|notes|lessons|
    reflections|thoughts|essays|poems|advice|instructions|tools|rules|principles)\s(?:of|from|on|in|for)\b
    |^the\s(?:chronicles|saga|legend)\s+of\b
    |^from\s(?:the\s)?[\w\s'\u2019-]*(?:archives?|world|universe|files|saga|series|chronicles?|cycle)\b
    |\b(?:1[5-9]|20)\d\d\b|\b(?:novels?|novella|memoirs?|(?:auto)?biograph(?:y|ies)|biografie|
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
    if len(words) > 6 or _TELLING.search(subtitle) or (subtitle.count(",") > 1 and len(words) > 4):
        return True
    opening = _SENTENCE.match(subtitle)
    if opening is None or [fold(word) for word in words[:2]] == fold(main).split()[:2]:
        return False
    return len(words) > (3 if opening["sure"] else 4)


def recast(told: str) -> bool:
    """Whether a subtitle or bracket says that the matter is written anew, as for the stage."""
    return _RECAST.search(told) is not None
