"""Tell open pages that something moved; they ask for their own part of it anew.

The stream carries no state: a page whose stream broke off is told to look as soon as it is back,
and five hundred open pages cost nothing between two events.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from api.errors import Refused
from api.pages.visit import Recognise, Visit
from pipeline.changes import Watcher
from pipeline.db import LOST

BEAT = 15.0  # seconds between signs of life; each is also a look at whether the visitor may stay
PAUSE = 0.5  # seconds between two events of one stream
MOST = 1000  # streams of one process
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(visit: Visit, recognise: Recognise) -> Response:
    """Answer an endless stream of `run` events."""
    if visit.desk.changes.watching >= MOST:
        raise Refused(503, "too many pages are open")
    return StreamingResponse(
        _events(visit, recognise), headers=_HEADERS, media_type="text/event-stream"
    )


async def _events(visit: Visit, recognise: Recognise) -> AsyncIterator[bytes]:
    desk = visit.desk
    with desk.changes.watch(visit.user_id) as watcher, desk.metrics.streams.track_inprogress():
        yield b"retry: 1000\n\n"
        watcher.tell(None)  # what moved between the page and its stream
        checked = time.monotonic()
        while True:
            yield await _next(watcher)
            if time.monotonic() - checked > BEAT:
                checked = time.monotonic()
                if not await _may_stay(visit, recognise):
                    yield b"event: closed\ndata:\n\n"
                    return
            await asyncio.sleep(PAUSE)


async def _next(watcher: Watcher) -> bytes:
    try:
        runs = await watcher.moved(BEAT)
    except TimeoutError:
        return b": still here\n\n"
    moved = "*" if runs is None else ",".join(str(run) for run in runs)
    return f"event: run\ndata: {moved}\n\n".encode()


async def _may_stay(visit: Visit, recognise: Recognise) -> bool:
    try:
        visitor = await recognise(visit.desk, visit.request)
    except Refused:
        return False
    except LOST:
        return True  # nobody can say just now
    return visitor is not None and visitor.caller.enabled
