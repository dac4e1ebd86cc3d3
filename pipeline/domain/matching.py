"""Say whether two descriptions mean the same work: a verdict, a score and a reason in words.

The author is a gate and never part of the score. Identifiers decide first, then titles, then what
forbids the match in spite of like titles (vetoes), then what lifts a doubtful one (series place).
"""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from pipeline.domain.comparables import (
    Comparable,
    comparable,
    of_name,
    of_owned,
    of_wanted,
    of_work,
)
from pipeline.domain.people import MAYBE, OTHER, SAME, agree
from pipeline.domain.positions import Position
from pipeline.domain.volumes import astray, later, later_of, places_of_universe

__all__ = (
    "Comparable",
    "Verdict",
    "comparable",
    "compare",
    "of_name",
    "of_owned",
    "of_wanted",
    "of_work",
)

Band = Literal["auto", "review", "reject"]

AUTO = 95
REVIEW = 80
SHORT = 4
ALIKE = 80
# Plays and novellas are printed with and without it; "Adventures of" may begin a collection.
_OPENING = re.compile(
    r"(?:(?P<play>(?:tragedy|comedy|strange case|tragical history) of|king(?= \S+ \d))"
    r"|(?:life and )?(?:adventures|memoirs|history|story|tale|legend|chronicles|life) of) "
)
_DOUBLE = re.compile(r"(.)\1+")


class Verdict(NamedTuple):
    """The answer: `score` is 0 to 100, `reason` one clause in words."""

    band: Band
    score: int
    reason: str


def compare(one: Comparable, two: Comparable) -> Verdict:
    """Judge whether both mean the same work; symmetric in its arguments."""
    if one.work and one.work == two.work:
        return Verdict("auto", 100, "same Goodreads work")
    gate = agree(one.people, two.people)
    known = bool(one.people) and bool(two.people)
    if one.ids and not one.ids.isdisjoint(two.ids):
        return _by_edition(one, two, gate if known else MAYBE)
    if known and gate == OTHER:
        return Verdict("reject", 0, "different authors")
    place = _place(one, two)
    if place < 0 and not _surely_titled_alike(one, two):
        return Verdict("reject", 50, "same series, other place")
    score, reason = _titles(one, two)
    if place < 0 or score < REVIEW or one.part != two.part or one.kind != two.kind:
        refusal = _veto(one, two, score, place)
        if refusal is not None:
            return refusal
    return _band(one, two, score, reason, place, gate if known else OTHER)


def _surely_titled_alike(one: Comparable, two: Comparable) -> bool:
    return one.full == two.full or one.full in two.others or two.full in one.others


def _by_edition(one: Comparable, two: Comparable, gate: int) -> Verdict:
    if gate == SAME or (gate == MAYBE and _titles(one, two)[0] >= REVIEW):
        return Verdict("auto", 100, "same ISBN or ASIN")
    return Verdict("review", REVIEW, "same ISBN or ASIN, but other names")


def _titles(  # noqa: PLR0911  one return per way of agreeing
    one: Comparable, two: Comparable
) -> tuple[int, str]:
    """Score of the titles alone, with the reason."""
    if not one.full or not two.full:
        return 0, "a title without letters"
    if one.full == two.full:
        return _equal(one, two)
    if two.full in one.others or one.full in two.others or not one.others.isdisjoint(two.others):
        return 99, "known under both titles"
    if one.main in two.others or two.main in one.others:
        return 97, "known under both titles"
    if one.main == two.main:
        return _subtitles(one, two)
    if min(len(one.full), len(two.full)) < SHORT:
        return 0, "a very short title must be equal"
    return max(
        _headed(one, two),
        _headed(two, one),
        _longer(one, two),
        _longer(two, one),
        _numbered(one, two),
        _numbered(two, one),
        _fuzzy(one, two),
    )


def _equal(one: Comparable, two: Comparable) -> tuple[int, str]:
    """Weigh titles that are equal to the letter: they may still be volumes of one series."""
    if later(one, two) or later(two, one):
        return 84, "same title, but one is numbered as a later volume"
    if astray(one, two) or astray(two, one):
        return 84, "same title, but it may be another volume of the series called so"
    return 100, "same title"


