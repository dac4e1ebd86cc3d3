"""Tell whether two printed names mean the same person, however they are written."""

# ruff: noqa: SIM905  lists of words read better as words
# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.fuzz import ratio

from pipeline.domain.folding import fold
from pipeline.domain.given_names import GIVEN_NAMES
from pipeline.domain.short_names import SHORT_FORMS

SAME, MAYBE, OTHER = 2, 1, 0

HONOURS = frozenset("sir dame lord lady dr mr mrs ms prof professor rev reverend saint st".split())
SUFFIXES = frozenset("jr sr phd md esq ii iii iv mfa ma ba obe cbe pere".split())
PARTICLES = frozenset("al da de del den der di du el la le mac mc o st ten ter van von".split())
NOBODY = frozenset(
    {
        "",
        "unknown",
        "unknown author",
        "various",
        "various authors",
        "various artists",
        "multiple authors",
        "va",
        "v a",
        "anonymous",
        "anon",
        "n a",
        "none",
        "full cast",
        "a full cast",
        "author unknown",
    }
)
_HELPERS = re.compile(
    r"[(\[\u2013-]\s*(?:translat|illustrat|foreword|introduction|intro\b|afterword|narrat|read)"
    r"|\b(?:translated|illustrated|narrated|read|foreword|introduction|afterword) by\b",
    re.IGNORECASE,
)
_ROLE = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*$|\s+[-\u2013]\s+[^-\u2013]+$")
_PARTING = re.compile(r"\s*(?:[;/|&\n]|\band\b|\bwith\b|\bund\b|\bet\b)\s*", re.IGNORECASE)
_MORE = re.compile(r"^(?:and\s+)?\d+\s+(?:more|others)$|^(?:et al\.?|others?)$", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_](?:\.[\s-]*|[\s-]+|$)){1,4}|[A-Z]{2,3}")
_CAPITALS = re.compile(r"[^\W\d_]{2,3}")
_SOUNDS = (  # one spelling for what German, French and English write differently from Cyrillic
    (re.compile("tsch|tch|ch|kh"), "h"),
    (re.compile("sch|sh"), "s"),
    (re.compile("ph"), "f"),
    (re.compile("x"), "ks"),
    (re.compile("w"), "v"),
    (re.compile("[jy]"), "i"),
    (re.compile("ie"), "e"),
    (re.compile(r"(.)\1+"), r"\1"),
)


class Person(NamedTuple):
    """A name made comparable. `whole` has no blanks, `given` is all before the family name.

    `sound` is `whole` in one spelling for what transliterations write differently.
    """

    whole: str
    family: str
    given: tuple[str, ...]
    latin: bool
    sound: str


def split(text: str) -> tuple[str, ...]:
    """Read one printed list of people into their names, in order, "Last, First" put right.

    "and 17 more" and names in a helper's role (translator, foreword, narrator) are left out.
    """
    names: list[str] = []
    for piece in _PARTING.split(text.replace("\u00a0", " ")):
        names.extend(_by_commas(piece))
    return tuple(dict.fromkeys(name for name in names if name))


def listed(text: str) -> tuple[str, ...]:
    """Read a list in which a comma parts persons and nothing else, as indexers print it.

    Nothing is turned round: "Homer, Virgil" are two. "A B and C D" are two as well, but "Simon &
    Schuster" is one.
    """
    names: list[str] = []
    for part in text.split(","):
        piece = " ".join(part.split())
        if names and _suffix(piece):
            names[-1] = f"{names[-1]}, {piece}"
        elif piece and not _MORE.match(piece):
            several = split(piece)
            whole = len(several) < 2 or any(" " not in name for name in several)
            names.extend((_without_role(piece),) if whole else several)
    return tuple(dict.fromkeys(name for name in names if name))


def _by_commas(piece: str) -> list[str]:
    parts = [" ".join(part.split()) for part in piece.split(",")]
    parts = [part for part in parts if part and not _MORE.match(part)]
    out: list[str] = []
    at = 0
    while at < len(parts):
        part, following = parts[at], parts[at + 1] if at + 1 < len(parts) else ""
        if following and _suffix(following):
            out.append(f"{part}, {following}")
            at += 2
        elif following and _turned(part, following, len(parts)):
            out.append(f"{following} {part}")
            at += 2
        else:
            out.append(part)
            at += 1
    return [name for name in (_without_role(name) for name in out) if name]


def _suffix(text: str) -> bool:
    words = fold(text).split()
    letters = len(words) > 1 and max(map(len, words)) == 1
    initials = letters and (" " in text.strip() or text.strip() in {"J.R.", "S.R."})  # no "M.D."
    return not initials and "".join(words) in SUFFIXES


def _turned(family: str, given: str, parts: int) -> bool:
    """Whether "family, given" is one name in library order."""
    if _INITIALS.fullmatch(given):
        return True
    first, second = len(family.split()), len(given.split())
    end = given.rsplit(maxsplit=1)[-1]
    if parts <= 2 and first <= 2 and (_INITIALS.fullmatch(end) or fold(end) in PARTICLES):
        return True  # "Le Guin, Ursula K.", "Kolk, Bessel van der"
    if parts <= 2 and first == 1 and second == 2 and fold(end) in GIVEN_NAMES:
        return True  # "Card, Orson Scott"
    return (second == 1 and first <= 2 and parts <= 2) or (first == 1 and second == 1)


def _without_role(name: str) -> str:
    if _HELPERS.search(name):
        return ""
    return _ROLE.sub("", name).strip()


