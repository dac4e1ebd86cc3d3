"""Run a worker, and the clock, beside other things, for as long as a block lasts."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from pipeline.chains import Chains
from pipeline.foreground import say, stopped_by_signals, through_outages
from pipeline.house import House, open_house
from pipeline.runner import Runner
from pipeline.schedule import Clockwork
from pipeline.settings import Settings
from pipeline.wiring import Stages, toolmaker
from pipeline.worker import Worker

SETTLED = 2.0  # seconds after the start at which the rest of the stages is loaded
GRACE = 6.0  # seconds that running steps get to end; Ctrl-C has to end everything within ten


async def worker(settings: Settings, _: Namespace) -> int:
    """Run steps until told to stop; return the exit code."""

    async def work() -> None:
        async with (
            open_house(settings, say, sandbox=False) as house,
            working(house),
            keeping_time(house),
        ):
            await stop.wait()

    async with stopped_by_signals() as stop:
        await through_outages(stop, work)
    return 0


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """Run steps until the block ends; a bug in the worker ends the block too."""
    runner = Runner(house.pool, Stages(), house.tools)
    worker = Worker(runner, concurrency=house.settings.concurrency, grace=GRACE)
    async with _beside("worker", worker.run), _beside("loading", partial(_load, runner.chains)):
        yield


async def _load(chains: Chains, stop: asyncio.Event) -> None:
    """Load what no step has asked for yet, once the first ones are under way.

    One stage at a time, so that nothing waits long. A stage that were loaded hours later could be
    of another version than the program around it. Raises ConfigurationError when chains and stages
    do not fit together.
    """
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), SETTLED)
    stages = (partial(chains.wiring, stage) for stage in Stages())
    parts: tuple[Callable[[], object], ...] = (toolmaker, *stages, chains.check)
    for load in parts:
        if not stop.is_set():
            load()
            await asyncio.sleep(0)


@asynccontextmanager
async def keeping_time(house: House) -> AsyncIterator[None]:
    """Start workflows when they are due until the block ends; any number may do so at once."""
    async with _beside("clockwork", Clockwork(house.pool).run):
        yield


@asynccontextmanager
async def _beside(
    name: str, run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]
) -> AsyncIterator[None]:
    """Run something beside the block, which it is told to stop for; its error ends the block."""
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(run(stop), name=name)
            try:
                yield
            finally:
                stop.set()
                await asyncio.wait([task])
    except BaseExceptionGroup as errors:
        if len(errors.exceptions) == 1:
            raise errors.exceptions[0] from None
        raise
