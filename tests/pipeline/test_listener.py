import asyncio
import contextlib
from datetime import timedelta

import pytest

from pipeline import listener as under_test
from pipeline.clock import SystemClock
from pipeline.domain.remote_paths import PathMap
from pipeline.library import Library
from pipeline.listener import Listener
from tests.support.bookshelf import EMMA, bookshelf
from tests.support.household import look

POLL = timedelta(seconds=0.4)


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(under_test, "LONGEST_PAUSE", 0.5)
    monkeypatch.setattr(under_test, "FIRST_PAUSE", 0.2)


@pytest.fixture
async def shelf(tmp_path):
    async with bookshelf(tmp_path) as three_books:
        yield three_books


class Ear:
    """A listener that listens, and what the database knows of it."""

    def __init__(self, pool, user_id, client, every=timedelta(minutes=5)):
        self.url, self.client = pool.url, client
        self.listener = Listener(
            pool,
            user_id,
            Library(client),
            shelf=PathMap(()),
            every=every,
            clock=SystemClock(),
        )

    def health(self):
        rows = look(self.url, "select to_jsonb(l) from listeners l")
        return rows[0][0] if rows else {}

    def arrivals(self):
        return dict(look(self.url, "select abs_id, status from arrivals where status <> 'known'"))

    def sources(self):
        return dict(look(self.url, "select abs_id, source from arrivals where status <> 'known'"))

    async def until(self, true, seconds=8):
        async with asyncio.timeout(seconds):
            while not true():  # what is waited for is in the database
                await asyncio.sleep(0.02)

    async def until_it(self, state):
        await self.until(lambda: self.health().get("state") == state)

    @contextlib.asynccontextmanager
    async def listening(self, state="listening"):
        task = asyncio.create_task(self.listener.run())
        try:
            await self.until_it(state)
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_what_the_library_held_before_is_known_and_gets_no_run(pool, user_id, shelf):
    standin, door, _ = shelf

    async with Ear(pool, user_id, door()).listening() as ear:
        await ear.until(lambda: ear.health()["last_seen"])

    known = look(pool.url, "select abs_id from arrivals where status = 'known'")
    assert {item for (item,) in known} == set(standin.shelf.books)
    assert ear.arrivals() == {}
    assert look(pool.url, "select count(*) from tasks") == [(0,)]


async def test_a_library_that_was_empty_at_first_has_news_with_its_first_book(pool, user_id, shelf):
    standin, door, _ = shelf
    books = dict(standin.shelf.books)
    standin.shelf.books.clear()
    ear = Ear(pool, user_id, door())
    await ear.listener.catch_up()
    standin.shelf.books.update(books)

    await ear.listener.catch_up()

    assert set(ear.arrivals()) == set(books)


async def test_one_added_item_and_a_list_of_them_are_heard(pool, user_id, shelf):
    standin, door, _ = shelf

    async with Ear(pool, user_id, door()).listening() as ear:
        one, two = standin.add_owned(EMMA, "A/One"), standin.add_owned(EMMA, "A/Two")
        three = standin.add_owned(EMMA, "A/Three")
        await standin.tell("item_added", standin.shown(one))
        await standin.tell("items_added", [standin.shown(two), standin.shown(three)])
        await ear.until(lambda: len(ear.arrivals()) == 3)

    assert ear.sources() == {one: "socket", two: "socket", three: "socket"}


async def test_an_update_of_an_item_is_no_arrival(pool, user_id, shelf):
    standin, door, _ = shelf

    async with Ear(pool, user_id, door()).listening() as ear:
        await standin.edit(next(iter(standin.shelf.books)), {"title": "Another"})
        await standin.tell("items_updated", [standin.shown(next(iter(standin.shelf.books)))])
        new = standin.add_owned(EMMA, "A/One")
        await standin.tell("item_added", standin.shown(new))
        await ear.until(ear.arrivals)

    assert set(ear.arrivals()) == {new}


async def test_an_item_of_another_library_is_not_ours(pool, user_id, shelf):
    standin, door, _ = shelf

    async with Ear(pool, user_id, door()).listening() as ear:
        other, ours = standin.add_owned(EMMA, "A/One"), standin.add_owned(EMMA, "A/Two")
        await standin.tell("item_added", standin.shown(other) | {"libraryId": "another"})
        await standin.tell("item_added", standin.shown(ours))
        await ear.until(ear.arrivals)

    assert set(ear.arrivals()) == {ours}


