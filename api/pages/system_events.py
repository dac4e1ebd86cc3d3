"""System, Events: what all runs have written into their logs, the newest first."""

from typing import Literal

from pydantic import Field

from api.contract import LARGEST_ID
from api.pages.visit import Page, Query, Shown, Visit

LINES = 50


class Events(Query):
    """Which lines: those before one, of one level or of all."""

    before: int | None = Field(None, ge=1, le=LARGEST_ID)
    level: Literal["warning", "error", "trouble"] | None = None


async def events(visit: Visit) -> Shown:
    """Show a page of lines; one more is asked for, to know whether there are older ones."""
    query: Events = visit.query
    which = {"before": query.before or LARGEST_ID, "limit": LINES + 1}
    async with visit.db() as db:
        if query.level is None:
            rows = await db.rows("system.events", **which)
        else:
            level = None if query.level == "trouble" else query.level
            rows = await db.rows("system.troubles", level=level, **which)
    return {"lines": rows[:LINES], "older": rows[LINES - 1]["id"] if len(rows) > LINES else None}


PAGES = (Page("/system/events", events, "system_events.html", "Events", "system", query=Events),)
