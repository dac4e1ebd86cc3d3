"""What each verb of the command line does; every one returns the exit code."""

import asyncio
import signal
import sys
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from rich.console import Console
from rich.table import Table

from api.app import create_app
from pipeline import demonstration, examination, progress, runs
from pipeline.house import House, database, open_house
from pipeline.listening import listening
from pipeline.settings import Settings
from pipeline.working import working

GOOD, BAD = 0, 1
_out = Console()


async def up(settings: Settings, _: Namespace) -> int:
    """Start everything in this process; end it all on Ctrl-C."""
    async with stopped_by_signals() as stop, open_house(settings, _say) as house:
        async with working(house), listening(house), serving(house):
            _welcome(house)
            await stop.wait()
            _say("stopping: running steps end first")
    _say("everything has stopped")
    return GOOD


async def worker(settings: Settings, _: Namespace) -> int:
    """Run steps until told to stop."""
    async with (
        stopped_by_signals() as stop,
        open_house(settings, _say, sandbox=False) as house,
        working(house),
    ):
        await stop.wait()
    return GOOD


async def listen(settings: Settings, _: Namespace) -> int:
    """Hear of new books and watch downloads until told to stop."""
    async with (
        stopped_by_signals() as stop,
        open_house(settings, _say, sandbox=False) as house,
        listening(house),
    ):
        await stop.wait()
    return GOOD


async def api(settings: Settings, _: Namespace) -> int:
    """Serve the pages and the API until told to stop."""
    async with (
        stopped_by_signals() as stop,
        open_house(settings, _say, sandbox=False) as house,
        serving(house),
    ):
        _say(f"listening on http://{settings.host}:{settings.port}")
        await stop.wait()
    return GOOD


async def migrate(settings: Settings, _: Namespace) -> int:
    """Bring the database to the schema of this version."""
    async with database(settings, _say):
        return GOOD


async def run(settings: Settings, arguments: Namespace) -> int:
    """Start a workflow; with --wait, show how the books move until it ends."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        user = house.user.user_id
        started = await runs.start(house.pool, user, arguments.workflow, subject=arguments.subject)
        again = "" if started.created else " was under way already"
        _say(f"{arguments.workflow} run {started.id}{again}")
        if not arguments.wait:
            return GOOD
        status = await progress.follow(house.pool, user, started.id, _out)
        return GOOD if status == "completed" else BAD


async def demo(settings: Settings, arguments: Namespace) -> int:
    """Run the workflows on a fresh sandbox; exit 1 when a book is stuck."""
    return await demonstration.demo(settings, _out, keep=arguments.keep)


async def status(settings: Settings, _: Namespace) -> int:
    """Print what runs, what waits and what failed."""
    async with (
        open_house(settings, _quiet, sandbox=False) as house,
        house.pool.user(house.user.user_id) as db,
    ):
        table = Table(title="Runs", title_justify="left", box=None)
        for column in ("run", "workflow", "status", "due", "ended", "why"):
            table.add_column(column)
        for row in await db.rows("tasks.recent", limit=15):
            table.add_row(*(str(row[name] or "") for name in _RUN_COLUMNS))
        _out.print(table)
        waiting = Table(title="Waiting", title_justify="left", box=None)
        for column in ("stage", "steps", "why"):
            waiting.add_column(column)
        for row in await db.rows("steps.waiting_reasons", limit=15):
            waiting.add_row(row["stage"], str(row["steps"]), row["reason"])
        _out.print(waiting)
    return GOOD


_RUN_COLUMNS = ("id", "task_name", "status", "scheduled_time", "actual_end", "error_message")


async def doctor(settings: Settings, _: Namespace) -> int:
    """Check every service and path; exit 1 when something needs doing."""
    async with open_house(settings, _quiet) as house:
        findings = await examination.examine(house)
    for finding in findings:
        mark = "[green]ok[/]" if finding.good else "[red]no[/]"
        _out.print(f"{mark}  [bold]{finding.about}[/]: {finding.said}")
        if finding.advice:
            _out.print(f"    {finding.advice}")
    return GOOD if all(finding.good for finding in findings) else BAD


@asynccontextmanager
async def serving(house: House) -> AsyncIterator[None]:
    """Serve the pages and the API for as long as the block lasts."""
    settings = house.settings
    config = uvicorn.Config(
        create_app(house.pool, settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        if task.done():
            await task
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def stopped_by_signals() -> AsyncIterator[asyncio.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second Ctrl-C ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to the process."""

    def install_signal_handlers(self) -> None:
        """Install none."""


def _welcome(house: House) -> None:
    _out.print()
    _out.print(f"[bold]Bookrunner is at http://{house.settings.host}:{house.settings.port}[/]")
    if house.user.key:
        _out.print(f"Your key, shown this once: [bold]{house.user.key}[/]", soft_wrap=True)
    if house.town is not None:
        _out.print(f"In the sandbox: {house.town.summary}")
        _out.print("Start a run with [bold].venv/bin/bookrunner run SERIES --wait[/]")
    _out.print("Ctrl-C ends everything.")


def _say(line: str) -> None:
    sys.stdout.write(f"· {line}\n")
    sys.stdout.flush()


def _quiet(_: str) -> None:
    """Say nothing."""
