"""Series: how complete each is, with its positions drawn; and one in full."""

from typing import Any, Literal

from api.errors import Refused
from api.library import LONGEST_LIST, by_holder, parted
from api.pages.charts import PLACES
from api.pages.lists import MOST_WORKS, found
from api.pages.visit import Listing, Page, Query, Shown, Visit

ON_A_PAGE = 25


class Several(Listing):
    """Which series."""

    size: int = ON_A_PAGE
    status: Literal["complete", "incomplete", "unlisted", "unknown"] | None = None
    sort: Literal["name", "missing"] = "name"


async def listed(visit: Visit) -> Shown:
    """Show the series, each with a bar of its positions."""
    query: Several = visit.query
    async with visit.db() as db:
        if query.q:
            total, rows = await found(db, "views.find_series", query.q, query.window)
        else:
            total, rows = parted(
                await db.rows(
                    "pages_series.series", status=query.status, sort=query.sort, **query.window
                )
            )
        ids = [row["id"] for row in rows]
        works = await by_holder(db, "pages_series.works", ids, MOST_WORKS)
        owned = await by_holder(
            db, "views.books_of_series", [each for each in ids if each not in works], MOST_WORKS
        )
    for row in rows:
        row["works"] = counted_in(works.get(row["id"], [])) or held(owned.get(row["id"], []))
    return {"total": total, "series": rows, "legend": PLACES}


async def one(visit: Visit) -> Shown:
    """Show one series: every work of it with its state and why."""
    number: int = visit.path["id"]
    async with visit.db() as db:
        row = await db.row("pages_series.one", id=number)
        if row is None:
            raise Refused(404, "There is no such series.")
        works = (await by_holder(db, "pages_series.works", [number], MOST_WORKS)).get(number, [])
        owned = await db.rows("views.books_of_series", ids=[number], most=LONGEST_LIST)
    counted = counted_in(works)
    known = {work["book_id"] for work in counted}
    return {
        "title": row["name"],
        "one": row,
        "works": counted,
        "drawn": counted or held(owned),
        "aside": [work for work in works if work not in counted],
        "also": [book for book in owned if book["id"] not in known],
        "legend": PLACES,
    }


def counted_in(works: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the works that count towards completion, or that a person does not want."""
    return [work for work in works if work["status"] != "ignored"]


def held(books: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return owned books as places, for a series whose list nobody has compared yet."""
    return [
        {"position": book["sequence"], "title": book["title"], "state": "owned"} for book in books
    ]


PAGES = (
    Page("/series", listed, "series_list.html", "Series", "series", Several),
    Page("/series/{id:int}", one, "series.html", "Series", "series", Query),
)
