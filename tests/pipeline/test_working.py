import asyncio
from types import SimpleNamespace

import pytest

from pipeline import working
from pipeline.worker import Worker


@pytest.fixture
def house(pool):
    return SimpleNamespace(pool=pool, tools=None, settings=SimpleNamespace(concurrency=2))


async def test_a_bug_in_the_worker_ends_the_block(house, monkeypatch):
    async def fail(self, stop):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Worker, "run", fail)
    with pytest.raises(ZeroDivisionError):
        async with working.working(house):
            await asyncio.sleep(10)


async def test_what_goes_wrong_in_the_block_lets_the_worker_end_in_peace(house, monkeypatch):
    ended = []

    async def work(self, stop):
        await stop.wait()
        await asyncio.sleep(0.01)
        ended.append("in peace")

    monkeypatch.setattr(Worker, "run", work)
    with pytest.raises(KeyError):
        async with working.working(house):
            raise KeyError

    assert ended == ["in peace"]
