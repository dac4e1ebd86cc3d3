"""One at a time under a name, across all processes: a session lock in PostgreSQL."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

from pipeline.db import LOST, Connection, Pool, Transaction
from pipeline.errors import NotNow, Transient

_SPARE = 4  # idle connections kept for the next lock
# Holds a name for as long as the block lasts: what those who only use a lock ask for.
OneAtATime = Callable[[str], AbstractAsyncContextManager[None]]


class Doors:
    """Named doors inside one process; whoever wants in waits behind the one inside."""

    def __init__(self) -> None:
        self._doors: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def pass_through(self, name: str, patience: timedelta) -> AsyncIterator[None]:
        """Hold the door *name*; raises NotNow when it stays shut for longer than *patience*."""
        door = self._doors.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await door.acquire()
        except TimeoutError:
            raise _busy(name, patience) from None
        try:
            yield
        finally:
            door.release()


class Exclusive:
    """Locks that all processes on one PostgreSQL respect.

    Each lock is held on a connection of its own, outside the pool and outside any transaction, so
    that waiting and holding block nobody else. Whatever goes wrong while it is taken or held, the
    connection is closed, and PostgreSQL gives the lock to the next.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._doors = Doors()
        self._spare: list[Connection] = []

    async def aclose(self) -> None:
        """Close the idle connections."""
        while self._spare:
            await self._spare.pop().close()

    @asynccontextmanager
    async def hold(self, name: str, patience: timedelta) -> AsyncIterator[None]:
        """Be the only one under *name*; raises NotNow after *patience*, Transient when it is lost.

        A lock that was lost with its connection is noticed at the end of the block at the latest:
        what the block did must be safe to repeat.
        """
        async with self._doors.pass_through(name, patience):
            connection = await self._lock(name, patience)
            try:
                yield
                await self._unlock(connection, name)
            except BaseException:
                await connection.close()
                raise
            await self._spare_or_close(connection)

    async def _lock(self, name: str, patience: timedelta) -> Connection:
        """Return a connection that holds the lock; a new one when the spare ones are dead."""
        while self._spare:
            connection = self._spare.pop()
            try:
                return await self._lock_on(connection, name, patience)
            except Transient:
                continue
        return await self._lock_on(await self._connect(), name, patience)

    async def _connect(self) -> Connection:
        try:
            return await self._pool.dedicated()
        except LOST as error:
            raise Transient(f"postgresql: connect for a lock: {error}") from error

    async def _lock_on(self, connection: Connection, name: str, patience: timedelta) -> Connection:
        lock = Transaction(connection)
        milliseconds = str(max(1, int(patience.total_seconds() * 1000)))
        try:
            await lock.value("limits.patience", milliseconds=milliseconds)
            await lock.value("limits.lock", name=name)
        except LOST as error:
            timed_out = not connection.closed
            await connection.close()
            if timed_out:
                raise _busy(name, patience) from None
            raise Transient(f"postgresql: take the lock {name}: {error}") from error
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _unlock(self, connection: Connection, name: str) -> None:
        try:
            held = await Transaction(connection).value("limits.unlock", name=name)
        except LOST as error:
            raise Transient(f"postgresql: the lock {name} was lost: {error}") from error
        if not held:
            raise Transient(f"postgresql: the lock {name} was lost")

    async def _spare_or_close(self, connection: Connection) -> None:
        if len(self._spare) < _SPARE:
            self._spare.append(connection)
        else:
            await connection.close()


def _busy(name: str, patience: timedelta) -> NotNow:
    """Say when to come back; spread, so that all who waited do not return at once."""
    waited = f"{patience.total_seconds():g} s"
    after = patience * random.uniform(1, 3)  # noqa: S311  # spread, no secret
    return NotNow(f"{name}: somebody else is at it for more than {waited}", after=after)
