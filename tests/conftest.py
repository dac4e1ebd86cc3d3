"""One PostgreSQL for all tests, a migrated database of its own for each that asks."""

import asyncio
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pipeline.db import Pool
from pipeline.embedded import EmbeddedPostgres
from pipeline.migrate import migrate

PREFIX = "bookrunner-tests-"
# A database that lives for one test may be lost in a power cut.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_numbers = itertools.count(1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests measured, whichever process ran them, below the last test."""
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    told = {r.nodeid: [v for k, v in r.user_properties if k == "figure"] for r in reports}
    if any(told.values()):
        terminalreporter.section("figures")
    for test, lines in told.items():
        for line in (test, *(f"    {line}" for line in lines)) if lines else ():
            terminalreporter.line(line)


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Hand a measured figure to the end of the run, where `make test` prints it."""
    return lambda line: request.node.user_properties.append(("figure", line))


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The server: TEST_DATABASE_URL (a role that may create databases and roles), or our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    _clear_leftovers()
    # Not pytest's own temporary folder: that is closed to the account that root runs PostgreSQL as.
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder, configuration=CARELESS)
    server.start()
    yield server.url("postgres")
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """Name of a database that was migrated once, to be copied."""
    name = f"template_{os.getpid()}"
    _run(server_url, "CREATE DATABASE {}", name)
    asyncio.run(migrate(make_conninfo(server_url, dbname=name)))
    yield name
    _run(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(scope="session")
def schema_url(server_url: str, template: str) -> Iterator[str]:
    """URL of a migrated database for tests that only look at its schema; one for all of them."""
    name = f"schema_{os.getpid()}"
    _run(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    yield make_conninfo(server_url, dbname=name)
    _run(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """URL of a migrated database that nobody else has touched; gone after the test."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _run(server_url, "CREATE DATABASE {} TEMPLATE {}", name, template)
    yield make_conninfo(server_url, dbname=name)
    _run(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """URL of a database without a single table; gone after the test."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    _run(server_url, "CREATE DATABASE {}", name)
    yield make_conninfo(server_url, dbname=name)
    _run(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """An open pool on a database of its own."""
    async with Pool(database_url) as opened:
        yield opened


@pytest.fixture
async def user_id(pool: Pool) -> int:
    """A user called reader."""
    return await add_user(pool, "reader")


async def add_user(pool: Pool, name: str) -> int:
    """Insert a user; return the id."""
    async with pool.system() as transaction:
        cursor = await transaction.connection.execute(
            "INSERT INTO users (name) VALUES (%s) RETURNING id", [name]
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def _run(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _clear_leftovers() -> None:
    """Stop and delete the servers of test runs that were killed; one process at a time does."""
    temporary = Path(tempfile.gettempdir())
    with (temporary / f"{PREFIX}{os.geteuid()}.lock").open("w", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for folder in temporary.glob(f"{PREFIX}*/postgres.users"):
            _clear(folder.parent)


def _clear(folder: Path) -> None:
    """Stop and delete one server, unless it is somebody else's or still in use."""
    if folder.stat().st_uid == os.geteuid():
        server = EmbeddedPostgres(folder, configuration=CARELESS)
        if not server.in_use():
            server.start()
            server.stop()
            shutil.rmtree(folder)
