"""One worker process: the queue, the runner and the sweeper, from start to a graceful end."""

import asyncio
from contextlib import suppress

import structlog

from pipeline.db import LOST
from pipeline.jobs import Queue
from pipeline.runner import Runner
from pipeline.sweeper import Sweeper

_log = structlog.get_logger()
# Seconds that running steps are given to end; what then still runs is put back. With the rest of a
# shutdown it stays under the thirty seconds after which supervisors kill.
GRACE = 20.0
LONGEST_PAUSE = 10.0  # seconds between two tries to reach the database


class Worker:
    """Runs steps until told to stop; survives restarts of PostgreSQL.

    The runner's pool should hold as many connections as steps run at once, and a few more.
    """

    def __init__(self, runner: Runner, *, concurrency: int = 10, grace: float = GRACE) -> None:
        self.runner = runner
        self.sweeper = Sweeper(runner.pool)
        self._concurrency, self._grace = concurrency, grace

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop* is set, then return within the grace; raises only for bugs."""
        failures = 0
        while not stop.is_set():
            try:
                await self._run_once(stop)
            except LOST as error:
                failures += 1
                pause = min(0.2 * 2**failures, LONGEST_PAUSE)
                _log.warning("worker: database out of reach", error=str(error), seconds=pause)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)

    async def _run_once(self, stop: asyncio.Event) -> None:
        """Run the three parts; when one of them fails, stop the others and raise its error."""
        halt = asyncio.Event()
        queue = Queue(
            self.runner.pool.url,
            self.runner.run_steps,
            concurrency=self._concurrency,
            grace=self._grace,
        )
        async with self.runner:
            _log.info("worker: ready", concurrency=self._concurrency)
            parts = [
                asyncio.create_task(queue.run(halt), name="queue"),
                asyncio.create_task(self.sweeper.run(halt), name="sweeper"),
            ]
            stopping = asyncio.create_task(stop.wait(), name="stop the worker")
            try:
                await asyncio.wait([*parts, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                halt.set()
                stopping.cancel()
                results = await asyncio.gather(*parts, return_exceptions=True)
            _log.info("worker: stopped")
        for result in results:
            if isinstance(result, BaseException):
                raise result
