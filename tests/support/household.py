"""A whole Bookrunner on the sandbox, for tests that run workflows."""

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from pipeline import runs, services, settings, wiring
from pipeline.accounts import FirstStart
from pipeline.db import Pool
from pipeline.house import House
from pipeline.sandbox.catalogue import TITLES, Title
from pipeline.sandbox.town import Town
from pipeline.settings import Settings
from pipeline.vault import open_vault
from pipeline.working import working

_numbers = itertools.count(1)


def sandbox_settings(folder: Path, database_url: str, **more: Any) -> Settings:
    """Return the settings of a household below *folder*."""
    return settings.load(
        data_dir=folder, database_url=database_url, sandbox="on", time_zone="UTC", **more
    )


@asynccontextmanager
async def household(
    folder: Path, pool: Pool, user_id: int, *, titles: Sequence[Title] = TITLES, **more: Any
) -> AsyncIterator[House]:
    """Open a town of *titles* and the tools of *user_id*; no worker yet."""
    given = sandbox_settings(folder, pool.url, **more)
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(
            Town.open(folder / "sandbox", seconds=0.3, titles=titles)
        )
        tools = await stack.enter_async_context(
            wiring.open_tools(
                given, pool, open_vault(given), town.services(services.from_settings(given))
            )
        )
        yield House(given, pool, tools, FirstStart(user_id), town)


def environment(house: House) -> dict[str, str]:
    """Return the variables with which a process of its own joins the household."""
    assert house.town is not None
    given = house.town.services(services.from_settings(house.settings))
    names = [name for fields in services.FIELDS.values() for name in fields]
    values = {name: getattr(given, name) for name in names}
    values |= {"data_dir": house.settings.data_dir, "sandbox": "on", "log_format": "json"}
    return {settings.variable("database_url"): house.pool.url} | {
        settings.variable(name): _text(value) for name, value in values.items()
    }


def look(url: str, query: str, *params: Any) -> list[tuple[Any, ...]]:
    """Ask the database as its owner, past every wall."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query, params).fetchall()


def _text(value: Any) -> str:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)


@contextmanager
def new_database(server_url: str, template: str) -> Iterator[str]:
    """Yield the URL of a migrated database for longer than one test."""
    name = f"household_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield make_conninfo(server_url, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def new_user(pool: Pool) -> int:
    """Make a user; return their id."""
    async with pool.system() as db:
        made: int = await db.value("accounts.make_first_user", time_zone="UTC")
        return made


async def finished(house: House, run_id: int, seconds: float = 100) -> str:
    """Wait for a run's end; return its status."""
    async with asyncio.timeout(seconds):
        while True:
            async with house.pool.user(house.user.user_id) as db:
                run = await db.row("tasks.overview", id=run_id)
            assert run is not None
            if run["status"] in {"completed", "failed", "cancelled"}:
                return str(run["status"])
            await asyncio.sleep(0.1)


async def series(house: House) -> int:
    """Run SERIES to its end; return the run's id."""
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "SERIES")
        assert await finished(house, run.id) == "completed"
    return run.id


def audio(library: Path) -> list[Path]:
    """Return every audio file of the library."""
    return [path for path in library.rglob("*") if path.suffix in {".m4b", ".mp3"}]


def audio_folders(library: Path) -> Counter[Path]:
    """Count the audio files of every folder of the library."""
    return Counter(path.parent for path in audio(library))
