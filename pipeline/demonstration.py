"""Run all nine workflows on a fresh sandbox and tell what came of each, in numbers."""

import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline import progress, redownload, runs
from pipeline.events import BookShelved
from pipeline.house import House, open_house
from pipeline.runs import StartedRun
from pipeline.sandbox.catalogue import title_of
from pipeline.settings import Settings
from pipeline.working import working

COLUMNS = (
    "series",
    "owned",
    "missing",
    "unreleased",
    "refused",
    "downloaded",
    "imported",
    "linked",
)
COUNTS = ("compared", "wanted", "imported", "described", "corrected", "asked", "failed")
# What the demonstration's user wants: all of an author, and each of the three ways of a genre.
WISHES = {
    "authors": {"scope": "all"},
    "genres": [
        {"genre": "Adventure", "mode": "fetch"},
        {"genre": "Literary Classics", "mode": "ask"},
        {"genre": "Mystery", "mode": "list"},
    ],
}
BOUGHT = "The Way We Live Now"  # nobody offers it, so its owner puts it onto the shelf by hand
SEEDED_AGAIN = "A Fighting Man of Mars"  # refused at first, because nobody seeds it


@dataclass(frozen=True, slots=True)
class Told:
    """What a workflow came to: how it ended, in how many seconds, and its numbers by name."""

    workflow: str
    status: str
    seconds: float
    counts: Mapping[str, Any]


async def demo(settings: Settings, console: Console, *, keep: bool = False) -> int:
    """Run every workflow to its end; return 0, or 1 when one failed or a book is stuck."""
    folder = settings.data_dir / "demo"
    shutil.rmtree(folder / "sandbox", ignore_errors=True)
    given = settings.model_copy(update={"data_dir": folder, "database_url": "", "sandbox": "on"})
    told = []
    rows: list[dict[str, Any]] = []
    async with (
        open_house(given, lambda line: console.print(f"· {line}"), fresh=True) as house,
        working(house),
    ):
        async for each in every_workflow(house, console):
            told.append(each)
            rows = rows or await outcome(house)  # as SERIES, the first, has left it
    _print(console, rows)
    _print_workflows(console, told)
    stuck = [row for row in rows if row["stuck"]]
    for row in stuck:
        console.print(f"[red]stuck[/]: {row['stuck']} books of {row['series']}")
    if not keep:
        shutil.rmtree(folder / "sandbox", ignore_errors=True)
    return 0 if all(each.status == "completed" for each in told) and not stuck else 1


async def every_workflow(house: House, console: Console) -> AsyncIterator[Told]:
    """Run the nine workflows one after the other; a worker must be at work."""
    pool, user = house.pool, house.user.user_id
    yield await _one(house, console, "SERIES")
    async with pool.user(user) as db:
        await db.do("demonstration.prefer", settings=WISHES)
    for workflow in ("AUTHOR", "TOP10"):
        yield await _one(house, console, workflow)
    yield await _one(house, console, "REDOWNLOAD", await _seed_again(house))
    yield await _one(house, console, "IMPORTED", await _buy(house))
    for workflow in ("METADATA_FULL", "METADATA_NEW", "MAM", "CLEANUP"):
        yield await _one(house, console, workflow)


async def outcome(house: House) -> list[dict[str, Any]]:
    """Return a row for each series: what was owned, missing, and what became of it."""
    async with house.pool.user(house.user.user_id) as db:
        return await db.rows("series.outcome")


async def _one(
    house: House, console: Console, workflow: str, run: StartedRun | None = None
) -> Told:
    """Run a workflow to its end; *run* is the one that was started already."""
    pool, user = house.pool, house.user.user_id
    began = time.monotonic()
    run = run or await runs.start(pool, user, workflow)
    status = await progress.follow(pool, user, run.id, console)
    async with pool.user(user) as db:
        counts = await db.row("demonstration.of_run", run_id=run.id)
    return Told(workflow, status, time.monotonic() - began, counts or {})


async def _seed_again(house: House) -> StartedRun | None:
    """Let somebody seed a book again, and ask for it once more."""
    async with house.pool.user(house.user.user_id) as db:
        book = await db.value("demonstration.refused", title=SEEDED_AGAIN)
    if book is None or house.town is None:
        return None
    for indexer in (house.town.mam, house.town.prowlarr):
        for offer in title_of(SEEDED_AGAIN).offers:
            indexer.offers[offer.tid] = replace(offer, seeders=3, refuse="")
    return await redownload.start(house.pool, house.user.user_id, book)


async def _buy(house: House) -> StartedRun | None:
    """Put a book onto the shelf by hand, as its owner would, and tell of it."""
    if house.town is None:
        return None
    bought = replace(
        title_of(BOUGHT),
        owned=True,
        shelf_title=BOUGHT,
        shelf_lacks=("description", "narrators", "genres"),
    )
    item = house.town.audiobookshelf.add_owned(bought)
    event = BookShelved(abs_id=item, title=BOUGHT)
    user = house.user.user_id
    return await runs.start(
        house.pool, user, "IMPORTED", event=event, subject=item, started_by="event"
    )


def _print(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(
        box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", show_footer=True
    )
    for column in COLUMNS:
        total = "" if column == "series" else str(sum(row[column] for row in rows))
        table.add_column(
            column,
            footer=total or "all",
            justify="left" if column == "series" else "right",
            no_wrap=column != "series",  # on eighty columns the name is what gives way
        )
    for row in rows:
        table.add_row(*(str(row[column]) for column in COLUMNS))
    console.print(table)


def _print_workflows(console: Console, told: Sequence[Told]) -> None:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for column in ("workflow", "end", "s", *COUNTS):
        left = column in {"workflow", "end"}
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    for each in told:
        numbers = (str(each.counts[column] or "·") for column in COUNTS)
        table.add_row(each.workflow, each.status, f"{each.seconds:.0f}", *numbers)
    console.print(table)
    for each in told:
        if not any(each.counts[column] for column in COUNTS):
            console.print(f"{each.workflow}: {each.counts['said']}")
