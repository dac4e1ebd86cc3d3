"""An open page hears that something moved, of its own user only, and until it is signed out."""

import asyncio
import contextlib

import httpx
import pytest

from api.pages import live
from pipeline import api_keys, runs
from pipeline.sandbox.serve import serve


@pytest.fixture
async def address(served):
    async with serve(served) as url:
        yield url


@contextlib.asynccontextmanager
async def page(address, key):
    """Open a stream; yield a function that returns the next event as (name, data)."""
    async with (
        httpx.AsyncClient(base_url=address, timeout=20) as client,
        client.stream("GET", "/live", headers={"X-Api-Key": key}) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

        async def read():
            name = ""
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data:") and name:
                    heard.put_nowait((name, line.removeprefix("data:").strip()))

        async def event(seconds=8.0):
            return await asyncio.wait_for(heard.get(), seconds)

        reading = asyncio.create_task(read())
        yield event
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading


async def quiet(event, seconds=1.5):
    with pytest.raises(TimeoutError):
        await event(seconds)


async def settled(event):
    """Read what a stream says as it begins: look at everything, once or twice."""
    assert await event() == ("run", "*")
    with contextlib.suppress(TimeoutError):
        assert await event(1.0) == ("run", "*")


async def test_a_page_is_told_to_look_when_it_opens_and_when_a_run_moves(address, pool, owner):
    async with page(address, owner.key) as event:
        await settled(event)
        started = await runs.start(pool, owner.user_id, "RESCAN")

        assert await event() == ("run", str(started.id))


async def test_what_moves_fast_is_told_once(address, pool, owner):
    async with page(address, owner.key) as event:
        await settled(event)
        first = await runs.start(pool, owner.user_id, "RESCAN")
        await event()
        for _ in range(20):
            async with pool.user(owner.user_id) as db:
                await db.connection.execute("SELECT announce(app_user(), %s)", [first.id])

        assert await event() == ("run", str(first.id))
        await quiet(event)


async def test_a_page_hears_nothing_of_another_user(address, pool, owner, stranger):
    async with page(address, stranger.key) as event:
        await settled(event)
        await runs.start(pool, owner.user_id, "RESCAN")

        await quiet(event)


async def test_a_page_of_whom_the_key_was_revoked_is_told_that_it_is_over(
    address, pool, owner, monkeypatch
):
    monkeypatch.setattr(live, "BEAT", 0.3)
    async with page(address, owner.key) as event:
        await settled(event)
        assert await api_keys.revoke_key(pool, owner.user_id, api_keys.key_id(owner.key))

        assert await event() == ("closed", "")


async def test_a_stranger_hears_nothing_at_all(address):
    async with httpx.AsyncClient(base_url=address) as client:
        answer = await client.get("/live")

    assert answer.status_code == 303
