"""What we write to Audiobookshelf: requests that cannot crash it, and whether they took.

Audiobookshelf ends its process at any unhandled error. Two authors whose names differ only in
case, a null among authors or series, and a batch element without `mediaPayload` each do that
(measured on 2.36.0). So nothing is sent that was not built here.
"""

import html
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import nh3

from pipeline.domain.models import Field, Metadata, SeriesPlace
from pipeline.errors import BadInput

# Our names of the fields, and the server's.
NAMES: dict[Field, str] = {
    "title": "title",
    "subtitle": "subtitle",
    "authors": "authors",
    "narrators": "narrators",
    "series": "series",
    "publisher": "publisher",
    "published_year": "publishedYear",
    "description": "description",
    "genres": "genres",
    "language": "language",
    "isbn": "isbn",
    "asin": "asin",
}


def cleaned(change: Mapping[str, Any]) -> dict[Field, Any]:
    """Return *change* (field to value) with values that are safe to send.

    A text becomes None when nothing is left of it; a list loses its empty and its repeated
    entries, authors and series also those that differ from an earlier one only in case. Raises
    BadInput for a field that is not ours or a value of the wrong kind.
    """
    unknown = change.keys() - NAMES.keys()
    if unknown:
        raise BadInput(f"audiobookshelf: update: no such field: {', '.join(sorted(unknown))}")
    return {field: _CLEANERS[field](change[field]) for field in NAMES if field in change}


def element(item_id: str, change: Mapping[Field, Any]) -> dict[str, Any]:
    """Return one element of a batch update from a cleaned *change*."""
    about = {NAMES[field]: _json(field, value) for field, value in change.items()}
    return {"id": item_id, "mediaPayload": {"metadata": about}}


def untaken(change: Mapping[Field, Any], shown: Metadata) -> tuple[Field, ...]:
    """Return the fields of a cleaned *change* whose value *shown* does not carry."""
    return tuple(field for field, value in change.items() if not _same(field, value, shown))


def key(name: str) -> str:
    """Return what two names share that Audiobookshelf could take for one.

    Its database ignores case; accents and width are ignored too, to stay on the safe side.
    """
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    bare = "".join(each for each in flat if not unicodedata.combining(each))
    return " ".join(bare.casefold().split()) or name


def _same(field: Field, wanted: Any, shown: Metadata) -> bool:
    there = getattr(shown, field)
    if field == "authors":  # a new order or another case is no change to the server
        return {key(name) for name in wanted} == {key(name) for name in there}
    if field == "series":
        return _places(wanted) == _places(there)
    if field == "description":  # the server strips the HTML that it does not like
        return _words(wanted) == _words(there)
    if field in {"narrators", "genres"}:
        return tuple(wanted) == tuple(there)
    return (wanted or "").strip() == (there or "").strip()


def _places(series: Iterable[SeriesPlace]) -> list[tuple[str, str | None]]:
    return sorted(
        ((place.name.lower(), place.sequence) for place in series),
        key=lambda place: (place[0], place[1] or ""),
    )


def _words(description: str | None) -> list[str]:
    return html.unescape(nh3.clean(description or "", tags=set())).split()


def _json(field: Field, value: Any) -> Any:
    if field == "authors":
        return [{"name": name} for name in value]
    if field == "series":
        return [_place(place) for place in value]
    return list(value) if isinstance(value, tuple) else value


def _place(place: SeriesPlace) -> dict[str, str]:
    """Return a series entry; a missing sequence clears it, and any that is no text would too."""
    if place.sequence is None:
        return {"name": place.name}
    return {"name": place.name, "sequence": place.sequence}


def _printable(value: str, *, lines: bool) -> str:
    """Drop what cannot be sent (halves of surrogate pairs) or read (control characters)."""
    kept = "\n\r\t" if lines else ""
    return "".join(
        each if each in kept or unicodedata.category(each) not in {"Cc", "Cs"} else " "
        for each in value
    )


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(f"audiobookshelf: update: {value!r} is no name")
    return _printable(value, lines=False).strip().strip("\ufeff").strip()


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadInput(f"audiobookshelf: update: {value!r} is no text")
    text = _printable(str(value), lines=True)
    return text if text.strip() else None


def _names(values: Any) -> tuple[str, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise BadInput(f"audiobookshelf: update: {values!r} is no list of names")
    return tuple(dict.fromkeys(filter(None, map(_name, values))))


def _authors(values: Any) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in _names(values):
        kept.setdefault(key(name), name)
    return tuple(kept.values())


def _series(values: Any) -> tuple[SeriesPlace, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise BadInput(f"audiobookshelf: update: {values!r} is no list of series")
    kept: dict[str, SeriesPlace] = {}
    for value in values:
        place = _cleaned_place(value)
        if place.name:
            kept.setdefault(key(place.name), place)
    return tuple(kept.values())


def _cleaned_place(value: Any) -> SeriesPlace:
    if not isinstance(value, SeriesPlace):
        raise BadInput(f"audiobookshelf: update: {value!r} is no place in a series")
    sequence = value.sequence
    if sequence is not None:
        sequence = _name(str(sequence))
    return SeriesPlace(_name(value.name), sequence)


_CLEANERS: dict[Field, Callable[[Any], Any]] = {
    **dict.fromkeys(NAMES, _text),
    **dict.fromkeys(("narrators", "genres"), _names),
    "authors": _authors,
    "series": _series,
}
