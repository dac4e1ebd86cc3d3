"""Bring a database to the schema of this code: roles, numbered files, Procrastinate, then the rest.

Forward only. Every process may call `migrate` at its start; an advisory lock lets one work and the
others find the work done. Order: what migrating remembers (`sql/repeatable/1_…`), the files of
`sql/migrations` not yet applied, Procrastinate's schema, our additions to it, and the grants.
"""

import hashlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg.rows import dict_row

from pipeline.errors import ConfigurationError
from pipeline.queries import QUERIES, SQL

MIGRATIONS = SQL / "migrations"
REPEATABLE = SQL / "repeatable"
OLDEST_SERVER = 150000
_FILE = re.compile(r"(\d{4})_\w+\.sql")
_PROCRASTINATE_FILE = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)_\w+\.sql")
# Roles belong to the cluster, so two databases of it may create and grant them at the same moment.
_ROLE_RACES = (
    psycopg.errors.DuplicateObject,
    psycopg.errors.UniqueViolation,
    psycopg.errors.InternalError_,
)

Connection = psycopg.AsyncConnection[dict[str, Any]]


class Script(NamedTuple):
    """One SQL file; `number` is 0 for those that have none."""

    number: int
    name: str
    text: LiteralString

    @property
    def sha256(self) -> str:
        """The checksum of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


async def migrate(url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what *url* still lacks; return the names of what was applied, in order.

    Raises ConfigurationError when the server is older than PostgreSQL 15, when the role lacks a
    right (with the SQL that an administrator has to run), when an applied file has changed since,
    and when the database is newer than this code; psycopg.OperationalError when it is out of reach.
    """
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, row_factory=dict_row
    ) as connection:
        await connection.execute("SET search_path = public")
        await connection.execute("SET client_min_messages = warning")
        await _do(connection, "lock")
        try:
            return await _migrate(connection, read(folder, _FILE))
        finally:
            if not connection.broken:
                await _do(connection, "unlock")


def read(folder: Path, pattern: re.Pattern[str]) -> list[Script]:
    """Read the SQL files of *folder* in order; raises ConfigurationError for a name out of line."""
    scripts: list[Script] = []
    for path in sorted(folder.glob("*.sql")):
        match = pattern.fullmatch(path.name)
        if match is None:
            raise ConfigurationError(f"{path.name} is no name of a migration: {pattern.pattern}")
        number = int("".join(match.groups()))
        if pattern is _FILE and scripts and scripts[-1].number == number:
            raise ConfigurationError(f"{scripts[-1].name} and {path.name} have the same number")
        scripts.append(Script(number, path.name, path.read_text(encoding="utf-8")))
    return scripts


async def _migrate(connection: Connection, scripts: Sequence[Script]) -> list[str]:
    await _check_server(connection)
    await _provide_roles(connection)
    ledger, *additions = read(REPEATABLE, re.compile(r"(\d)_\w+\.sql"))
    await _run(connection, ledger)
    done = await _apply_numbered(connection, scripts)
    done += await _provide_procrastinate(connection)
    ungranted = bool(await _rows(connection, "ungranted"))
    stands_on = [_procrastinate_version(), *(script.sha256 for script in scripts)]
    for script in additions:
        stands_on.append(script.sha256)
        done += await _repeat(connection, script, stands_on, always=ungranted)
    return done


async def _check_server(connection: Connection) -> None:
    server = (await _rows(connection, "server"))[0]
    if server["version"] < OLDEST_SERVER:
        message = (
            f"DATABASE_URL: PostgreSQL 15 or newer is needed; this is {server['version_text']}"
        )
        raise ConfigurationError(message)
    if not server["may_create"]:
        role, database = server["role"], server["database"]
        raise ConfigurationError(
            f'DATABASE_URL: the role "{role}" may not create tables; an administrator has to run:\n'
            f'ALTER DATABASE "{database}" OWNER TO "{role}";'
        )


async def _provide_roles(connection: Connection) -> None:
    """Create the two roles and let the connecting role take them."""
    server = (await _rows(connection, "server"))[0]
    for row in await _rows(connection, "absent_roles"):
        if not server["may_create_roles"]:
            raise ConfigurationError(_role_instructions(server["role"]))
        short = row["name"].removeprefix("bookrunner_")
        try:
            await _do(connection, f"create_role_{short}")
        except _ROLE_RACES:
            continue  # another database of this cluster was faster
    for _ in range(10):
        if not await _rows(connection, "untaken_roles"):
            return
        try:
            await _do(connection, "grant_roles")
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(_role_instructions(server["role"])) from error
        except _ROLE_RACES:
            continue  # "tuple concurrently updated": look again
    raise ConfigurationError(_role_instructions(server["role"]))


