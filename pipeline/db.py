"""PostgreSQL: one pool, transactions that know their user, and queries by name.

With `migrate.py` and `embedded.py` the only module that speaks psycopg. Every transaction takes one
of two roles: `bookrunner_app` sees the rows of one user only (row-level security, so that a query
which forgets its WHERE shows nothing of anybody else); `bookrunner_system` sees the coordination
tables of all users (runs, steps, schedules, paces), for the runner and its sweepers.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self, TypeVar

import psycopg
from psycopg.rows import AsyncRowFactory, class_row, dict_row, scalar_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from pipeline.queries import QUERIES, Query

Row = TypeVar("Row")
Connection = psycopg.AsyncConnection[Any]
# What a database that is restarting or out of reach raises; worth another try.
LOST = (psycopg.OperationalError, psycopg.InterfaceError)
_AS_USER = (
    "SELECT set_config('role', 'bookrunner_app', true), set_config('app.user_id', %(user)s, true)"
)
_AS_SYSTEM = "SELECT set_config('role', 'bookrunner_system', true)"


class Database:
    """Somewhere to send queries by name; subclasses say in which transaction they run."""

    async def all(self, row: type[Row], query: str, **params: Any) -> list[Row]:
        """Return every row of *query*, each as a *row*."""
        return await self._run(QUERIES[query], class_row(row), params)

    async def one(self, row: type[Row], query: str, **params: Any) -> Row | None:
        """Return the first row of *query*, or None."""
        found = await self.all(row, query, **params)
        return found[0] if found else None

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Return every row of *query* as a dictionary."""
        return await self._run(QUERIES[query], dict_row, params)

    async def row(self, query: str, **params: Any) -> dict[str, Any] | None:
        """Return the first row of *query* as a dictionary, or None."""
        found = await self.rows(query, **params)
        return found[0] if found else None

    async def value(self, query: str, **params: Any) -> Any:
        """Return the first column of the first row of *query*, or None."""
        found = await self._run(QUERIES[query], scalar_row, params)
        return found[0] if found else None

    async def do(self, query: str, **params: Any) -> int:
        """Run *query* for its effect; return how many rows it touched."""
        raise NotImplementedError

    async def _run(
        self, query: Query, rows: AsyncRowFactory[Row], params: Mapping[str, Any]
    ) -> list[Row]:
        raise NotImplementedError


class Transaction(Database):
    """One open transaction; it ends where `Pool.user` or `Pool.system` ends."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def do(self, query: str, **params: Any) -> int:
        """Run *query* for its effect; return how many rows it touched."""
        cursor = await self.connection.execute(QUERIES[query].text, _adapted(params))
        return cursor.rowcount

    async def many(self, query: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run *query* once for each of *rows*, in as few round trips as psycopg can."""
        async with self.connection.cursor() as cursor:
            await cursor.executemany(QUERIES[query].text, [_adapted(row) for row in rows])

    async def _run(
        self, query: Query, rows: AsyncRowFactory[Row], params: Mapping[str, Any]
    ) -> list[Row]:
        async with self.connection.cursor(row_factory=rows) as cursor:
            await cursor.execute(query.text, _adapted(params))
            return await cursor.fetchall()


class Pool:
    """The connections of one process."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self.url = url
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=size,
            open=False,
            configure=_configure,
            check=AsyncConnectionPool.check_connection,
        )

    async def __aenter__(self) -> Self:
        """Open the pool and wait for its first connection."""
        await self._pool.open(wait=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def user(self, user_id: int) -> AsyncIterator[Transaction]:
        """Open a transaction that sees the rows of *user_id* only."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_AS_USER, {"user": str(user_id)})
            yield Transaction(connection)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Transaction]:
        """Open a transaction that sees the coordination tables of all users."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_AS_SYSTEM)
            yield Transaction(connection)

    async def dedicated(self) -> Connection:
        """Connect outside the pool, in autocommit: for leases and LISTEN. The caller closes it."""
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        await connection.execute("SET application_name = 'bookrunner'")
        return connection


class StepDatabase(Database):
    """What a stage is given: reads are short transactions, the first write opens the step's own.

    Everything that the stage writes is committed by the runner together with the step's outcome
    and the jobs that follow; nothing of it stays when the stage raises. So: remote calls first,
    writes last. `at_once` is for the rare write that must be seen by others before the stage ends.
    """

    def __init__(self, pool: Pool, user_id: int) -> None:
        self.pool, self.user_id = pool, user_id
        self._stack = AsyncExitStack()
        self._open: Transaction | None = None

    @property
    def wrote(self) -> bool:
        """Whether the step's transaction is open."""
        return self._open is not None

    async def transaction(self) -> Transaction:
        """Return the step's transaction, opened by its first write."""
        if self._open is None:
            self._open = await self._stack.enter_async_context(self.pool.user(self.user_id))
        return self._open

    async def do(self, query: str, **params: Any) -> int:
        """Write, in the step's transaction."""
        return await (await self.transaction()).do(query, **params)

    async def many(self, query: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write many rows, in the step's transaction."""
        await (await self.transaction()).many(query, rows)

    async def at_once(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Write and commit now, apart from the step; must be safe to repeat."""
        async with self.apart() as apart:
            return await apart.rows(query, **params)

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Transaction]:
        """Open a transaction of its own before the step's; what it does must be safe to repeat.

        Raises RuntimeError once the step has written: what it holds locked would be waited for
        here, and for ever.
        """
        if self._open is not None:
            raise RuntimeError("a stage that writes apart has to do so before its own first write")
        async with self.pool.user(self.user_id) as apart:
            yield apart

    async def commit(self) -> None:
        """Commit what was written; called by the runner."""
        stack, self._stack, self._open = self._stack, AsyncExitStack(), None
        await stack.aclose()

    async def abandon(self, error: BaseException) -> None:
        """Roll back what was written; called by the runner."""
        stack, self._stack, self._open = self._stack, AsyncExitStack(), None
        try:
            await stack.__aexit__(type(error), error, error.__traceback__)
        except LOST:
            return  # the connection is gone, and with it the transaction

    async def _run(
        self, query: Query, rows: AsyncRowFactory[Row], params: Mapping[str, Any]
    ) -> list[Row]:
        if query.writes or self._open is not None:
            return await (await self.transaction())._run(query, rows, params)  # noqa: SLF001  # our own base class
        async with self.pool.user(self.user_id) as short:
            return await short._run(query, rows, params)  # noqa: SLF001  # our own base class


async def _configure(connection: Connection) -> None:
    """Make a new connection of the pool ours."""
    await connection.set_autocommit(True)
    await connection.execute("SET application_name = 'bookrunner'")


def _adapted(params: Mapping[str, Any]) -> dict[str, Any]:
    """Send dictionaries as jsonb; every other value as psycopg sends it."""
    return {k: Jsonb(v) if isinstance(v, dict) else v for k, v in params.items()}


__all__ = ["LOST", "Connection", "Database", "Pool", "StepDatabase", "Transaction"]
