"""The user's library as we remember it: reads Audiobookshelf's items into our tables.

A stage asks for a `Library` and says what it wants kept; pages are written one by one, each in a
transaction of its own, so that a library of 100,000 books needs neither memory nor a long
transaction, and a reading that was cut short is simply read again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.clients.audiobookshelf import Audiobookshelf, Item, ItemSummary
from pipeline.db import StepDatabase, Transaction
from pipeline.domain import keys
from pipeline.domain import metadata as fields_of
from pipeline.domain.models import Metadata, SeriesPlace

PAGE = 100  # items that one call describes and one transaction writes


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the library found: `seen` items, of which `changed` were written anew."""

    seen: int
    changed: int
    gone: int


class Library:
    """One user's library in Audiobookshelf."""

    def __init__(self, audiobookshelf: Audiobookshelf, name: str = "") -> None:
        self.audiobookshelf, self.name = audiobookshelf, name
        self._id: str | None = None

    async def id(self) -> str:
        """Return the id of the library of audiobooks that the user named, or of the first one."""
        if self._id is None:
            self._id = (await self.audiobookshelf.book_library(self.name)).id
        return self._id

    async def read(self, db: StepDatabase) -> Reading:
        """Bring our tables up to date with every item of the library."""
        library = await self.id()
        known = {
            row["abs_id"]: row for row in await db.rows("books.known_items", library_id=library)
        }
        seen: set[str] = set()
        changed = 0
        page: list[str] = []
        async for item in self.audiobookshelf.items(library):
            seen.add(item.id)
            if _is_news(item, known.get(item.id)):
                page.append(item.id)
            if len(page) == PAGE:
                changed += await self._keep_page(db, page)
                page = []
        changed += await self._keep_page(db, page)
        gone = sorted(
            key for key, row in known.items() if key not in seen and not row["is_missing"]
        )
        if gone:
            await db.at_once("books.mark_gone", items=gone)
        return Reading(len(seen), changed, len(gone))

    async def keep(self, db: StepDatabase, items: Sequence[Item]) -> dict[str, int]:
        """Write *items* to our tables at once; return the book id of each item id."""
        async with db.apart() as apart:
            return await keep(apart, items)

    async def _keep_page(self, db: StepDatabase, ids: Sequence[str]) -> int:
        if not ids:
            return 0
        await self.keep(db, await self.audiobookshelf.details(ids))
        return len(ids)


async def keep(db: Transaction, items: Sequence[Item]) -> dict[str, int]:
    """Write *items*, their series and authors, in the caller's transaction; twice is fine."""
    rows = await db.rows("books.put_items", items=json.dumps([_row(item) for item in items]))
    books: dict[str, int] = {row["abs_id"]: row["id"] for row in rows}
    await db.do("books.unlink", books=list(books.values()))
    shelved = [(books[item.id], item.metadata) for item in items if item.id in books]
    await link(db, shelved)
    return books


async def link(db: Transaction, books: Iterable[tuple[int, Metadata]]) -> None:
    """Write where *books* (id and metadata) stand: their series and authors."""
    shelved = list(books)
    series = await _ids(db, "put_series", "series", _series_rows(shelved))
    authors = await _ids(db, "put_authors", "authors", _author_rows(shelved))
    places: dict[tuple[int, int], dict[str, Any]] = {}
    for book, about in shelved:
        for place in about.series:
            if key := keys.series_key(place.name):  # two spellings of one series are one place
                row = {"book_id": book, "series_id": series[key], "sequence": place.sequence}
                places.setdefault((book, series[key]), row)
    written = [
        {"book_id": book, "author_id": authors[key]}
        for book, about in shelved
        for name in about.authors
        if (key := keys.author_key(name)) in authors
    ]
    await db.do("books.link_series", links=json.dumps(list(places.values())))
    await db.do("books.link_authors", links=json.dumps(written))


def display(about: Metadata) -> dict[str, Any]:
    """Return the columns of `books` that are read by people, from the twelve fields."""
    return {
        "title": about.title or "(untitled)",
        "author": ", ".join(about.authors),
        "series": ", ".join(_place(place) for place in about.series),
        "isbn": about.isbn,
        "asin": about.asin,
        "match_key": identity(about.title or "", about.authors),
        "search_text": keys.search_text(
            about.title or "", *about.authors, *(place.name for place in about.series)
        ),
    }


def identity(title: str, authors: Sequence[str]) -> str:
    """Return the key under which two rows are one book: the whole title and the first author.

    Stricter than what makes two books worth comparing: "Mistborn: Secret History" and "Mistborn:
    The Final Empire" share a main title and are two books. Empty without a title or an author.
    """
    title_key, author_key = keys.title_key(title), keys.author_key(authors[0]) if authors else ""
    return f"{title_key}|{author_key}" if title_key and author_key else ""


def _place(place: SeriesPlace) -> str:
    return f"{place.name} #{place.sequence}" if place.sequence else place.name


def _row(item: Item) -> dict[str, Any]:
    return {
        "abs_id": item.id,
        **display(item.metadata),
        "metadata": fields_of.to_json(item.metadata),
        "completeness": fields_of.completeness(item.metadata),
        "library_id": item.library_id,
        "path": item.path,
        "duration_seconds": item.duration_seconds,
        "size_bytes": item.size_bytes,
        "added_at": _text(item.added_at),
        "updated_at": _text(item.updated_at),
        "is_missing": item.is_missing,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _series_rows(books: Iterable[tuple[int, Metadata]]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for _, about in books:
        author = about.authors[0] if about.authors else ""
        for place in about.series:
            if key := keys.series_key(place.name):
                text = keys.search_text(place.name, author)
                row = {"name": place.name, "author": author, "match_key": key, "search_text": text}
                found.setdefault(key, row)
    return list(found.values())


def _author_rows(books: Iterable[tuple[int, Metadata]]) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for _, about in books:
        for name in about.authors:
            if key := keys.author_key(name):
                row = {"name": name, "match_key": key, "search_text": keys.search_text(name)}
                found.setdefault(key, row)
    return list(found.values())


async def _ids(
    db: Transaction, query: str, argument: str, rows: list[dict[str, str]]
) -> dict[str, int]:
    if not rows:
        return {}
    written = await db.rows(f"books.{query}", **{argument: json.dumps(rows)})
    return {row["match_key"]: row["id"] for row in written}


def _is_news(item: ItemSummary, known: dict[str, Any] | None) -> bool:
    if known is None:
        return True
    seen: tuple[object, object] = known["abs_updated_at"], known["is_missing"]
    return seen != (item.updated_at, item.is_missing)
