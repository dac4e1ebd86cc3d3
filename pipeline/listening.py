"""Listen to every user's library and watch their downloads, for as long as a block lasts."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar, cast

from pipeline.adoption import Adoption
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import SystemClock
from pipeline.db import Pool
from pipeline.foreground import say, stopped_by_signals, through_outages
from pipeline.house import House, open_house
from pipeline.library import Library
from pipeline.listener import Listener
from pipeline.sentries import Sentries, Toolbox
from pipeline.settings import Settings
from pipeline.shelving import Patience, Shelves
from pipeline.watcher import Watcher

Tool = TypeVar("Tool")


async def listen(settings: Settings, _: Namespace) -> int:
    """Hear of new books and watch downloads until told to stop; return the exit code."""

    async def hear() -> None:
        async with open_house(settings, say, sandbox=False) as house, listening(house):
            await stop.wait()

    async with stopped_by_signals() as stop:
        await through_outages(stop, hear)
    return 0


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[None]:
    """Listen and watch until the block ends; of several processes, one holds each user's posts.

    A bug in a duty is logged and the duty begun again: one user's server must not deafen the rest.
    """
    stop = asyncio.Event()
    posts = [asyncio.create_task(each.run(stop), name=each.name) for each in sentries(house)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*posts)


def sentries(house: House) -> tuple[Sentries, ...]:
    """Return the posts of a process that listens."""
    return tuple(
        Sentries(house.pool, name, house.tools, duty(house.pool, house.settings))
        for name, duty in POSTS.items()
    )


def _listener(pool: Pool, settings: Settings) -> Callable[[int, Toolbox], Awaitable[None]]:
    async def listen(user_id: int, tools: Toolbox) -> None:
        listener = Listener(
            pool,
            user_id,
            _tool(tools, Library),
            shelf=_tool(tools, Shelves).shelf,
            every=timedelta(minutes=settings.poll_minutes),
            clock=SystemClock(),
        )
        await listener.run()

    return listen


def _watcher(pool: Pool, _: Settings) -> Callable[[int, Toolbox], Awaitable[None]]:
    async def watch(user_id: int, tools: Toolbox) -> None:
        watcher = Watcher(
            pool,
            user_id,
            _tool(tools, QBittorrent),
            _tool(tools, Patience),
            SystemClock(),
            Adoption(pool, user_id),
        )
        await watcher.run()

    return watch


POSTS: Mapping[str, Callable[[Pool, Settings], Callable[[int, Toolbox], Awaitable[None]]]] = {
    "listener": _listener,
    "watcher": _watcher,
}


def _tool(tools: Toolbox, kind: type[Tool]) -> Tool:
    return cast("Tool", tools[kind])
