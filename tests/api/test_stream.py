"""Runs are seen moving, a broken stream carries on, and a key that is refused ends it."""

import asyncio
import contextlib
import json

import httpx
import pytest

from api import stream
from pipeline import api_keys, runs
from pipeline.sandbox.serve import serve
from tests.support.chains import value


@pytest.fixture
async def address(served):
    async with serve(served) as url:
        yield url


@contextlib.asynccontextmanager
async def listening(address, key, last=""):
    """Open a stream; yield a function that returns the next event as (id, name, data)."""
    headers = {"X-Api-Key": key, **({"Last-Event-ID": last} if last else {})}
    async with (
        httpx.AsyncClient(base_url=address, timeout=10) as client,
        client.stream("GET", "/api/stream", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()

        async def event(seconds=8.0):
            found = {}
            async with asyncio.timeout(seconds):
                async for line in lines:
                    if not line and "event" in found:
                        return found.get("id"), found["event"], json.loads(found["data"])
                    name, _, text = line.partition(": ")
                    if name in {"id", "event", "data"}:
                        found[name] = text
            return None

        yield event


async def test_a_stream_begins_with_what_is_open_and_goes_on_with_what_moves(address, pool, owner):
    async with listening(address, owner.key) as event:
        shown = [await event(), await event()]
        started = await runs.start(pool, owner.user_id, "RESCAN")
        _, name, run = await event()

    assert {run["id"] for _, _, run in shown} == {owner.ids["run"], owner.ids["ended"]}
    assert (name, run["id"], run["workflow"]) == ("run", started.id, "RESCAN")
    assert run["counts"] == {"scan_library": {"ready": 1}}


async def test_a_stream_tells_nothing_of_another_user(address, pool, owner, stranger):
    async with listening(address, stranger.key) as event:
        first = [await event(), await event()]
        await runs.start(pool, owner.user_id, "RESCAN")
        with pytest.raises(TimeoutError):
            await event(1.5)

    assert {run["id"] for _, _, run in first} == {stranger.ids["run"], stranger.ids["ended"]}


async def test_a_stream_that_broke_off_carries_on(address, pool, owner):
    async with listening(address, owner.key) as event:
        await event()
        last, _, _ = await event()
    started = await runs.start(pool, owner.user_id, "RESCAN")
    await runs.cancel(pool, owner.user_id, started.id)

    async with listening(address, owner.key, last) as event:
        seen = [(await event())[2] for _ in range(3)]

    assert {"RESCAN": "cancelled"}.items() <= {r["workflow"]: r["status"] for r in seen}.items()


async def test_a_stream_ends_when_its_key_is_revoked(address, pool, owner, monkeypatch):
    monkeypatch.setattr(stream, "BEAT", 0.2)
    async with listening(address, owner.key) as event:
        await event()
        await event()
        await api_keys.revoke_key(pool, owner.user_id, owner.key[4:12])

        assert (await event())[1] == "closed"


async def test_a_stream_survives_a_lost_connection(address, pool, owner):
    async with listening(address, owner.key) as event:
        await event()
        await event()
        await value(
            pool,
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%%'",
        )
        started = await runs.start(pool, owner.user_id, "RESCAN")
        seen = set()
        while started.id not in seen:
            seen.add((await event())[2]["id"])


async def test_nobody_listens_when_nobody_watches(address, served, owner):
    changes = served.state.desk.changes
    async with listening(address, owner.key) as event:
        await event()
        assert changes.watching == 1
    for _ in range(100):
        if not changes.watching:
            break
        await asyncio.sleep(0.05)

    assert changes.watching == 0
    assert changes._task is None
