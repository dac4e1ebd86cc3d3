"""Authors: how much of each is owned, and one in full."""

from typing import Any, Literal

from api.errors import Refused
from api.library import LONGEST_LIST, by_holder, parted
from api.pages.charts import PLACES
from api.pages.lists import MOST_WORKS, found
from api.pages.series import counted_in
from api.pages.visit import Listing, Page, Query, Shown, Visit


class Several(Listing):
    """Which authors."""

    status: Literal["missing", "unchecked"] | None = None
    sort: Literal["name", "missing"] = "name"


async def listed(visit: Visit) -> Shown:
    """Show the authors with what is owned and missing of each."""
    query: Several = visit.query
    async with visit.db() as db:
        if query.q:
            total, rows = await found(db, "views.find_authors", query.q, query.window)
        else:
            total, rows = parted(
                await db.rows(
                    "pages_authors.authors", status=query.status, sort=query.sort, **query.window
                )
            )
        ids = [row["id"] for row in rows]
        owned = await db.rows("pages_authors.owned", ids=ids)
    books = {row["id"]: row["books"] for row in owned}
    for row in rows:
        row["books"] = books.get(row["id"], 0)
    return {"total": total, "authors": rows}


async def one(visit: Visit) -> Shown:
    """Show one author: the books owned, the works missing and why."""
    number: int = visit.path["id"]
    async with visit.db() as db:
        row = await db.row("pages_authors.one", id=number)
        if row is None:
            raise Refused(404, "There is no such author.")
        works = (await by_holder(db, "pages_authors.works", [number], MOST_WORKS)).get(number, [])
        owned = await db.rows("views.books_of_authors", ids=[number], most=LONGEST_LIST)
        gaps = await db.rows("views.missing_of_authors", ids=[number], most=LONGEST_LIST)
    counted = counted_in(works)
    return {
        "title": row["name"],
        "one": row,
        "works": [work for work in counted if work["state"] != "owned"] or _as_works(gaps),
        "drawn": counted,
        "aside": [work for work in works if work not in counted],
        "books": owned,
        "legend": PLACES,
    }


def _as_works(gaps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return gaps, of series too, as works, for an author whose list nobody has compared yet."""
    states = {"queued": "coming", "downloading": "coming", "failed": "refused"}
    seen: dict[int, dict[str, Any]] = {}
    for gap in gaps:
        status = gap["download_status"]
        seen.setdefault(
            gap["book_id"],
            gap | {"state": states.get(status, status), "note": "", "sources": []},
        )
    return list(seen.values())


PAGES = (
    Page("/authors", listed, "authors.html", "Authors", "authors", Several),
    Page("/authors/{id:int}", one, "author.html", "Author", "authors", Query),
)
