"""Synthetic stages and workflows, with which the runner is tested apart from all real ones."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from pipeline.db import Pool
from pipeline.events import Event
from pipeline.runner import Runner
from pipeline.worker import Worker
from pipeline.workflows import Workflow


class Link(Event):
    """Base of the events of a synthetic chain."""

    kind = "test_link"
    name: str = "a"

    @property
    def key(self) -> str:
        return self.name


class One(Link):
    kind = "test_one"


class Two(Link):
    kind = "test_two"


class Three(Link):
    kind = "test_three"


class Four(Link):
    kind = "test_four"


class Five(Link):
    kind = "test_five"


class Six(Link):
    kind = "test_six"


LINKS: tuple[type[Link], ...] = (One, Two, Three, Four, Five, Six)


def workflow(*stages: str, starts_with: type[Event] = One) -> dict[str, Workflow]:
    """One workflow, CHAIN, of these stages."""
    return {"CHAIN": Workflow(stages, starts_with=starts_with)}


async def no_tools(_: int) -> Mapping[type, object]:
    """Offer nothing beside what the runner itself offers."""
    return {}


def runner(
    pool: Pool,
    tools: Callable[[int], Awaitable[Mapping[type, object]]] = no_tools,
    workflows: dict[str, Workflow] | None = None,
    **stages: Any,
) -> Runner:
    """A runner of one workflow, CHAIN, of *stages* in the order given."""
    return Runner(pool, stages, tools, workflows or workflow(*stages))


@asynccontextmanager
async def working(it: Runner, **settings: Any):
    """Run a worker in this process while the block runs; an error of it is the test's."""
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(it, **settings).run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait_for(task, 40)


async def fetch(pool: Pool, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement of the test's own as the system role."""
    async with pool.system() as transaction:
        cursor = await transaction.connection.execute(statement, values)
        return await cursor.fetchall() if cursor.description else []


async def value(pool: Pool, statement: str, *values: Any) -> Any:
    """Return the first column of the first row."""
    return (await fetch(pool, statement, *values))[0][0]


async def until(
    pool: Pool, statement: str, *values: Any, expected: Any = True, seconds: float = 15
) -> None:
    """Wait until *statement* answers *expected*; fail after *seconds*."""
    end = asyncio.get_running_loop().time() + seconds
    while (got := await value(pool, statement, *values)) != expected:
        assert asyncio.get_running_loop().time() < end, f"{statement}: {got!r} after {seconds} s"
        await asyncio.sleep(0.02)