def _subtitle(with_sub: Comparable, bare: Comparable) -> tuple[int, str]:
    """Weigh titles that are equal but for a subtitle on one side."""
    if later_of(bare, with_sub):
        return 84, "same title, but one is numbered as a later volume"
    if not places_of_universe(with_sub).isdisjoint(bare.places):
        return 97, "same title, one with the universe of its series"
    told = with_sub.describing or with_sub.sub in with_sub.stated | bare.stated
    if told or _placed_apart(bare):
        return 97, "same title, one with a subtitle"
    return 84, "same title, but the subtitle of one may name another book"


def _subtitles(one: Comparable, two: Comparable) -> tuple[int, str]:
    """Weigh titles that are equal but for a subtitle on one side, or on both."""
    if not one.sub or not two.sub:
        return _subtitle(one, two) if one.sub else _subtitle(two, one)
    if ratio(one.sub, two.sub) >= ALIKE:
        if _numbers(one.sub) != _numbers(two.sub):
            return 60, "two books under one heading"
        others = _with_others(one.sub.split(), two.sub.split())
        others = others or _with_others(two.sub.split(), one.sub.split())
        return (88 if others else 97), "same title, like subtitles"
    short = max(len(one.sub.split()), len(two.sub.split())) <= 3
    both = one.describing and two.describing
    if both or (not short and (one.describing or two.describing)):
        return 88, "same title, different subtitles"
    return 60, "two books under one heading"


def _placed_apart(book: Comparable) -> bool:
    """Whether a title is known as a volume of a series of another name: then it heads no series."""
    return any(
        name in book.stated and name not in book.main and book.main not in name
        for name, _ in book.places
    )


def _numbers(key: str) -> list[str]:
    return [word for word in key.split() if word.isdecimal()]


def _headed(one: Comparable, two: Comparable) -> tuple[int, str]:
    """One is "Heading: Title", the other "Title"."""
    if two.sub:
        return 0, "different titles"
    if one.sub and one.sub == two.main:
        if _is_series(one.main, one, two) or " " in one.sub:
            return 95, "same title after a heading"
        return 88, "same title after a heading"
    for longer, shorter in ((one, two), (two, one)):
        for series, _ in (*one.places, *two.places):
            if longer.full == f"{series} {shorter.full}" and " " in shorter.full:
                return 95, "same title after the name of the series"
    return 0, "different titles"


def _longer(more: Comparable, less: Comparable) -> tuple[int, str]:
    """Match a title that says more: a formal opening, a hero, an apposition, a first volume."""
    opened = _OPENING.match(more.main)
    told = {key[opened.end() :] for key in (more.main, more.head)} if opened else set()
    if opened is not None and less.main in told:
        return (96 if opened["play"] else 86), "same title after a formal opening"
    hero, _, thing = more.main.partition(" and ")
    if thing == less.full and " " in thing:
        return (95 if _is_series(hero, more, less) else 84), "same title after its hero's name"
    if more.head == less.full and len(less.full) >= SHORT:
        return 84, "one title goes on after a comma"
    if not less.places and any(_opens(place, less.full) for place in more.places):
        return 82, "one may be called by the name of its series"
    return 0, "different titles"


def _numbered(more: Comparable, less: Comparable) -> tuple[int, str]:
    """Match "Title: Book 2" or "Title: A Saga Novel, Book 2" with the title placed in its series.

    Without that place it may be the second volume of a series called by the title.
    """
    bare, _, number = more.main.rpartition(" ")
    if bare == less.main and number.isdecimal():
        for name, place in less.places:
            stated = name in less.stated or name == less.main
            if stated and place.single == int(number):
                return 96, "same title, numbered as the other is in its series"
    return 0, "different titles"


def _opens(place: tuple[str, Position], name: str) -> bool:
    """Whether a place is the first of the series of that name."""
    return place[0] == name and place[1].single == 1


def _is_series(key: str, one: Comparable, two: Comparable) -> bool:
    return any(name == key for name, _ in (*one.places, *two.places))


def _fuzzy(one: Comparable, two: Comparable) -> tuple[int, str]:
    """Spelling variants: as many words, each alike, numbers equal, no mere plural."""
    if one.full.replace(" ", "") == two.full.replace(" ", ""):
        return 98, "same title, words joined otherwise"
    if _sounds(one.full) == _sounds(two.full):
        return 96, "same title, a long word spelled otherwise"
    ours, theirs = one.full.split(), two.full.split()
    if len(ours) != len(theirs):
        if _with_others(ours, theirs) or _with_others(theirs, ours):
            return 88, "one is that title with others added"
        least = 2 if one.part and one.part == two.part else 3
        score = _one_word_more(ours, theirs, least)
        return score, "one title has a word more" if score else "different titles"
    worst = 100.0
    for mine, other in zip(ours, theirs, strict=True):
        if mine != other:
            worst = min(worst, _word(mine, other))
    if worst < ALIKE or len(one.full) < 6:
        return int(min(worst, REVIEW - 1)), "different titles"
    return int(80 + worst / 10), "same title in another spelling"


