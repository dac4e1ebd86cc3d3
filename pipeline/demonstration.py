"""Run the workflows on a fresh sandbox and tell what came of it, series by series."""

import shutil
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from pipeline import progress, runs
from pipeline.house import House, open_house
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


async def demo(settings: Settings, console: Console, *, keep: bool = False) -> int:
    """Run SERIES to its end; return 0, or 1 when the run failed or a book is stuck."""
    folder = settings.data_dir / "demo"
    shutil.rmtree(folder / "sandbox", ignore_errors=True)
    given = settings.model_copy(update={"data_dir": folder, "database_url": "", "sandbox": "on"})
    began = time.monotonic()
    async with open_house(given, lambda line: console.print(f"· {line}"), fresh=True) as house:
        async with working(house):
            user = house.user.user_id
            run = await runs.start(house.pool, user, "SERIES")
            status = await progress.follow(house.pool, user, run.id, console)
        rows = await outcome(house)
    _print(console, rows)
    stuck = [row for row in rows if row["stuck"]]
    console.print(f"SERIES {status} in {time.monotonic() - began:.0f} s")
    for row in stuck:
        console.print(f"[red]stuck[/]: {row['stuck']} books of {row['series']}")
    if not keep:
        shutil.rmtree(folder / "sandbox", ignore_errors=True)
    return 0 if status == "completed" and not stuck else 1


async def outcome(house: House) -> list[dict[str, Any]]:
    """Return a row for each series: what was owned, missing, and what became of it."""
    async with house.pool.user(house.user.user_id) as db:
        return await db.rows("series.outcome")


def _print(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, padding=(0, 2), header_style="dim", show_footer=True)
    for column in COLUMNS:
        total = "" if column == "series" else str(sum(row[column] for row in rows))
        table.add_column(
            column,
            footer=total or "all",
            justify="left" if column == "series" else "right",
            no_wrap=column == "series",
        )
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [str(row[column]) for column in COLUMNS]
