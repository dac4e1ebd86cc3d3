"""The twelve fields of a book: read one, change some, to JSON and back, how complete they are."""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast, get_args

from pipeline.domain.models import Field, Metadata, SeriesPlace

Value = str | tuple[str, ...] | tuple[SeriesPlace, ...] | None
Edition = Literal["audio", "text"]

FIELDS: Final[tuple[Field, ...]] = get_args(Field)
LISTS: Final[frozenset[Field]] = frozenset({"authors", "narrators", "series", "genres"})

# Percent that a field adds to a book's completeness. Subtitle and series count nothing: many books
# rightly have none, and a book that lacks nothing must be able to reach 100.
WEIGHTS: Final[Mapping[Field, int]] = {
    "title": 15,
    "authors": 15,
    "narrators": 15,
    "description": 15,
    "published_year": 10,
    "genres": 8,
    "language": 8,
    "publisher": 6,
}
# Counts once for ISBN and ASIN together: an audiobook often has an ASIN only.
IDENTIFIER_WEIGHT: Final = 8


@dataclass(frozen=True, slots=True)
class Change:
    """A field's value before and after, exactly as the library holds them, and who says so.

    `edition` says of which edition the new value speaks, for the fields where editions differ.
    """

    field: Field
    old: Value
    new: Value
    source: str
    edition: Edition | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads back to an equal change."""
        return {
            "field": self.field,
            "old": value_to_json(self.old),
            "new": value_to_json(self.new),
            "source": self.source,
            "edition": self.edition,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Change":
        """Read a change back; raises KeyError when a key or the field is unknown."""
        field = _known(told["field"])
        return cls(
            field,
            value_from_json(field, told["old"]),
            value_from_json(field, told["new"]),
            told["source"],
            told.get("edition"),
        )


def value(metadata: Metadata, field: Field) -> Value:
    """Return one field as it is."""
    return cast("Value", getattr(metadata, field))


def is_empty(known: Value) -> bool:
    """Return whether a value says nothing: None, blank text, or a list without a filled entry."""
    if known is None:
        return True
    if isinstance(known, str):
        return not known.strip()
    return not any(str(getattr(each, "name", each)).strip() for each in known)


def changed(metadata: Metadata, changes: Iterable[Change]) -> Metadata:
    """Return *metadata* with the new values of *changes*, later ones last."""
    return replace(metadata, **cast("dict[str, Any]", {c.field: c.new for c in changes}))


def still_valid(
    metadata: Metadata, changes: Iterable[Change]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Split *changes*, decided a while ago, into those whose old value still stands and the rest.

    An approval may come days after the question: what the user edited meanwhile stays.
    """
    told = tuple(changes)
    fresh = tuple(c for c in told if value(metadata, c.field) == c.old)
    return fresh, tuple(c for c in told if c not in fresh)


def value_to_json(known: Value) -> Any:
    """Return a value as JSON holds it: text, null, or a list of texts or {name, sequence}."""
    if not isinstance(known, tuple):
        return known
    return [
        {"name": each.name, "sequence": each.sequence} if isinstance(each, SeriesPlace) else each
        for each in known
    ]


def value_from_json(field: Field, told: Any) -> Value:
    """Read a value back exactly; null is the empty list where the field is a list."""
    if field == "series":
        return tuple(SeriesPlace(each["name"], each.get("sequence")) for each in told or ())
    if field in LISTS:
        return tuple(told or ())
    return cast("Value", told)


def to_json(metadata: Metadata) -> dict[str, Any]:
    """Return all twelve fields as JSON holds them; `from_json` restores them exactly."""
    return {field: value_to_json(value(metadata, field)) for field in FIELDS}


def from_json(told: Mapping[str, Any]) -> Metadata:
    """Read metadata back; fields that are not told are unknown, other keys are left alone."""
    return Metadata(**cast("dict[str, Any]", values_from_json(told)))


def values_from_json(told: Mapping[str, Any]) -> dict[Field, Value]:
    """Read only the fields that are told, as `books.last_written` keeps them."""
    return {field: value_from_json(field, told[field]) for field in FIELDS if field in told}


def same(shown: Value, asked: Value) -> bool:
    """Return whether the library shows what it was asked to hold.

    Audiobookshelf trims names, keeps a list's old order or letter case where only that changed,
    and cleans HTML: none of these means that a write was not taken.
    """
    if isinstance(shown, tuple) or isinstance(asked, tuple):
        return sorted(map(_key, shown or ())) == sorted(map(_key, asked or ()))
    return _text(shown) == _text(asked)


def completeness(metadata: Metadata) -> float:
    """Return how complete a book is, in percent, 0 to 100.

    title, authors, narrators, description 15 each; published year 10; genres, language 8 each;
    an identifier (ISBN or ASIN, either is enough) 8; publisher 6. Subtitle and series count
    nothing, because many books rightly have none.
    """
    filled = sum(w for field, w in WEIGHTS.items() if not is_empty(value(metadata, field)))
    known = not (is_empty(metadata.isbn) and is_empty(metadata.asin))
    return float(filled + (IDENTIFIER_WEIGHT if known else 0))


def _known(field: str) -> Field:
    if field not in FIELDS:
        raise KeyError(field)
    return field


def _key(entry: str | SeriesPlace) -> tuple[str, str]:
    if isinstance(entry, SeriesPlace):
        return _text(entry.name).casefold(), _text(entry.sequence)
    return _text(entry).casefold(), ""


def _text(known: object) -> str:
    bare = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", " ", str(known or "")))
    return " ".join(unicodedata.normalize("NFC", bare).split())
