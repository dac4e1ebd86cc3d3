"""System, Status: how each service fares, how fast it may be asked, what the house is doing."""

from importlib.metadata import version
from typing import Any

from api.errors import Refused
from api.pages import words
from api.pages.visit import Action, Done, Page, Shown, Visit
from pipeline import examination, wiring
from pipeline.domain import remedies
from pipeline.services import Services


async def status(visit: Visit) -> Shown:
    """Show every service, the database, the queue and the workers."""
    configured = (await effective(visit)).configured()
    async with visit.db() as db:
        rows = await db.rows("system.services", services=list(remedies.NAMES))
        database = await db.row("stats.database")
        queue = await db.row("stats.queue")
        rates = await db.rows("stats.reasons")
    async with visit.desk.pool.system() as db:
        workers = await db.value("system.workers")
    return {
        "services": [_service(visit, row, on=configured[row["service"]]) for row in rows],
        "database": database,
        "queue": queue,
        "workers": workers,
        "reasons": rates,
        "version": version("bookrunner"),
        "in_sandbox": visit.desk.settings.in_sandbox,
    }


async def ask(visit: Visit) -> Done:
    """Ask one service the real question, now."""
    name: str = visit.path["service"]
    if name not in examination.QUESTIONS:
        raise Refused(404)
    desk = visit.desk
    services = await effective(visit)
    async with wiring.trial(desk.settings, desk.pool, desk.vault, visit.user_id, services) as tools:
        found = await examination.examine_one(name, tools)
    said = f"{found.about}: {found.said}."
    return Done("/system", said if found.good else f"{said} {found.advice}", good=found.good)


async def effective(visit: Visit) -> Services:
    """Return the services that are asked: in the sandbox its stand-ins, whatever is stored."""
    if visit.desk.settings.in_sandbox:
        return visit.desk.given
    return await visit.desk.services(visit.user_id)


def _service(visit: Visit, row: dict[str, Any], *, on: bool) -> dict[str, Any]:
    state = "unknown"
    if not on:
        state = "off"
    elif row["left_alone"]:
        state = "left_alone"
    elif row["failures"]:
        state = "failing"
    elif row["last_success_at"]:
        state = "ok"
    return {
        **row,
        "name": remedies.NAMES[row["service"]],
        "state": state,
        "pace": _pace(row["every_seconds"], row["burst"]),
        "budget": _budget(visit, row) if on else "",
    }


def _pace(every: float | None, burst: int | None) -> str:
    """Say a pace in words; empty for a service that sets none, or was not asked yet."""
    if every is None:
        return ""
    if every < 1:
        said = f"up to {words.number(1 / every)} a second"
    else:
        said = f"one every {words.duration(every)}"
    return f"{said}, {burst} at once after a rest" if burst and burst > 1 and every >= 1 else said


def _budget(visit: Visit, row: dict[str, Any]) -> str:
    if row["used"] is None:
        return ""
    most = visit.desk.settings.google_books_daily if row["service"] == "google_books" else None
    return f"{words.number(row['used'])}{f' of {words.number(most)}' if most else ''} today"


PAGES = (Page("/system", status, "system.html", "System", "system"),)
ACTIONS = (Action("/system/services/{service}/ask", ask),)
