import asyncio
import contextlib
from collections import Counter

import psycopg
import pytest

from pipeline.db import Pool
from pipeline.errors import NotConfigured
from pipeline.sentries import Sentries, is_set_up
from tests.conftest import add_user


class Duty:
    """Notes who stands where; does nothing else until it is told to fail."""

    def __init__(self):
        self.begun, self.now, self.most = Counter(), Counter(), Counter()
        self.fails = 0

    async def __call__(self, user, tools):
        self.begun[user] += 1
        if self.fails:
            self.fails -= 1
            raise RuntimeError("a bug")
        self.now[user] += 1
        self.most[user] = max(self.most[user], self.now[user])
        try:
            await asyncio.Event().wait()
        finally:
            self.now[user] -= 1


class Tools:
    def __init__(self):
        self.boxes = {}
        self.trouble = False

    async def __call__(self, user):
        if self.trouble:
            raise NotConfigured("no key opens this")
        return self.boxes.setdefault(user, {})


@pytest.fixture
def duty():
    return Duty()


@pytest.fixture
def tools():
    return Tools()


@contextlib.asynccontextmanager
async def standing(pool, duty, tools, name="listener"):
    stop = asyncio.Event()
    sentries = Sentries(pool, name, tools, duty, round_every=0.05, pause=0.1)
    task = asyncio.create_task(sentries.run(stop))
    try:
        yield sentries
    finally:
        stop.set()
        await task


async def until(true, seconds=5):
    async with asyncio.timeout(seconds):
        while not true():  # other tasks and the database move meanwhile
            await asyncio.sleep(0.01)


async def enable(pool, user, enabled):
    async with pool.system() as db:
        await db.connection.execute("update users set enabled = %s where id = %s", [enabled, user])


async def test_every_user_has_a_sentry_also_one_who_comes_later(pool, user_id, duty, tools):
    async with standing(pool, duty, tools):
        await until(lambda: duty.now[user_id])
        later = await add_user(pool, "later")
        await until(lambda: duty.now[later])

    assert duty.now == {user_id: 0, later: 0}


async def test_of_four_processes_one_holds_the_post(database_url, user_id, duty, tools):
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(4):
            pool = await stack.enter_async_context(Pool(database_url, size=2))
            await stack.enter_async_context(standing(pool, duty, tools))
        await until(lambda: duty.now[user_id])
        await asyncio.sleep(0.3)

        assert duty.most == {user_id: 1}
        assert duty.begun == {user_id: 1}


async def test_posts_of_two_names_do_not_meet(pool, user_id, duty, tools):
    other = Duty()
    async with standing(pool, duty, tools), standing(pool, other, tools, "watcher"):
        await until(lambda: duty.now[user_id] and other.now[user_id])


async def test_another_process_takes_the_post_that_one_leaves(database_url, user_id, duty, tools):
    async with Pool(database_url, size=2) as one, Pool(database_url, size=2) as two:
        second = Duty()
        async with contextlib.AsyncExitStack() as first:
            await first.enter_async_context(standing(one, duty, tools))
            await until(lambda: duty.now[user_id])
            async with standing(two, second, tools):
                await asyncio.sleep(0.2)
                assert second.now[user_id] == 0
                await first.aclose()
                await until(lambda: second.now[user_id])


async def test_a_lost_connection_is_noticed_and_the_post_taken_again(
    pool, user_id, duty, tools, database_url
):
    async with standing(pool, duty, tools):
        await until(lambda: duty.now[user_id])
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as db:
            await db.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                " and database = (select oid from pg_database where datname = current_database())"
            )
        await until(lambda: duty.begun[user_id] == 2)

    assert duty.most[user_id] == 1


async def test_a_disabled_user_is_left_and_found_again(pool, user_id, duty, tools):
    async with standing(pool, duty, tools) as sentries:
        await until(lambda: duty.now[user_id])
        await enable(pool, user_id, enabled=False)
        await until(lambda: not sentries.held)
        assert duty.now[user_id] == 0
        await enable(pool, user_id, enabled=True)
        await until(lambda: duty.now[user_id])


async def test_a_duty_that_fails_is_begun_again_after_a_pause(pool, user_id, duty, tools):
    duty.fails = 2
    async with standing(pool, duty, tools):
        await until(lambda: duty.now[user_id])

    assert duty.begun[user_id] == 3


async def test_new_tools_mean_a_new_beginning(pool, user_id, duty, tools):
    async with standing(pool, duty, tools):
        await until(lambda: duty.now[user_id])
        tools.boxes[user_id] = {}
        await until(lambda: duty.begun[user_id] == 2 and duty.now[user_id] == 1)


async def test_tools_that_cannot_be_made_are_asked_for_again(pool, user_id, duty, tools):
    tools.trouble = True
    async with standing(pool, duty, tools) as sentries:
        await until(lambda: sentries.held)
        tools.trouble = False
        await until(lambda: duty.now[user_id])


@pytest.mark.parametrize(
    ("address", "expected"),
    [("http://not-configured.invalid", False), ("http://192.168.1.5:13378", True)],
)
def test_an_address_under_invalid_stands_for_none(address, expected):
    assert is_set_up(address) is expected