@lru_cache(maxsize=8192)
def _sounds(title: str) -> str:
    """Write a title without what is often misspelled in long words: double letters, h, ph, y.

    Short words stay as they are: a diner is no dinner, and a desert no dessert.
    """
    return " ".join(_sound(word) if len(word) > 7 else word for word in title.split())


def _sound(word: str) -> str:
    plain = word.replace("ph", "f").replace("h", "").replace("y", "i")
    return _DOUBLE.sub(r"\1", plain)


def _word(one: str, two: str) -> float:
    """Likeness of two unequal words; a letter may differ from five on, two from eight on."""
    if one.isdecimal() or two.isdecimal() or min(len(one), len(two)) < 5:
        return 0.0
    if one[0] != two[0] or one.rstrip("s") == two.rstrip("s"):
        return 70.0  # Sisters, Misters; White Night, White Nights
    allowed = 1 if min(len(one), len(two)) < 8 else 2
    return ratio(one, two) if OSA.distance(one, two, score_cutoff=allowed) <= allowed else 70.0


def _with_others(longer: list[str], shorter: list[str]) -> bool:
    """Whether one is "Title and Other Stories"."""
    return longer[: len(shorter)] == shorter and longer[len(shorter) :][:2] == ["and", "other"]


def _one_word_more(ours: list[str], theirs: list[str], least: int) -> int:
    fewer, more = sorted((ours, theirs), key=len)
    if len(more) - len(fewer) == 1 and len(fewer) >= least and fewer == more[1:]:
        return 85
    return 0


def _place(one: Comparable, two: Comparable) -> int:
    """1: same series and place; -1: same series, other place; -2: a part of the place only."""
    answer = 0
    for name, position in one.places:
        for other_name, other in two.places:
            if name != other_name:
                continue
            if position.numbers == other.numbers and position.part == other.part:
                return 1
            answer = -2 if position.numbers == other.numbers else min(answer, -1)
    return answer


def _veto(one: Comparable, two: Comparable, score: int, place: int) -> Verdict | None:
    if one.part != two.part or place < -1:
        return Verdict("reject", min(score, 50), "one is only a part of the other")
    if one.kind != two.kind:
        return Verdict("reject", min(score, 50), f"one is {_named(one.kind or two.kind)}")
    if place < 0 and _is_series(one.main, one, two):
        return Verdict("reject", min(score, 50), "same series, other place")
    return None


def _named(kind: str) -> str:
    return {
        "omnibus": "a box set or omnibus",
        "summary": "a summary or guide",
        "comic": "a comic",
        "excerpt": "an excerpt",
    }.get(kind, kind)


def _band(  # noqa: PLR0911, PLR0913, PLR0917  all findings meet here, one return per band
    one: Comparable, two: Comparable, score: int, reason: str, place: int, gate: int
) -> Verdict:
    if gate != SAME:
        enough = score >= (REVIEW if gate == MAYBE else AUTO)
        why = "an author's name only resembles" if gate == MAYBE else "an author is unknown"
        return Verdict("review" if enough else "reject", min(score, 94), f"{reason}, but {why}")
    if place < 0:
        return Verdict("review", 90, f"{reason}, but numbered differently")
    if score >= AUTO and one.recast != two.recast:
        return Verdict("review", 88, f"{reason}, but one may be written anew")
    if score >= AUTO:
        return Verdict("auto", score, reason)
    if place > 0:
        if score >= REVIEW:
            return Verdict("auto", AUTO, f"{reason}, same place in the series")
        if one.kind == two.kind == "omnibus":
            return Verdict("auto", AUTO, "both gather the same volumes of the series")
        return Verdict("review", REVIEW, "other title at the same place in the series")
    if one.work and two.work:
        return Verdict("reject", min(score, 79), f"{reason}, and two Goodreads works")
    return Verdict("review" if score >= REVIEW else "reject", score, reason)
