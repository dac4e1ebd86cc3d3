"""Bring what a source says of a book into the one form in which we write it to a library.

Only sources' values are tidied. What the library already holds is kept byte for byte, and is
tidied for comparing only: a value that means the same is never rewritten.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

import nh3

from pipeline.domain.identifiers import asin_kind, isbn13
from pipeline.domain.languages import language_code
from pipeline.domain.metadata import FIELDS, Value, is_empty, value
from pipeline.domain.models import Field, Metadata, SeriesPlace

# What Audiobookshelf itself keeps of a description; anything more it would strip again.
TAGS: Final = {"p", "br", "ol", "ul", "li", "a", "strong", "em", "b", "i", "del"}
_CLEANER: Final = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href", "name"}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
LONGEST_DESCRIPTION: Final = 20_000  # characters; the longest blurbs seen have 6,000
MOST_GENRES: Final = 10

_WRITES: Final = frozenset(["author", "writer", "written", "creator", "pseudonym"])
_HELPS: Final = frozenset(
    re.findall(
        r"\w+",
        "narrator narrated reader read performer performed translator translated translation editor"
        " edited illustrator illustrated illustrations introduction introductions intro foreword"
        " afterword preface notes contributor adapter adapted adaptation director producer composer"
        " cover designer photographer",
    )
)
_IN_BRACKETS: Final = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_AFTER_DASH: Final = re.compile(
    rf"\s+[-\u2013\u2014]\s+((?:goodreads )?(?:{'|'.join(sorted(_WRITES | _HELPS))})\b.*)$",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(r"^(?:written by|narrated by|read by|by)\s+", re.IGNORECASE)
_SUFFIXES: Final = re.compile(r"(?i)^(jr|sr|i{2,3}|iv|ph\.?\s?d|m\.?d|esq|llc|inc|ltd|gmbh|co)\.?$")
_INVISIBLE: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NOT_GENRES: Final = frozenset(
    {"general", "audiobook", "audiobooks", "audio", "audible audio", "books", "book", "other",
     "unknown", "none", "ebook", "ebooks", "kindle"}
)  # fmt: skip
_NUMBERED: Final = re.compile(r"^(?:#|no\.?|nr\.?|book|volume|vol\.?|band)\s*(?=\d)", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2}|2100)(?!\d)")


def tidy(metadata: Metadata) -> Metadata:
    """Return what a source says with every field in our form; saying it twice changes nothing."""
    return Metadata(
        **cast("dict[str, Any]", {f: tidy_value(f, value(metadata, f)) for f in FIELDS})
    )


def tidy_value(field: Field, known: Value) -> Value:
    """Return one field's value in our form; None or () when nothing of it can be used."""
    if field == "series":
        return _places(cast("tuple[SeriesPlace, ...]", known or ()))
    if field in _LISTS:
        return _LISTS[field](cast("tuple[str, ...]", known or ()))
    return _TEXTS.get(field, text)(cast("str", known)) if known else None


def agree(field: Field, one: Value, other: Value) -> bool:
    """Return whether two values mean the same, whatever their case, order or notation."""
    left, right = tidy_value(field, one), tidy_value(field, other)
    if is_empty(left) or is_empty(right):
        return is_empty(one) and is_empty(other)
    return _meaning(left) == _meaning(right)


def text(known: str) -> str | None:
    """Return one line: composed (NFC), no control or direction marks, single blanks; or None."""
    return " ".join(_printable(known).split()) or None


def description(known: str) -> str | None:
    """Return a blurb as sanitised HTML or plain text with its paragraphs; None when it is blank."""
    printable = re.sub(r"[^\S\n]+", " ", _printable(known))
    short = printable[:LONGEST_DESCRIPTION]
    clean = re.sub(r" ?\n ?", "\n", _CLEANER.clean(short))
    clean = re.sub(r"\n{3,}", "\n\n", clean).strip()
    return clean if plain(clean) else None


