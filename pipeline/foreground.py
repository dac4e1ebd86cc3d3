"""What a command does in the foreground: say a line, and run until a signal ends it."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from pipeline.db import LOST
from pipeline.errors import ServiceDown

LONGEST_PAUSE = 10.0  # seconds between two tries to reach the database


def say(line: str) -> None:
    """Print what has just been done."""
    sys.stdout.write(f"· {line}\n")
    sys.stdout.flush()


def quiet(_: str) -> None:
    """Say nothing."""


@asynccontextmanager
async def stopped_by_signals() -> AsyncIterator[asyncio.Event]:
    """Yield an event that Ctrl-C and SIGTERM set; a second Ctrl-C ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def through_outages(stop: asyncio.Event, run: Callable[[], Awaitable[None]]) -> None:
    """Do *run* again until *stop* is set, whenever it finds the database out of reach."""
    failures = 0
    while not stop.is_set():
        try:
            await run()
        except (*LOST, ServiceDown) as error:
            failures += 1
            pause = min(0.1 * 2**failures, LONGEST_PAUSE)
            say(f"waiting for the database: {' '.join(str(error).split())}")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
