"""A connection of one's own that comes back after an outage, as the role that sees all users."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from psycopg.rows import dict_row

from pipeline.db import LOST, Connection
from pipeline.queries import QUERIES

SYSTEM = (
    "SET ROLE bookrunner_system",
    # One connection serves many steps, so no lock of somebody else's may hold it up for long.
    "SET lock_timeout = '2s'",
    # A peer whose machine is gone is noticed within half a minute, and its locks become free.
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)
# Only for what may be undone by a power cut.
CARELESS = "SET synchronous_commit = off"


class Session:
    """Runs one statement at a time, each a transaction of its own; one round trip each.

    A statement that meets an outage raises what psycopg raises; the next one connects again.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        settings: Sequence[str] = SYSTEM,
        connected: "Callable[[Session], Awaitable[None]] | None" = None,
    ) -> None:
        self._connect, self._settings, self._connected = connect, settings, connected
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Connect now rather than at the first statement."""
        async with self._turn:
            await self._ready()

    async def close(self) -> None:
        """End the session, and with it every lock that it holds."""
        async with self._turn:
            await self._drop()

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Return every row of *query*."""
        async with self._turn:
            try:
                connection = await self._ready()
                return await _rows(connection, query, params)
            except LOST:
                await self._drop()
                raise

    async def at_connect(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Run *query* from within the callback that is told of a new connection."""
        if self._connection is None:
            raise RuntimeError("at_connect is for the callback of a new connection")
        return await _rows(self._connection, query, params)

    async def _ready(self) -> Connection:
        if self._connection is None:
            connection = self._connection = await self._connect()
            connection.prepare_threshold = 1
            for setting in self._settings:
                await connection.execute(setting)
            if self._connected is not None:
                await self._connected(self)
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*LOST):
                await connection.close()


async def _rows(connection: Connection, query: str, params: Any) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(QUERIES[query].text, params)
        return await cursor.fetchall()
