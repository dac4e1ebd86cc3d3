"""Runs as they move, as server-sent events.

Each event holds a run's whole present state, so that one which is sent twice does no harm and one
that is merged with the next loses nothing. Its id is the moment, on the database's clock, up to
which the stream had looked; whoever comes back with it is told every run that is open or has ended
since, with a minute to spare for transactions that were slow to commit.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from starlette.responses import StreamingResponse

from api import answers
from api.contract import Asked, Reply
from api.desk import Desk
from api.dispatch import render
from api.errors import Refused
from pipeline.api_keys import Caller
from pipeline.changes import Watcher
from pipeline.db import LOST

BEAT = 15.0  # seconds between signs of life; each is also a look at whether the key still opens
PAUSE = 0.25  # seconds between two looks at what moved
SPARE = timedelta(seconds=60)
MOST = 1000  # streams of one process
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def stream(asked: Asked) -> Reply:
    """Follow the runs of the user; `Last-Event-ID` carries on where a stream broke off."""
    if asked.desk.changes.watching >= MOST:
        raise Refused(503, "too many streams are open", (), {"Retry-After": "30"})
    since = _since(asked.request.headers.get("last-event-id", ""))
    events = _events(asked.desk, asked.caller, since)
    return Reply(StreamingResponse(events, headers=_HEADERS, media_type="text/event-stream"))


async def _events(desk: Desk, caller: Caller, since: datetime | None) -> AsyncIterator[bytes]:
    with desk.changes.watch(caller.user_id) as watcher, desk.metrics.streams.track_inprogress():
        yield b"retry: 2000\n\n"
        checked = time.monotonic()
        while True:
            try:
                runs = await _news(watcher)
                if time.monotonic() - checked > BEAT:
                    checked = time.monotonic()
                    if not await _still_opens(desk, caller):
                        yield b"event: closed\ndata: {}\n\n"
                        return
                if runs == []:
                    yield b": still here\n\n"
                    continue
                text, since = await _states(desk, caller.user_id, runs, since)
            except LOST:
                yield b": the database is out of reach\n\n"
                watcher.tell(None)
                await asyncio.sleep(1)
                continue
            if text:
                yield text
            await asyncio.sleep(PAUSE)


async def _news(watcher: Watcher) -> list[int] | None:
    """Return which runs moved, None for any, [] when all was quiet for a beat."""
    try:
        return await watcher.moved(BEAT)
    except TimeoutError:
        return []


async def _states(
    desk: Desk, user_id: int, runs: list[int] | None, since: datetime | None
) -> tuple[bytes, datetime]:
    """Return the events of these runs, and the moment up to which has been looked."""
    async with desk.pool.user(user_id) as db:
        at: datetime = (await db.row("stats.database") or {})["at"]
        asked = at if since is None else since
        rows = await db.rows("views.run_states", runs=runs, since=asked - SPARE)
    name = f"{int(at.timestamp() * 1000)}".encode()
    pieces = [
        b"id: %b\nevent: run\ndata: %b\n\n" % (name, render(answers.Run(**row))) for row in rows
    ]
    return b"".join(pieces), at


async def _still_opens(desk: Desk, caller: Caller) -> bool:
    async with desk.pool.system() as db:
        row = await db.row("accounts.key", id=caller.key_id)
    return bool(row and row["valid"] and row["enabled"])


def _since(text: str) -> datetime | None:
    """Read an id that a stream gave; what is none is no reason to refuse."""
    if not text.isdecimal() or len(text) > 14:  # noqa: PLR2004  # digits of milliseconds
        return None
    return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
