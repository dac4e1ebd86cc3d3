"""Say whether two descriptions mean the same work: a verdict, a score and a reason in words.

The author is a gate and never part of the score. Identifiers decide first, then titles, then what
forbids the match in spite of like titles (vetoes), then what lifts a doubtful one (series place).
"""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from pipeline.domain import editions
from pipeline.domain.folding import title_key
from pipeline.domain.identifiers import edition_ids
from pipeline.domain.keys import series_key
from pipeline.domain.models import OwnedBook, SeriesPlace, WantedBook, Work
from pipeline.domain.people import MAYBE, OTHER, SAME, Person, agree, people
from pipeline.domain.positions import Position, parse
from pipeline.domain.title_parts import TitleParts, take_apart
from pipeline.domain.titles import ReadName

Band = Literal["auto", "review", "reject"]

AUTO = 95
REVIEW = 80
SHORT = 4
ALIKE = 80


class Verdict(NamedTuple):
    """The answer: `score` is 0 to 100, `reason` one clause in words."""

    band: Band
    score: int
    reason: str


class Comparable(NamedTuple):
    """A book prepared for comparing. All keys are folded; `ids` are of editions, not works.

    `full` is title and subtitle, `main` the title alone, `sub` the subtitle; `others` are titles
    that are as good as `full`; `places` maps series keys to positions.
    """

    full: str
    main: str
    sub: str
    describing: bool
    others: frozenset[str]
    people: tuple[Person, ...]
    places: tuple[tuple[str, Position], ...]
    part: int
    kind: editions.Kind
    ids: frozenset[str]
    work: str


def comparable(  # noqa: PLR0913  all that a book may be known by
    title: str,
    authors: str | Iterable[str] = (),
    *,
    subtitle: str | None = None,
    series: Sequence[SeriesPlace] = (),
    alternatives: Iterable[str] = (),
    ids: frozenset[str] = frozenset(),
    work: str | None = None,
) -> Comparable:
    """Prepare a book from its names and identifiers; costs some 50 microseconds, so do it once."""
    parts = take_apart(title, subtitle or "")
    main = title_key(parts.main)
    sub = title_key(parts.subtitle) if parts.subtitle else ""
    full = f"{main} {sub}" if sub else main
    return Comparable(
        full=full,
        main=main,
        sub=sub,
        describing=parts.describing,
        others=frozenset(_others(parts, main, alternatives)) - {full},
        people=people(authors),
        places=_places(parts, series),
        part=parts.part,
        kind=parts.kind,
        ids=ids,
        work=work or "",
    )


def _others(parts: TitleParts, main: str, alternatives: Iterable[str]) -> Iterable[str]:
    for aside in parts.asides:
        yield f"{main} {title_key(aside)}"
    for text in alternatives:
        other = take_apart(text)
        key = title_key(other.main)
        yield f"{key} {title_key(other.subtitle)}" if other.subtitle else key


def _places(parts: TitleParts, series: Sequence[SeriesPlace]) -> tuple[tuple[str, Position], ...]:
    """All places known; what the record says goes before what its title says."""
    found: dict[str, Position] = {}
    for place in series:
        position = parse(place.sequence)
        if position.numbers:
            found.setdefault(series_key(place.name), position)
    for note in parts.series:
        if note.position.numbers:
            found.setdefault(series_key(note.name), note.position)
    return tuple(found.items())


def of_work(work: Work) -> Comparable:
    """Prepare a catalogue's work."""
    ids = edition_ids(None, work.asin).union(*(edition_ids(isbn, None) for isbn in work.isbns))
    return comparable(
        work.title,
        work.authors,
        subtitle=work.subtitle,
        series=work.series,
        alternatives=work.alternative_titles,
        ids=ids,
        work=work.goodreads_work,
    )


def of_owned(book: OwnedBook) -> Comparable:
    """Prepare a book of the library."""
    return comparable(
        book.title,
        book.authors,
        subtitle=book.subtitle,
        series=book.series,
        ids=edition_ids(book.isbn, book.asin),
        work=book.goodreads_work,
    )


def of_name(name: ReadName) -> Comparable:
    """Prepare what a release, file or folder name says."""
    return comparable(
        name.title,
        name.authors,
        series=name.series,
        ids=edition_ids(None, name.asin),
    )


def of_wanted(book: WantedBook) -> Comparable:
    """Prepare a missing book."""
    return comparable(
        book.title,
        book.authors,
        subtitle=book.subtitle,
        series=book.series,
        alternatives=book.alternative_titles,
        ids=edition_ids(book.isbn, book.asin),
    )


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
        return 100, "same title"
    if two.full in one.others or one.full in two.others or not one.others.isdisjoint(two.others):
        return 99, "known under both titles"
    if one.main in two.others or two.main in one.others:
        return 97, "known under both titles"
    if min(len(one.full), len(two.full)) < SHORT:
        return 0, "a very short title must be equal"
    if one.main == two.main:
        return _subtitles(one, two)
    return max(_headed(one, two), _headed(two, one), _fuzzy(one, two))


def _subtitles(one: Comparable, two: Comparable) -> tuple[int, str]:
    """Weigh titles that are equal but for a subtitle on one side, or on both."""
    if not one.sub or not two.sub:
        with_sub = one if one.sub else two
        if with_sub.describing or _is_series(with_sub.sub, one, two):
            return 97, "same title, one with a subtitle"
        return 84, "same title, but the subtitle of one may name another book"
    if ratio(one.sub, two.sub) >= ALIKE:
        return 97, "same title, like subtitles"
    short = max(len(one.sub.split()), len(two.sub.split())) <= 3
    if not short and (one.describing or two.describing):
        return 88, "same title, different subtitles"
    return 60, "two books under one heading"


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


def _is_series(key: str, one: Comparable, two: Comparable) -> bool:
    return any(name == key for name, _ in (*one.places, *two.places))


def _fuzzy(one: Comparable, two: Comparable) -> tuple[int, str]:
    """Spelling variants: as many words, each alike, numbers equal, no mere plural."""
    if one.full.replace(" ", "") == two.full.replace(" ", ""):
        return 98, "same title, words joined otherwise"
    ours, theirs = one.full.split(), two.full.split()
    if len(ours) != len(theirs):
        if _with_others(ours, theirs) or _with_others(theirs, ours):
            return 88, "one is that title with others added"
        least = 2 if one.part and one.part == two.part else 3
        return _one_word_more(ours, theirs, least), "one title has a word more"
    worst = 100.0
    for mine, other in zip(ours, theirs, strict=True):
        if mine != other:
            worst = min(worst, _word(mine, other))
    if worst < ALIKE or len(one.full) < 6:
        return int(min(worst, REVIEW - 1)), "different titles"
    return int(80 + worst / 10), "same title in another spelling"


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
    if score >= AUTO:
        return Verdict("auto", score, reason)
    if place > 0:
        if score >= REVIEW:
            return Verdict("auto", AUTO, f"{reason}, same place in the series")
        return Verdict("review", REVIEW, "other title at the same place in the series")
    if one.work and two.work:
        return Verdict("reject", min(score, 79), f"{reason}, and two Goodreads works")
    return Verdict("review" if score >= REVIEW else "reject", score, reason)
