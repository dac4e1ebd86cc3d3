"""Activity: what is downloading, what was, what is blocked, what failed."""

from typing import Any, Literal

from pydantic import Field

from api.library import parted
from api.pages.visit import Listing, Page, Shown, Visit
from pipeline.db import Transaction
from pipeline.domain.remedies import ACCOUNT_REFUSED

LARGEST = 2**63 - 1


class History(Listing):
    """Which settled downloads."""

    outcome: Literal["imported", "refused", "failed"] | None = None


class Failures(Listing):
    """Which failures."""

    code: str | None = Field(None, max_length=60, pattern=r"^\w+$")


async def queue(visit: Visit) -> Shown:
    """Show what is on its way, with progress, speed and time left."""
    async with visit.db() as db:
        total, rows = parted(await db.rows("pages_activity.queue", **visit.query.window))
        waiting = await db.rows("steps.waiting_reasons", limit=20)
    refused = any(row["tracker_trouble"] == "account" for row in rows)
    advice = ACCOUNT_REFUSED if refused else ""
    return {"total": total, "downloads": rows, "waiting": waiting, "advice": advice}


async def history(visit: Visit) -> Shown:
    """Show the downloads that came to an end."""
    query: History = visit.query
    async with visit.db() as db:
        total, rows = parted(
            await db.rows("pages_activity.history", outcome=query.outcome, **query.window)
        )
    return {"total": total, "downloads": rows}


async def blocklist(visit: Visit) -> Shown:
    """Show the releases that are not tried again."""
    async with visit.db() as db:
        total, rows = parted(
            await db.rows("views.blocklist", book_id=None, descending=True, **visit.query.window)
        )
    return {"total": total, "blocked": rows}


async def failed(visit: Visit) -> Shown:
    """Show the permanent ledger of failures, and how often each reason stands in it."""
    query: Failures = visit.query
    async with visit.db() as db:
        codes = await db.rows("pages_activity.reasons")
        total, rows = parted(
            await db.rows(
                "views.failures",
                workflow=None,
                code=query.code,
                descending=True,
                **query.window,
            )
        )
        names = await _names(db, [row["item_id"] for row in rows])
    for row in rows:
        row["about"] = names.get(row["item_id"])
    return {"total": total, "failures": rows, "codes": codes}


async def _names(db: Transaction, items: list[str]) -> dict[str, dict[str, Any]]:
    """Return what items of the ledger are called; an item is the key of an event."""
    told = {item: _kind(item) for item in items}
    wanted: dict[str, list[Any]] = {"books": [], "items": [], "series": [], "authors": []}
    for kind, key in told.values():
        wanted[{"book": "books", "item": "items", "author": "authors"}.get(kind, kind)].append(key)
    found = {
        (row["kind"], row["key"]): row for row in await db.rows("pages_activity.names", **wanted)
    }
    return {item: row for item, (kind, key) in told.items() if (row := found.get((kind, str(key))))}


def _kind(item: str) -> tuple[str, int | str]:
    """Say what an item is: `series:7`, a book's number (with its attempt), or a library item."""
    head, _, rest = item.partition(":")
    if head in {"series", "author"} and _number(rest):
        return head, int(rest)
    return ("book", int(head)) if _number(head) else ("item", item)


def _number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 20 and int(text) <= LARGEST  # noqa: PLR2004  # bigint


PAGES = (
    Page("/activity", queue, "queue.html", "Queue", "activity", Listing),
    Page("/activity/history", history, "history.html", "History", "activity", History),
    Page("/activity/blocklist", blocklist, "blocklist.html", "Blocklist", "activity", Listing),
    Page("/activity/failed", failed, "failed.html", "Failed", "activity", Failures),
)
