"""Home: what needs the user, what runs now as a picture, what comes next, what was of late."""

from datetime import UTC, datetime
from typing import Any

from api.pages import words
from api.pages.visit import Page, Shown, Visit
from api.triggers import startable
from pipeline.db import Transaction
from pipeline.schedule import Schedule

MOST_RUNS = 6
MOST_LINES = 6
JOURNEY = 3  # stages


async def show(visit: Visit) -> Shown:
    """Show the installation at a glance."""
    async with visit.db() as db:
        running, more = await _running(db)
        shown = {
            "running": running,
            "resting": None if running else await _resting(visit, db),
            "more": more,
            "library": await db.row("stats.library"),
            "lately": await _lately(db),
            "coming": await _coming(visit, db),
            "needs": [*await _needs(db), *_sandbox(visit)],
            "chains": {name: flow.stages for name, flow in visit.desk.workflows.items()},
        }
    return shown | {"now": datetime.now(UTC)}


async def _running(db: Transaction) -> tuple[list[dict[str, Any]], int]:
    """Return the oldest open runs with what stands where, and how many more there are."""
    listed: list[dict[str, Any]] = []
    total = 0
    for status in ("running", "scheduled"):
        rows = await db.rows(
            "views.runs", status=status, workflow=None, descending=False, limit=MOST_RUNS, offset=0
        )
        total += rows[0]["total"]
        listed += [row for row in rows if row["id"] is not None]
    runs = [row["id"] for row in listed[:MOST_RUNS]]
    states = await db.rows("views.run_states", runs=runs, since=None) if runs else []
    return states, total - len(states)


async def _resting(visit: Visit, db: Transaction) -> dict[str, Any] | None:
    """Return the last run that was a journey of books, to be shown while nothing runs."""
    chains = visit.desk.workflows
    for row in await db.rows("stats.history"):
        flow = chains.get(row["workflow"])
        if flow is not None and len(flow.stages) >= JOURNEY:
            states = await db.rows("views.run_states", runs=[row["id"]], since=None)
            return states[0] if states else None
    return None


async def _lately(db: Transaction) -> list[dict[str, Any]]:
    rows = await db.rows("stats.history")
    return [row for row in rows if row["actual_end"] is not None][:MOST_LINES]


async def _coming(visit: Visit, db: Transaction) -> list[dict[str, Any]]:
    """Return what the clock or a person may start, in the order in which it is due."""
    planned = {row.task_name: row for row in await db.all(Schedule, "schedules.overview")}
    names = startable(visit.desk.workflows)
    last = datetime.max.replace(tzinfo=UTC)
    order = sorted(
        names, key=lambda n: (planned[n].next_run_at or last if n in planned else last, n)
    )
    return [{"workflow": name, "schedule": planned.get(name)} for name in order]


async def _needs(db: Transaction) -> list[dict[str, str]]:
    """Return what waits for the user, the most pressing first."""
    found = [
        _need(
            "bad", f"{words.service(row['name'])} cannot be reached", row["last_error"], "/system"
        )
        for row in await db.rows("stats.services")
        if row["left_alone"] or (row["failures"] or 0) > 1
    ]
    found += [_trouble(row) for row in await db.rows("pages_home.troubles")]
    rows = await db.rows(
        "views.approvals", status="open", kind=None, descending=True, limit=3, offset=0
    )
    if rows[0]["total"]:
        some = "; ".join(row["title"] for row in rows)
        title = words.counted(rows[0]["total"], "question for you", "questions for you")
        found.append(_need("warm", title, some, "/metadata/approvals"))
    for row in await db.rows("steps.waiting_reasons", limit=MOST_LINES):
        waits = "waits" if row["steps"] == 1 else "wait"
        title = f"{words.counted(row['steps'], 'book')} {waits} at {words.stage(row['stage'])}"
        found.append(_need("cool", title, row["reason"], "/activity"))
    return found


def _trouble(row: dict[str, Any]) -> dict[str, str]:
    """Say what cannot go on without the user, and where it is told what to do."""
    to = "/activity" if row["what"] == "tracker" else "/system"
    return _need("bad", row["about"], row["message"], to)


def _sandbox(visit: Visit) -> list[dict[str, str]]:
    """Say that all this is played, and where to set up what is real."""
    if not (visit.desk.settings.in_sandbox and visit.may("admin")):
        return []
    about = "Stand-ins play all services over a small library, until you set up your own."
    return [_need("cool", "This is the sandbox", about, "/guide")]


def _need(kind: str, title: str, detail: str | None, to: str) -> dict[str, str]:
    return {"kind": kind, "title": title, "detail": detail or "", "to": to}


PAGES = (Page("/", show, "home.html", "Home", "home"),)
