"""How many books stand at each stage of a run, drawn in the terminal until the run ends."""

import asyncio
from collections.abc import Sequence
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipeline.db import Pool
from pipeline.workflows import WORKFLOWS

OPEN = ("ready", "waiting", "retrying")
STATES = (*OPEN, "done", "stopped", "failed", "cancelled")
_COLOURS = {"done": "green", "failed": "red", "waiting": "yellow", "retrying": "yellow"}
_ALWAYS = ("ready", "waiting", "done")
ENDED = frozenset({"completed", "failed", "cancelled"})


async def follow(
    pool: Pool, user_id: int, run_id: int, console: Console, *, every: float = 0.5
) -> str:
    """Draw the run until it ends; return its status. Without a terminal it prints the end only."""
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        while True:
            async with pool.user(user_id) as db:
                run = await db.row("tasks.overview", id=run_id)
                counts = await db.rows("steps.counts", run_id=run_id)
            if run is None:
                return "gone"
            live.update(_picture(run, counts))
            status: str = run["status"]
            if status in ENDED:
                return status
            await asyncio.sleep(every)


def _picture(run: dict[str, Any], counts: Sequence[dict[str, Any]]) -> Group:
    by_stage: dict[str, dict[str, int]] = {}
    for row in counts:
        by_stage.setdefault(row["stage"], {})[row["status"]] = row["steps"]
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("stage", no_wrap=True)
    shown = [s for s in STATES if s in _ALWAYS or any(s in each for each in by_stage.values())]
    for state in shown:
        table.add_column(state, justify="right", no_wrap=True)
    for stage in WORKFLOWS[run["task_name"]].stages:
        states = by_stage.get(stage, {})
        cells = [_cell(state, states.get(state, 0)) for state in shown]
        table.add_row(stage.replace("_", " "), *cells)
    head = Text(f"{run['task_name']} run {run['id']}: {run['status']}", style="bold")
    return Group(head, table)


def _cell(state: str, number: int) -> Text:
    return Text(str(number) if number else "·", style=_COLOURS.get(state, "") if number else "dim")