@lru_cache(maxsize=32768)
def person(name: str) -> Person | None:
    """Make one name comparable; None when it names nobody ("Various", "Unknown")."""
    words = _words(name)
    if " ".join(words) in NOBODY:
        return None
    core = [word for word in words if word not in HONOURS] or words
    while len(core) > 1 and core[-1] in SUFFIXES:
        core = core[:-1]
    whole = "".join(core)
    latin = name.isascii() or _latin(name)
    return Person(whole, core[-1], tuple(core[:-1]), latin, _sound(whole))


def _sound(whole: str) -> str:
    """One spelling for Dostojewski, Dostoyevsky and Dostoevskij: "dostoevski"."""
    for pattern, written in _SOUNDS:
        whole = pattern.sub(written, whole)
    return whole.rstrip("i")


def _latin(name: str) -> bool:
    return all(char < "\u0250" for char in name if char.isalpha())


def _words(name: str) -> list[str]:
    """Folded words of a name; capitals in a row are initials: "JK Rowling" -> j k rowling."""
    if "," in name:
        head, _, tail = name.partition(",")
        name = head if _suffix(tail) else f"{tail} {head}"
    printed = name.replace(".", ". ").split()
    if len(printed) > 1 and not name.isupper():
        printed = [" ".join(word) if _capitals(word) else word for word in printed]
    return fold(" ".join(printed)).split()


def _capitals(word: str) -> bool:
    return word.isupper() and _CAPITALS.fullmatch(word) is not None


def people(authors: str | Iterable[str]) -> tuple[Person, ...]:
    """Everybody named, made comparable; a list read in more than one way gives all readings."""
    return _people((authors,) if isinstance(authors, str) else tuple(authors))


@lru_cache(maxsize=16384)
def _people(texts: tuple[str, ...]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for text in texts:
        for name in (*split(text), *_loosely(text)):
            one = person(name)
            if one is not None:
                found.setdefault(one.whole, one)
    return tuple(found.values())


def _loosely(text: str) -> list[str]:
    """Second reading of "A, B C": not turned round, because B C may be somebody else."""
    if text.count(",") != 1 or _HELPERS.search(text):
        return []
    head, tail = (part.strip() for part in text.split(","))
    if len(head.split()) == 1 and len(tail.split()) in {2, 3} and not _INITIALS.fullmatch(tail):
        return [head, tail, f"{tail} {head}"]
    return []


def same_person(one: Person, two: Person) -> int:
    """Return SAME, MAYBE (never enough for an automatic match) or OTHER."""
    if one.whole == two.whole:
        return SAME
    if one.family == two.family:
        return _same_given(one, two)
    if one.given and sorted((*one.given, one.family)) == sorted((*two.given, two.family)):
        return SAME  # family name first, as in Chinese or Hungarian
    return max(_longer(one, two), _longer(two, one), _alike(one, two))


def _longer(one: Person, two: Person) -> int:
    """Whether the first writes a part of the second's name: "Cervantes (Saavedra)", "LeGuin"."""
    if not two.given:
        return OTHER
    if one.family == two.given[-1] + two.family and two.given[-1] in PARTICLES:
        given = two.given[:-1]
        return SAME if one.given and given and _fits(one.given[0], given[0]) else MAYBE
    named = (*one.given, one.family)
    words = (*two.given, two.family)
    return SAME if len(named) > 1 and len(named[0]) > 1 and words[: len(named)] == named else OTHER


def _same_given(one: Person, two: Person) -> int:
    if not one.given or not two.given:
        return MAYBE
    if _fits(one.given[0], two.given[0]):
        return SAME
    fewer, more = sorted((one.given, two.given), key=len)
    if all(any(_fits(name, other) for other in more) for name in fewer):
        return SAME  # "Conan Doyle", "Arthur Conan Doyle"
    if one.latin != two.latin and one.given[0][0] == two.given[0][0]:
        return MAYBE  # transliterated: Lev, Leo
    return SAME if _near(one.given[0], two.given[0]) else OTHER


def _fits(one: str, two: str) -> bool:
    """Whether two given names agree; an initial or short form stands for all that it may be."""
    if one == two or (one[0] == two[0] and min(len(one), len(two)) == 1):
        return True
    return two in SHORT_FORMS.get(one, ()) or one in SHORT_FORMS.get(two, ())


def _near(one: str, two: str) -> bool:
    """Whether two longer given names are spellings of one: Fyodor, Fiodor; Aleksandr, Alexander."""
    return min(len(one), len(two)) > 4 and ratio(_sound(one), _sound(two)) >= 80


def _alike(one: Person, two: Person) -> int:
    """Spelling variants of a family name: Dostoevsky, Dostoyevsky; or of an only name."""
    if one.sound == two.sound and len(one.sound) > 4:
        return SAME if one.given and two.given else MAYBE
    if not one.given and not two.given:
        fewer, more = sorted((one.whole, two.whole), key=len)
        return MAYBE if len(fewer) > 3 and more.startswith(fewer) else OTHER  # Plato, Platon
    if min(len(one.family), len(two.family)) < 5 or not one.given or not two.given:
        return OTHER
    if ratio(one.family, two.family) < 85 or not _fits(one.given[0], two.given[0]):
        return MAYBE if ratio(one.whole, two.whole) >= 94 else OTHER
    return SAME if len(one.given[0]) > 1 and one.given[0] == two.given[0] else MAYBE


def agree(ours: Iterable[Person], theirs: Iterable[Person]) -> int:
    """Best agreement of any pair of two lists of people; OTHER when one list is empty."""
    best = OTHER
    others = tuple(theirs)
    for one in ours:
        for two in others:
            best = max(best, same_person(one, two))
            if best == SAME:
                return SAME
    return best
