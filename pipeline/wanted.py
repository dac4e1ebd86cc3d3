"""Between our rows of books and the nouns that judgement speaks of."""

from collections.abc import Sequence
from typing import Any

from pipeline.db import Database
from pipeline.domain import metadata as fields_of
from pipeline.domain.models import Metadata, OwnedBook, SeriesPlace, WantedBook, Work
from pipeline.library import display


def owned(row: dict[str, Any]) -> OwnedBook:
    """Return a row of an owned book as comparing sees it."""
    about = fields_of.from_json(row["metadata"])
    return OwnedBook(
        book_id=row["id"],
        title=about.title or row["title"],
        authors=about.authors,
        subtitle=about.subtitle,
        series=about.series,
        isbn=about.isbn,
        asin=about.asin,
        goodreads_work=row["identifiers"].get("goodreads_work"),
        language=about.language,
    )


def wanted(row: dict[str, Any]) -> WantedBook:
    """Return a row of a wanted book as the search for a release sees it."""
    about = fields_of.from_json(row["metadata"])
    return WantedBook(
        book_id=row["id"],
        title=about.title or row["title"],
        authors=about.authors or tuple(filter(None, [row["author"]])),
        subtitle=about.subtitle,
        series=about.series,
        isbn=row["isbn"],
        asin=row["asin"],
        narrators=about.narrators,
        language=about.language,
        duration_seconds=row["duration_seconds"],
        alternative_titles=tuple(row["identifiers"].get("alternative_titles", ())),
    )


async def put(db: Database, work: Work) -> int:
    """Write a wanted book for *work*, or find the row that it already has; return its id."""
    about = Metadata(
        title=work.title,
        subtitle=work.subtitle,
        authors=work.authors,
        series=work.series,
        published_year=(work.published or "")[:4] or None,
        language=work.language,
        isbn=work.isbns[0] if work.isbns else None,
        asin=work.asin,
    )
    book: int = await db.value(
        "books.put_wanted",
        **display(about),
        metadata=fields_of.to_json(about),
        identifiers=identifiers(work),
        duration_seconds=None,
    )
    return book


def places(series: Sequence[SeriesPlace]) -> str:
    """Return a book's series for reading: "Mistborn #1"."""
    return ", ".join(f"{p.name} #{p.sequence}" if p.sequence else p.name for p in series)


def identifiers(work: Work) -> dict[str, Any]:
    """Return the ids of *work* in other catalogues, as `books.identifiers` keeps them."""
    found: dict[str, Any] = {
        "goodreads_work": work.goodreads_work,
        "goodreads_book": work.goodreads_book,
        "google_id": work.google_id,
        "alternative_titles": list(work.alternative_titles),
    }
    return {name: value for name, value in found.items() if value}


__all__ = ["identifiers", "owned", "places", "put", "wanted"]
