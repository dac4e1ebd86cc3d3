"""Hear which runs moved, and tell those who watch: one connection per process, however many watch.

A notification carries ids only; what to show is read from the tables. So a lost or merged one costs
nothing but delay, and after each reconnect everybody is told to read everything anew.
"""

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from pipeline.db import LOST, Connection, Pool
from pipeline.queries import QUERIES

PROBE = 20.0  # seconds of silence, after which the connection has to prove that it lives
LONGEST_PAUSE = 5.0
_log = structlog.get_logger()


class Watcher:
    """What has moved since it was last asked; nothing piles up however slow the reader is."""

    def __init__(self) -> None:
        self._moved = asyncio.Event()
        self._runs: set[int] = set()
        self._everything = False

    def tell(self, run: int | None) -> None:
        """Note that a run moved; None means that anything may have."""
        if run is None:
            self._everything = True
            self._runs.clear()
        elif not self._everything:
            self._runs.add(run)
        self._moved.set()

    async def moved(self, seconds: float) -> list[int] | None:
        """Wait for news: ids of runs, None for all; raises TimeoutError when all is quiet."""
        await asyncio.wait_for(self._moved.wait(), seconds)
        self._moved.clear()
        everything, self._everything = self._everything, False
        runs, self._runs = sorted(self._runs), set()
        return None if everything else runs


class Changes:
    """Listens while anybody watches."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._watchers: dict[int, set[Watcher]] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def watching(self) -> int:
        """How many watch."""
        return sum(len(each) for each in self._watchers.values())

    @contextmanager
    def watch(self, user_id: int) -> Iterator[Watcher]:
        """Watch the runs of a user while the block lasts."""
        watcher = Watcher()
        self._watchers.setdefault(user_id, set()).add(watcher)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen(), name="changes")
        try:
            yield watcher
        finally:
            self._watchers[user_id].discard(watcher)
            if not self._watchers[user_id]:
                del self._watchers[user_id]
            if not self._watchers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            try:
                connection = await self._pool.dedicated()
                async with connection:
                    await connection.execute(QUERIES["steps.listen"].text)
                    self._tell_all()
                    pause = 0.2
                    while True:
                        await self._hear(connection)
            except (*LOST, TimeoutError, OSError) as error:
                _log.warning("changes: the database is out of reach", error=type(error).__name__)
                await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  # spread
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _hear(self, connection: Connection) -> None:
        """Pass on what comes; after a silence ask the connection whether it still stands."""
        async for notification in connection.notifies(timeout=PROBE):
            with suppress(ValueError, KeyError, TypeError):  # somebody else's payload
                what = json.loads(notification.payload)
                for watcher in self._watchers.get(int(what["user"]), ()):
                    watcher.tell(int(what["run"]))
        await asyncio.wait_for(connection.execute(QUERIES["steps.ping"].text), 5)

    def _tell_all(self) -> None:
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.tell(None)
