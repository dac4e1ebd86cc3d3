"""What each verb of the command line does; every one returns the exit code."""

import asyncio
import socket
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from zoneinfo import ZoneInfo

import uvicorn
from rich.console import Console
from rich.table import Table

from pipeline import (
    accounts,
    deciding,
    demonstration,
    examination,
    progress,
    runs,
    schedule,
    sign_in,
)
from pipeline.db import Pool
from pipeline.errors import ConfigurationError
from pipeline.foreground import quiet, say, stopped_by_signals
from pipeline.house import House, database, open_house
from pipeline.listening import listening
from pipeline.schedule import Clockwork, Schedule
from pipeline.serving import served
from pipeline.settings import Settings
from pipeline.working import keeping_time, working

GOOD, BAD = 0, 1
_out = Console(width=None if sys.stdout.isatty() else 100)  # a file has no edge to fit


async def up(settings: Settings, _: Namespace) -> int:
    """Start everything in this process; end it all on Ctrl-C."""
    async with stopped_by_signals() as stop:
        with open_door(settings) as door:
            while not stop.is_set():
                await _up_until(stop, settings, door)
    say("everything has stopped")
    return GOOD


async def _up_until(stop: asyncio.Event, settings: Settings, door: socket.socket) -> None:
    """Run everything until it is stopped, or until the sandbox is left and all begins anew."""
    anew = asyncio.Event()
    async with (
        open_house(settings, say) as house,
        working(house),
        keeping_time(house),
        listening(house),
        serving(house, door, anew.set),
    ):
        _welcome(house, await _first_run(house), await sign_in.make_address(*_owner(house)))
        ends = [asyncio.create_task(event.wait()) for event in (stop, anew)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        say("stopping: running steps end first" if stop.is_set() else "leaving the sandbox")


async def api(settings: Settings, _: Namespace) -> int:
    """Serve the pages and the API until told to stop."""
    with open_door(settings) as door:
        async with (
            stopped_by_signals() as stop,
            open_house(settings, say, sandbox=False) as house,
            serving(house, door),
        ):
            say(f"sign in at {_address(settings, await sign_in.make_address(*_owner(house)))}")
            await stop.wait()
    return GOOD


async def sign_in_address(settings: Settings, arguments: Namespace) -> int:
    """Print an address that signs a user in, once."""
    async with open_house(settings, quiet, sandbox=False) as house:
        user = house.user.user_id
        if arguments.user:
            user = await accounts.find_user(house.pool, arguments.user)
        token = await sign_in.make_address(house.pool, user)
    _out.print(_address(settings, token), soft_wrap=True)
    return GOOD


async def migrate(settings: Settings, _: Namespace) -> int:
    """Bring the database to the schema of this version."""
    async with database(settings, say):
        return GOOD


async def run(settings: Settings, arguments: Namespace) -> int:
    """Start a workflow; with --wait, show how the books move until it ends."""
    async with open_house(settings, quiet, sandbox=False) as house:
        user = house.user.user_id
        started = await deciding.start(house.pool, user, arguments.workflow, arguments.subject)
        again = "" if started.created else " was under way already"
        say(f"{arguments.workflow} run {started.id}{again}")
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
        open_house(settings, quiet, sandbox=False) as house,
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


async def show_schedule(settings: Settings, _: Namespace) -> int:
    """Print when the clock starts which workflow."""
    async with open_house(settings, quiet, sandbox=False) as house:
        await Clockwork(house.pool).prepare()
        schedules = await schedule.overview(house.pool, house.user.user_id)
    table = Table(box=None)
    for column in ("workflow", "when", "zone", "next run", "paused"):
        table.add_column(column, no_wrap=column != "when")
    for each in schedules:
        _add_schedule(table, each)
    _out.print(table)
    return GOOD


def _add_schedule(table: Table, each: Schedule) -> None:
    zone = ZoneInfo(each.time_zone)
    moments = (each.next_run_at, each.paused_at)
    shown = (f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" if at else "" for at in moments)
    table.add_row(each.task_name, each.in_words, each.time_zone, *shown)


async def set_schedule(settings: Settings, arguments: Namespace) -> int:
    """Change when the clock starts a workflow."""
    async with open_house(settings, quiet, sandbox=False) as house:
        changed = await schedule.change(
            house.pool, house.user.user_id, arguments.workflow, arguments.cron, arguments.zone
        )
    say(_next_time(changed))
    return GOOD


async def pause(settings: Settings, arguments: Namespace) -> int:
    """Start a workflow by the clock no more."""
    async with open_house(settings, quiet, sandbox=False) as house:
        await Clockwork(house.pool).prepare()
        await schedule.pause(house.pool, house.user.user_id, arguments.workflow)
    say(f"{arguments.workflow} is paused; it can still be started with `run`")
    return GOOD


async def resume(settings: Settings, arguments: Namespace) -> int:
    """Start a workflow by the clock again."""
    async with open_house(settings, quiet, sandbox=False) as house:
        await Clockwork(house.pool).prepare()
        resumed = await schedule.resume(house.pool, house.user.user_id, arguments.workflow)
    say(_next_time(resumed))
    return GOOD


def _next_time(each: Schedule) -> str:
    when = f"{each.task_name}: {each.in_words} ({each.time_zone})"
    if each.next_run_at is None:
        return f"{when}; paused"
    return f"{when}, next {each.next_run_at.astimezone(ZoneInfo(each.time_zone)):%Y-%m-%d %H:%M}"


async def doctor(settings: Settings, _: Namespace) -> int:
    """Check every service and path; exit 1 when something needs doing."""
    async with open_house(settings, quiet) as house:
        findings = await examination.examine(await house.tools(house.user.user_id))
    for finding in findings:
        mark = "[green]ok[/]" if finding.good else "[red]no[/]"
        _out.print(f"{mark}  [bold]{finding.about}[/]: {finding.said}")
        if finding.advice:
            _out.print(f"    {finding.advice}")
    return GOOD if all(finding.good for finding in findings) else BAD


@contextmanager
def open_door(settings: Settings) -> Iterator[socket.socket]:
    """Listen on the address of the pages for as long as the block lasts.

    Apart from the server, so that whoever knocks while that begins anew waits instead of being sent
    away. Raises ConfigurationError when somebody else listens there.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        door = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; set"
            " BOOKRUNNER_PORT to another one"
        ) from error
    with door:
        yield door


@asynccontextmanager
async def serving(
    house: House, door: socket.socket, begin_anew: Callable[[], None] | None = None
) -> AsyncIterator[None]:
    """Serve the pages and the API for as long as the block lasts."""
    # Late: a worker has no pages, and is to start in as little time as it can.
    from api.app import create_app  # noqa: PLC0415  # see above

    config = uvicorn.Config(
        create_app(
            house.pool,
            house.settings,
            vault=house.tools.vault,
            given=house.tools.given,
            begin_anew=begin_anew,
        ),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    async with served(config, door.dup()):
        yield


async def _first_run(house: House) -> int | None:
    """Start SERIES when the sandbox is seen for the first time, so that something moves there."""
    if house.town is None or house.user.key is None:
        return None
    return (await runs.start(house.pool, house.user.user_id, "SERIES")).id


def _owner(house: House) -> tuple[Pool, int]:
    return house.pool, house.user.user_id


def _address(settings: Settings, token: str) -> str:
    """Return where to sign in; a house that listens everywhere is reached on this machine."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound
    host = everywhere.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.port}/sign-in?token={token}"


def _welcome(house: House, run: int | None, token: str) -> None:
    _out.print()
    _out.print("[bold]Bookrunner is ready.[/] This address signs you in, once:")
    _out.print(f"[bold]{_address(house.settings, token)}[/]", soft_wrap=True)
    _out.print("[bold]bookrunner sign-in[/] prints another one.")
    if house.user.key:
        _out.print(f"Your key, shown this once: [bold]{house.user.key}[/]", soft_wrap=True)
    if house.town is not None:
        _out.print(f"In the sandbox: {house.town.summary}", soft_wrap=True)
        if run is not None:
            _out.print(f"SERIES run {run} is under way, to fill the gaps of those series")
        _out.print("Watch a run with [bold].venv/bin/bookrunner run SERIES --wait[/]")
    _out.print("Ctrl-C ends everything.")