def plain(known: str) -> str:
    """Return the words of a description without its markup, single blanks between them."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", known)).split())


def people(names: Iterable[str], *, writers_only: bool) -> tuple[str, ...]:
    """Return names without their roles, each once; of `writers_only`, others' roles drop the name.

    "Tolkien, J.R.R." is turned round; "Robin Hobb - translator", "Tim Robbins (Narrator)" are read
    as names with a role.
    """
    found: dict[str, str] = {}
    for each in names:
        name, helps = _bare(text(each) or "")
        if name and not (writers_only and helps):
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def asin(known: str) -> str | None:
    """Return an ASIN of Amazon's own; None for others, paper books' "ASINs" being ISBN-10s."""
    return known.strip().upper() if asin_kind(known) == "amazon" else None


def year(known: str) -> str | None:
    """Return the first four-digit year, 1000 to 2100, of a date in any notation."""
    found = _YEAR.search(known)
    return found[1] if found else None


def genres(names: Iterable[str]) -> tuple[str, ...]:
    """Split "Fiction / Fantasy / Epic" into genres, each once, without "General" and formats."""
    found: dict[str, str] = {}
    for each in names:
        for piece in re.split(r"\s*[/>|;]\s*", _printable(each)):
            name = text(piece.strip(" .,-")) or ""
            if name and name.casefold() not in _NOT_GENRES:
                found.setdefault(name.casefold(), _capital(name))
    return tuple(found.values())[:MOST_GENRES]


def _printable(known: str) -> str:
    kept = (c if unicodedata.category(c) not in {"Cc", "Cs"} or c == "\n" else " " for c in known)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", "".join(kept)))


def _bare(name: str) -> tuple[str, bool]:
    """Return a name without what is printed around it, and whether that makes it a helper's."""
    roles: set[str] = set()
    before = None
    while name != before:
        before = name
        name = _LEADING.sub("", name).strip(" ,;")
        for pattern in (_IN_BRACKETS, _AFTER_DASH):
            if found := pattern.search(name):
                name = name[: found.start()]
                roles.update(re.findall(r"[a-z]+", found[1].casefold()))
        name = _turned(name.strip(" ,;"))
    return name, bool(roles & _HELPS) and not roles & _WRITES


def _turned(name: str) -> str:
    last, comma, first = (part.strip() for part in name.partition(","))
    if not comma or "," in first or not first or not last or _SUFFIXES.match(first):
        return name
    return f"{first} {last}" if len(first.split()) + len(last.split()) <= 4 else name  # noqa: PLR2004 - "Le Guin, Ursula K."; longer ones are institutions


def _places(places: Iterable[SeriesPlace]) -> tuple[SeriesPlace, ...]:
    found: dict[str, SeriesPlace] = {}
    for place in places:
        name = text(place.name)
        if not name:
            continue
        sequence = _NUMBERED.sub("", text(place.sequence or "") or "") or None
        known = found.get(name.casefold())
        if known is None or (known.sequence is None and sequence):
            found[name.casefold()] = SeriesPlace(known.name if known else name, sequence)
    return tuple(found.values())


def _capital(name: str) -> str:
    return name.title() if name.islower() or (name.isupper() and len(name) > 4) else name  # noqa: PLR2004 - "YA", "LGBT" stay


def _meaning(known: Value) -> object:
    if isinstance(known, str):
        return plain(known).casefold()
    return frozenset(
        (each.name.casefold(), each.sequence) if isinstance(each, SeriesPlace) else each.casefold()
        for each in known or ()
    )


_LISTS: Final[dict[Field, Callable[[tuple[str, ...]], tuple[str, ...]]]] = {
    "authors": lambda names: people(names, writers_only=True),
    "narrators": lambda names: people(names, writers_only=False),
    "genres": genres,
}
_TEXTS: Final[dict[Field, Callable[[str], str | None]]] = {
    "description": description,
    "published_year": year,
    "language": language_code,
    "isbn": isbn13,
    "asin": asin,
}