def _role_instructions(role: str) -> str:
    return (
        f'DATABASE_URL: the role "{role}" may not provide the two roles that keep users apart;'
        " an administrator has to run:\n"
        "CREATE ROLE bookrunner_app NOLOGIN NOBYPASSRLS;\n"
        "CREATE ROLE bookrunner_system NOLOGIN NOBYPASSRLS;\n"
        f'GRANT bookrunner_app, bookrunner_system TO "{role}";'
    )


async def _apply_numbered(connection: Connection, scripts: Sequence[Script]) -> list[str]:
    """Apply the pending files, each in its own transaction; refuse a history that is not ours."""
    known = {script.number: script for script in scripts}
    applied = await _rows(connection, "applied")
    for row in applied:
        script = known.get(row["number"])
        if script is None:
            message = f"the database is newer than this code: it has seen {row['name']}"
            raise ConfigurationError(message)
        if script.sha256 != row["sha256"]:
            raise ConfigurationError(
                f"{script.name} has changed since it was applied here as {row['name']};"
                " put the file back and write a new migration instead"
            )
    seen = {row["number"] for row in applied}
    pending = [script for script in scripts if script.number not in seen]
    for script in pending:
        async with connection.transaction():
            await _run(connection, script)
            await _do(connection, "record", **_ledger_row(script))
    return [script.name for script in pending]


async def _provide_procrastinate(connection: Connection) -> list[str]:
    """Install Procrastinate's schema, or upgrade it from the version on record."""
    spec = importlib.util.find_spec("procrastinate")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError("procrastinate is not installed")
    folder = Path(spec.submodule_search_locations[0]) / "sql"
    return await install_queue(connection, folder, _procrastinate_version())


def _procrastinate_version() -> str:
    return importlib.metadata.version("procrastinate")


async def install_queue(connection: Connection, folder: Path, version: str) -> list[str]:
    """Bring Procrastinate's schema to *version* with the files of its package in *folder*.

    The package has neither a record of what is in place nor a runner for its migrations
    (`migrations/xx.yy.zz_ab_pre|post_what.sql`), so both are here.
    """
    if await _value(connection, "procrastinate_is_foreign"):
        message = (
            "the database holds tables of another Procrastinate; give Bookrunner its own database"
        )
        raise ConfigurationError(message)
    recorded = await _value(connection, "procrastinate_version")
    if recorded == version:
        return []
    if recorded is None:
        steps = [Script(0, "schema.sql", (folder / "schema.sql").read_text(encoding="utf-8"))]
    elif _version(recorded) > _version(version):
        message = f"the database is newer than this code: it has Procrastinate {recorded}"
        raise ConfigurationError(message)
    else:
        files = [path.name for path in (folder / "migrations").glob("*.sql")]
        since = {name for name in files if _version(recorded) < _file_version(name)}
        ordered = read(folder / "migrations", _PROCRASTINATE_FILE)
        steps = [script for script in ordered if script.name in since]
    for step in steps:
        async with connection.transaction():
            await _run(connection, step)
    await _do(connection, "record_procrastinate", version=version)
    return [f"procrastinate {version}: {step.name}" for step in steps]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _file_version(name: str) -> tuple[int, ...]:
    match = _PROCRASTINATE_FILE.fullmatch(name)
    if match is None:
        raise ConfigurationError(f"Procrastinate: {name} is no migration that we know how to order")
    return tuple(int(part) for part in match.groups())


async def _repeat(
    connection: Connection, script: Script, stands_on: Sequence[str], *, always: bool
) -> list[str]:
    """Run a repeatable script when it, or what it stands on, is new here; say its name if so.

    Not at every start: replacing a trigger takes a lock that waits for busy workers, and granting
    writes each table's row in the catalogue anew. What it stands on is part of what is remembered,
    so that a migration which was killed half-way is finished by the next.
    """
    digest = hashlib.sha256(" ".join(stands_on).encode()).hexdigest()
    found = await _rows(connection, "script_sha256", name=script.name)
    if found and found[0]["sha256"] == digest and not always:
        return []
    async with connection.transaction():
        await _run(connection, script)
        await _do(connection, "record_script", name=script.name, sha256=digest)
    return [script.name]


def _ledger_row(script: Script) -> dict[str, Any]:
    return {"number": script.number, "name": script.name, "sha256": script.sha256}


async def _run(connection: Connection, script: Script) -> None:
    """Run a whole file; the error of a bad one says which file."""
    try:
        await connection.execute(script.text)
    except psycopg.Error as error:
        error.add_note(f"while applying {script.name}")
        raise


async def _do(connection: Connection, query: str, **params: Any) -> None:
    await connection.execute(QUERIES[f"migrations.{query}"].text, params or None)


async def _rows(connection: Connection, query: str, **params: Any) -> list[dict[str, Any]]:
    cursor = await connection.execute(QUERIES[f"migrations.{query}"].text, params or None)
    return await cursor.fetchall()


async def _value(connection: Connection, query: str) -> Any:
    """Return the first column of the first row, or None."""
    found = await _rows(connection, query)
    return next(iter(found[0].values())) if found else None
