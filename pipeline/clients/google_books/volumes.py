"""Read volumes as Google Books describes them.

A volume is a text edition: its publisher, pages and ISBN are never those of an audiobook. A list
and a single volume differ: a list's description is plain text and its category one broad word; a
single volume has HTML and "Fiction / Fantasy / Epic". `items` is absent when nothing was found.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.domain import tidying
from pipeline.domain.identifiers import isbn13
from pipeline.domain.languages import language_code
from pipeline.domain.models import Metadata, SeriesPlace, Work
from pipeline.domain.title_parts import take_apart
from pipeline.errors import UnexpectedAnswer

_DATE = re.compile(r"(?<!\d)([12]\d{3})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_ISBN_TYPES = ("ISBN_13", "ISBN_10")

Json = Mapping[str, Any]


def read_volumes(answer: Any) -> tuple[Json, ...]:
    """Return the volumes of a list; raises UnexpectedAnswer for what is no list of volumes."""
    if not isinstance(answer, Mapping) or not ("totalItems" in answer or "items" in answer):
        raise UnexpectedAnswer("Google Books: a list of volumes: no totalItems and no items")
    items = answer.get("items") or []
    if not isinstance(items, list):
        raise UnexpectedAnswer("Google Books: a list of volumes: items is no list")
    return tuple(read_volume(item) for item in items)


def read_volume(answer: Any) -> Json:
    """Return a volume that has an id and a title; raises UnexpectedAnswer for anything else."""
    info = answer.get("volumeInfo") if isinstance(answer, Mapping) else None
    if not isinstance(info, Mapping) or not answer.get("id"):
        raise UnexpectedAnswer("Google Books: a volume: no id or no volumeInfo")
    return dict(answer)


def total_items(answer: Any) -> int:
    """Return how many volumes Google believes there are; it changes from page to page."""
    return int(answer.get("totalItems") or 0)


def work_of(volume: Json) -> Work:
    """Return the work that a volume is an edition of; `published` is the edition's date."""
    info = volume["volumeInfo"]
    return Work(
        title=str(info.get("title") or ""),
        authors=_names(info.get("authors")),
        subtitle=_words(info.get("subtitle")),
        series=_series(info),
        isbns=_isbns(info),
        google_id=str(volume["id"]),
        language=language_code(info.get("language")),
        published=printed_date(info.get("publishedDate")),
        ratings=int(info.get("ratingsCount") or 0),
    )


def metadata_of(volume: Json) -> Metadata:
    """Return the fields of a volume, tidied; narrators and ASIN are unknown to Google.

    A series is only known where title or subtitle name it; it then leaves the title.
    """
    info = volume["volumeInfo"]
    isbns = _isbns(info)
    return tidying.tidy(
        Metadata(
            title=_bare_title(str(info.get("title") or "")) or None,
            subtitle=_words(info.get("subtitle")),
            authors=_names(info.get("authors")),
            series=_series(info),
            publisher=_words(info.get("publisher")),
            published_year=(printed_date(info.get("publishedDate")) or "")[:4] or None,
            description=_words(info.get("description")),
            genres=_names(info.get("categories")),
            language=language_code(info.get("language")),
            isbn=isbns[0] if isbns else None,
        )
    )


def printed_date(text: Any) -> str | None:
    """Return "1965", "1965-08" or "1965-08-01", as exact as it is printed.

    Seen are all three, whole timestamps ("2018-05-09T00:00:00+01:00"), and "19??".
    """
    found = _DATE.search(str(text or ""))
    return "-".join(part for part in found.groups() if part) if found else None


def _isbns(info: Json) -> tuple[str, ...]:
    """Return the ISBN-13s; identifiers of other kinds (libraries' own) say nothing to us."""
    given = [each for each in info.get("industryIdentifiers") or [] if isinstance(each, Mapping)]
    numbers = [
        isbn13(str(each.get("identifier") or ""))
        for kind in _ISBN_TYPES
        for each in given
        if each.get("type") == kind
    ]
    return tuple(dict.fromkeys(number for number in numbers if number))


def _series(info: Json) -> tuple[SeriesPlace, ...]:
    """Return the series that title or subtitle name; Google has no field for its name."""
    notes = take_apart(str(info.get("title") or ""), str(info.get("subtitle") or "")).series
    return tuple(
        SeriesPlace(note.name, note.position.text or None)
        for note in notes
        if note.name and not note.implied and note.position.numbers
    )


def _bare_title(title: str) -> str:
    """Drop "(Mistborn, Book 1)" from the end of a title; other brackets belong to it."""
    found = re.search(r"\s*\(([^()]+)\)$", title)
    if found and any(note.position.numbers for note in take_apart(f"x ({found[1]})").series):
        return title[: found.start()]
    return title


def _names(values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values or () if value)


def _words(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None
