"""Judge how much a text looks like the name of a person, or of several."""

# ruff: noqa: SIM905  lists of words read better as words
# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re

from pipeline.domain.folding import fold
from pipeline.domain.given_names import GIVEN_NAMES
from pipeline.domain.people import NOBODY, split
from pipeline.domain.title_words import TITLE_WORDS

SURE = 3.0
_PARTICLES = frozenset("von van de da la le der den du di al bin ibn y e af ter dos del zu".split())
_NO_NAMES = frozenset(
    "the a an of in on at to for and or with from by my your his her our is are was i we you it "
    "book part vol volume series saga no not under into der die das le la les el los un une "
    "mr mrs miss title me us him them".split()
)
_INITIAL = re.compile(r"[^\W\d_]\.|(?!I)[A-Z\u00c0-\u00de]")  # "I" alone is who tells the story
_OWNING = re.compile(r"['\u2019]s\s")
_PEN_NAME = re.compile(r"[a-z]+[A-Z]\w*|[A-Z][a-z]+(?:[A-Z][a-z]+)+|[^\W\d_]+\d\w*|[a-z]{3,}")


def authorship(text: str) -> float:
    """How much a text looks like one author or a list of them, as `likeness` counts."""
    names = split(text)
    if len(names) == 1 and "," in text:
        return likeness(names[0])  # "Last, First" put right
    found = [max(likeness(name), 1.0 if pen_name(name) else 0.0) for name in names]
    if len(found) > 1 and min(found) > 0 and (min(found) >= 1 or max(found) >= SURE):
        return max(found)
    return likeness(text) if len(found) < 2 else min(*found, likeness(text))


def pen_name(text: str) -> bool:
    """Whether a text names one who is spelled as only the web does: TheFirstDefier, nobody103."""
    return any(_PEN_NAME.fullmatch(name) is not None for name in split(text))


def likeness(text: str) -> float:
    """How much a text looks like a person's name: 0 not at all, 3 and more surely."""
    text = text.title() if text.islower() and " " in text else text
    words = text.replace(".", ". ").split()
    if words and fold(text) in NOBODY:
        return SURE  # "Various Authors" stand where an author stands
    if not words or len(words) > 5 or _nameless(text, words):
        return 0.0
    if len(words) == 1:
        return 0.0 if entitled(text) else 0.5
    initials = sum(_INITIAL.fullmatch(word) is not None for word in words[:-1])
    known = fold(words[0]).partition(" ")[0] in GIVEN_NAMES  # "Jean-Paul" by its first half
    if entitled(text):
        return 1.0 if known or initials else 0.0  # "Grace Storm" may be either
    return 1.0 + (2.0 if initials else 0.0) + (2.0 if known else 0.0)


def entitled(text: str) -> bool:
    """Whether a text has a word that stands in titles and in no name of a person."""
    return not TITLE_WORDS.isdisjoint(fold(text).split())


def _nameless(text: str, words: list[str]) -> bool:
    """Whether a text holds what no name does: digits, marks, a possessive, small words."""
    if any(char.isdigit() or char in ":!?;" for char in text) or _OWNING.search(text):
        return True
    if any(w.islower() and w not in _PARTICLES and not _INITIAL.fullmatch(w) for w in words):
        return True
    first = words[0].endswith(".") or (len(words) > 2 and len(words[1]) == 1)  # "A G Riddle"
    small = [fold(word) in _NO_NAMES for word in words]
    if small[0] and not (first and len(words[0].rstrip(".")) == 1):
        return True
    return any(
        told and fold(word) not in _PARTICLES and len(word.strip(".")) > 1
        for told, word in zip(small, words, strict=True)
    )