async def test_after_a_restart_it_signs_in_again_and_catches_up(pool, user_id, shelf):
    standin, door, _ = shelf
    standin.faults.down_seconds = 0.6

    async with Ear(pool, user_id, door()).listening() as ear:
        standin.crash()
        missed = standin.add_owned(EMMA, "A/Missed")
        await ear.until(lambda: ear.health()["state"] != "listening")
        await ear.until_it("listening")
        await ear.until(lambda: missed in ear.arrivals())
        told = standin.add_owned(EMMA, "A/Told")
        await standin.tell("item_added", standin.shown(told))
        await ear.until(lambda: told in ear.arrivals())

    assert ear.sources() == {missed: "listing", told: "socket"}


async def test_what_came_while_nobody_listened_at_all_is_caught_up(pool, user_id, shelf):
    standin, door, _ = shelf
    async with Ear(pool, user_id, door()).listening() as ear:
        await ear.until(lambda: ear.health()["last_seen"])
    missed = [standin.add_owned(EMMA, f"A/Missed {n}") for n in range(70)]

    async with Ear(pool, user_id, door()).listening() as ear:
        await ear.until(lambda: len(ear.arrivals()) == 70)

    assert set(ear.arrivals()) == set(missed)


async def test_more_news_than_one_list_may_hold_is_paged(pool, user_id, shelf, monkeypatch):
    standin, door, _ = shelf
    monkeypatch.setattr(under_test, "NEWEST", 2)
    monkeypatch.setattr(under_test, "MANY", 8)
    ear = Ear(pool, user_id, door())
    await ear.listener.catch_up()
    added = {standin.add_owned(EMMA, f"A/New {n}") for n in range(12)}

    await ear.listener.catch_up()

    assert set(ear.arrivals()) == added


async def test_a_token_that_the_socket_refuses_is_said_and_polling_goes_on(pool, user_id, shelf):
    standin, door, _ = shelf
    client = door()

    async def wrong():
        return "a token of nobody"

    client.socket_token = wrong

    async with Ear(pool, user_id, client, POLL).listening("refused") as ear:
        await ear.until(lambda: ear.health()["last_seen"])
        new = standin.add_owned(EMMA, "A/One")
        await ear.until(lambda: new in ear.arrivals())
        health = ear.health()

    assert "Invalid token" in health["message"]
    assert "looked for every" in health["message"]
    assert health["trouble"] is None
    assert ear.sources() == {new: "listing"}


async def test_a_server_that_refuses_everything_is_asked_again_until_it_does_not(
    pool, user_id, shelf
):
    standin, door, _ = shelf
    standin.faults.wrong_token = True

    async with Ear(pool, user_id, door(), POLL).listening("refused") as ear:
        await ear.until(lambda: ear.health()["trouble"])
        standin.faults.wrong_token = False
        await ear.until_it("listening")
        await ear.until(lambda: ear.health()["trouble"] is None)


async def test_without_a_token_for_the_socket_it_polls(pool, user_id, shelf):
    standin, door, _ = shelf
    standin.faults.no_legacy_token = True

    async with Ear(pool, user_id, door(), POLL).listening("polling") as ear:
        await ear.until(lambda: ear.health()["last_seen"])
        new = standin.add_owned(EMMA, "A/One")
        await ear.until(lambda: new in ear.arrivals())

    assert ear.health()["connected_at"] is None


async def test_an_announcement_of_unknown_shape_loses_nothing(pool, user_id, shelf):
    standin, door, _ = shelf

    async with Ear(pool, user_id, door()).listening() as ear:
        await ear.until(lambda: ear.health()["last_seen"])
        new = standin.add_owned(EMMA, "A/One")
        await standin.tell("item_added", {"id": new, "mediaType": "book"})
        await ear.until(lambda: new in ear.arrivals())

    assert ear.sources() == {new: "listing"}


async def test_a_user_without_a_server_is_left_alone(pool, user_id, shelf):
    _, door, _ = shelf
    client = type(door())(
        type("Nowhere", (), {"base_url": "http://not-configured.invalid/"})(), "", exclusive=None
    )

    async with Ear(pool, user_id, client).listening("off") as ear:
        assert "not set up" in ear.health()["message"]
