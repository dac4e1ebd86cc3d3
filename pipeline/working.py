"""Run a worker, and the clock, beside other things, for as long as a block lasts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pipeline.house import House
from pipeline.runner import Runner
from pipeline.schedule import Clockwork
from pipeline.wiring import stages
from pipeline.worker import Worker

GRACE = 6.0  # seconds that running steps get to end; Ctrl-C has to end everything within ten


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """Run steps until the block ends; a bug in the worker ends the block too."""
    runner = Runner(house.pool, stages(), house.tools)
    stop = asyncio.Event()
    worker = Worker(runner, concurrency=house.settings.concurrency, grace=GRACE)
    task = asyncio.create_task(worker.run(stop), name="worker")
    try:
        yield
    finally:
        stop.set()
        await task


@asynccontextmanager
async def keeping_time(house: House) -> AsyncIterator[None]:
    """Start workflows when they are due until the block ends; any number may do so at once."""
    stop = asyncio.Event()
    task = asyncio.create_task(Clockwork(house.pool).run(stop), name="clockwork")
    try:
        yield
    finally:
        stop.set()
        await task
