"""Once a second: queue what is due, queue again what was lost, end runs that nobody ended."""

import asyncio
from contextlib import suppress

import structlog

from pipeline.db import LOST, Pool
from pipeline.runs import close

_log = structlog.get_logger()
EVERY = 1.0  # seconds between two rounds
BATCH = 500  # steps queued in one transaction
LOST_AFTER = 60.0  # seconds without a job after which a ready step is queued again
LOOK_FOR_LOST_EVERY = 15  # rounds
FORGET_WAKES_EVERY = 600  # rounds


class Sweeper:
    """Keeps steps moving that no job carries; every worker runs one, and they share the work."""

    def __init__(self, pool: Pool, *, every: float = EVERY, lost_after: float = LOST_AFTER) -> None:
        self._pool, self._every, self._lost_after = pool, every, lost_after

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until *stop* is set; an outage of the database is waited out."""
        number = 0
        while not stop.is_set():
            try:
                await self.sweep(number)
            except LOST as error:
                _log.warning("sweeper: database out of reach", error=type(error).__name__)
            number += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every)

    async def sweep(self, number: int = 0) -> None:
        """Do one round; *number* says which, for what is not done in every one."""
        while await self._count("steps.sweep_due", limit=BATCH) == BATCH:
            continue
        await self._end_runs()
        if number % LOOK_FOR_LOST_EVERY == 0:
            lost = await self._count("steps.sweep_lost", seconds=self._lost_after, limit=BATCH)
            if lost:
                _log.warning("sweeper: queued steps again whose job was lost", steps=lost)
        if number % FORGET_WAKES_EVERY == 0:
            await self._count("steps.sweep_topics", limit=10 * BATCH)

    async def _end_runs(self) -> None:
        async with self._pool.system() as transaction:
            left_open = await transaction.rows("tasks.left_open", limit=BATCH)
        for run in left_open:
            await close(self._pool, run["user_id"], run["id"])

    async def _count(self, query: str, **params: object) -> int:
        async with self._pool.system() as transaction:
            return int(await transaction.value(query, **params))
