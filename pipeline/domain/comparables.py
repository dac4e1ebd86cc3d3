"""Prepare books for comparing: names folded, titles taken apart, people made comparable."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.domain import editions
from pipeline.domain.folding import title_key
from pipeline.domain.identifiers import edition_ids
from pipeline.domain.keys import series_key
from pipeline.domain.models import OwnedBook, SeriesPlace, WantedBook, Work
from pipeline.domain.people import Person, people
from pipeline.domain.positions import Position, parse
from pipeline.domain.subtitles import describes
from pipeline.domain.title_parts import TitleParts, take_apart
from pipeline.domain.titles import ReadName

_GATHERED = re.compile(
    r"\b(?:works|stories|poems|poetry|prose|tales|essays|letters|plays|novels|autobiography)$",
    re.IGNORECASE,
)
_SHORT_NAME = 3  # words; "No Guilt: No Excuses: No BS" is all one description


class Comparable(NamedTuple):
    """A book prepared for comparing. All keys are folded; `ids` are of editions, not works.

    `full` is title and subtitle, `main` the title alone, `sub` the subtitle; `others` are titles
    that are as good as `full`; `places` maps series keys to positions, of which those of `stated`
    are no part of the title.
    """

    full: str
    main: str
    sub: str
    describing: bool
    others: frozenset[str]
    head: str
    people: tuple[Person, ...]
    places: tuple[tuple[str, Position], ...]
    part: int
    kind: editions.Kind
    recast: bool
    stated: frozenset[str]
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
    part: int = 0,
) -> Comparable:
    """Prepare a book from its names and identifiers; costs some 50 microseconds, so do it once."""
    authors = (authors,) if isinstance(authors, str) else tuple(authors)
    parts = take_apart(_unsigned(title, authors), subtitle or "")
    known = (*alternatives, *_gathered(parts.main, authors))
    main = title_key(parts.main)
    named = _named(parts.subtitle)
    sub = title_key(named) if named else ""
    full = f"{main} {title_key(parts.subtitle)}" if sub else main
    return Comparable(
        full=full,
        main=main,
        sub=sub,
        describing=not named or describes(named, parts.main),
        others=frozenset(_others(parts, main, known)) - {full},
        head=title_key(parts.main.partition(",")[0]) if "," in parts.main else "",
        people=people(authors),
        places=_places(parts, series),
        part=parts.part or part,
        kind=parts.kind,
        recast=parts.recast,
        stated=frozenset(_stated(parts, series)),
        ids=ids,
        work=work or "",
    )


def _named(subtitle: str) -> str:
    """Leave of "Destroyer: A High-Concept Odyssey" what names a book."""
    name, colon, told = subtitle.rpartition(": ")
    return (
        name if colon and len(name.split()) <= _SHORT_NAME and describes(told, name) else subtitle
    )


def _unsigned(title: str, authors: Iterable[str]) -> str:
    """Take the author's own name off a title: "Ada Marlow's The Salt Road", "... by Ada Marlow"."""
    for author in authors:
        if author in title and " " in author:
            bare = title.removesuffix(f" by {author}")
            for mark in ("'s ", "\u2019s ", " - ", ": "):
                bare = bare.removeprefix(author + mark)
            return bare.strip() or title
    return title


def _gathered(main: str, authors: Iterable[str]) -> Iterable[str]:
    """Give "The Complete Poems" for "The Complete Poems of Ada Marlow"."""
    for author in authors:
        bare = main.removesuffix(f" of {author}")
        if bare != main and _GATHERED.search(bare):
            yield bare


def _stated(parts: TitleParts, series: Sequence[SeriesPlace]) -> Iterable[str]:
    """Series that are known from elsewhere than the words of the title."""
    yield from (series_key(place.name) for place in series)
    yield from (series_key(note.name) for note in parts.series if note.aside and not note.implied)


def _others(parts: TitleParts, main: str, alternatives: Iterable[str]) -> Iterable[str]:
    for aside in parts.asides:
        yield f"{main} {title_key(aside)} {title_key(parts.subtitle)}".strip()
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
        part=name.part,
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
