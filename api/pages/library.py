"""The library: books owned and wanted, and everything that is known of one book."""

from typing import Any, Literal

from api.errors import Refused
from api.library import parted
from api.pages import words
from api.pages.lists import found, reasons
from api.pages.serving import back
from api.pages.visit import Action, Done, Listing, Page, Query, Shown, Visit
from pipeline import rollback
from pipeline.db import Transaction
from pipeline.domain.metadata import FIELDS

LATEST = 50
_UNTOLD = {"duration_seconds": None, "size_bytes": None}  # by a search


class Books(Listing):
    """Which books."""

    state: Literal["owned", "wanted", "gone", "all"] = "owned"
    sort: Literal["title", "newest", "least"] = "title"


async def listed(visit: Visit) -> Shown:
    """Show the books of the library, or those that hold the words looked for."""
    query: Books = visit.query
    async with visit.db() as db:
        if query.q:
            total, rows = await found(db, "views.find_books", query.q, query.window, more=1)
            rows = [_UNTOLD | row | {"added": row["date_added"]} for row in rows]
        else:
            total, rows = parted(
                await db.rows(
                    "pages_library.books", state=query.state, sort=query.sort, **query.window
                )
            )
    return {"total": total, "books": rows}


async def one(visit: Visit) -> Shown:
    """Show one book: its fields and who says so, its downloads, its releases, its corrections."""
    book_id: int = visit.path["id"]
    some = {"limit": LATEST, "offset": 0}
    async with visit.db() as db:
        book = await db.row("pages_library.book", id=book_id)
        if book is None:
            raise Refused(404, "There is no such book.")
        about = {"book_id": book_id, "descending": True, **some}
        latest = await db.row("pages_library.last_search_of_book", id=book_id)
        shown = {
            "places": await db.rows("pages_library.places_of_book", id=book_id),
            "gaps": await db.rows("pages_library.gaps_of_book", id=book_id),
            "downloads": parted(await db.rows("views.downloads", status=None, **about))[1],
            "corrections": parted(await db.rows("views.corrections", run_id=None, **about))[1],
            "blocked": parted(await db.rows("views.blocklist", **about))[1],
            "searches": await _searches(db, book_id),
        }
    metadata = book["metadata"] or {}
    sources = book["metadata_source"] or {}
    fields = [(name, words.told(metadata.get(name)), sources.get(name)) for name in FIELDS]
    changed = {row["field"] for row in shown["corrections"] if _stands(row)}
    about_it = {"title": book["title"], "book": book, "fields": fields, "changed": changed}
    return {**about_it, "latest": latest, **shown}


async def _searches(db: Transaction, book_id: int) -> list[dict[str, Any]]:
    """Return the searches for a book, the newest first, each with the releases that it found."""
    _, rows = parted(
        await db.rows("views.decisions", book_id=book_id, verdict=None, limit=100, offset=0)
    )
    searches: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        head = {"run_id": row["run_id"], "at": row["decided_at"], "releases": []}
        found = searches.setdefault(row["run_id"], head)
        found["releases"].append(row | {"refusals": reasons(row["refusals"])})
    return list(searches.values())


def _stands(correction: dict[str, Any]) -> bool:
    return correction["undone_at"] is None and correction["undoes_id"] is None


async def take_back(visit: Visit) -> Done:
    """Take back the corrections of a book, or the last one of a field of it."""
    book_id: int = visit.path["id"]
    name = visit.text("field")
    pool, user = visit.desk.pool, visit.user_id
    if name:
        run = await rollback.field(pool, user, book_id, name)
    else:
        run = await rollback.book(pool, user, book_id)
    what = f"the {words.field(name).lower()}" if name else "everything that we changed"
    return Done(back(visit.request, f"/books/{book_id}"), f"Taking back {what}: run {run.id}.")


PAGES = (
    Page("/library", listed, "library.html", "Library", "library", Books),
    Page("/books/{id:int}", one, "book.html", "Book", "library", Query),
)
ACTIONS = (Action("/books/{id:int}/rollback", take_back),)
