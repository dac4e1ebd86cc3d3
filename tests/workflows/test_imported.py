"""IMPORTED on the sandbox: from an event of Audiobookshelf's socket to a described book."""

import asyncio
import copy
import json
import statistics
import time
from collections import Counter

import pytest
import pytest_asyncio

from pipeline import runs
from pipeline.db import Pool
from pipeline.listening import listening
from pipeline.sandbox.catalogue import TITLES
from pipeline.working import working
from tests.support.household import finished, household, look, new_database, new_user
from tests.support.shared import shared

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
EVENTS = 24
NEW = [title for title in TITLES if not title.owned]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_url, template, tmp_path_factory):
    """A household that listens and works for the whole module."""
    with new_database(server_url, template) as url:
        async with Pool(url, size=16) as pool:
            folder = tmp_path_factory.mktemp("imported")
            async with (
                household(folder, pool, await new_user(pool)) as opened,
                working(opened),
                listening(opened),
            ):
                await until(lambda: state(opened) == "listening", "it listens")
                yield opened


async def until(true, what, seconds=20):
    async with asyncio.timeout(seconds):
        while not true():  # what is waited for is in the database
            await asyncio.sleep(0.02)
    assert true(), what


def state(house):
    rows = look(house.pool.url, "select state from listeners")
    return rows[0][0] if rows else None


def fate(house, item):
    return look(house.pool.url, "select status from arrivals where abs_id = %s", item)


def runs_of(house, item):
    return look(
        house.pool.url, "select id from tasks where task_name = 'IMPORTED' and subject = %s", item
    )


async def described(house, item):
    await until(lambda: runs_of(house, item), "it has a run")
    [(run,)] = runs_of(house, item)
    return await finished(house, run)


def quiet(item):
    """Return an announced item whose files have been left alone for a minute."""
    item = copy.deepcopy(item)
    for about in (item, *(file["metadata"] for file in item["libraryFiles"])):
        for name in ("mtimeMs", "ctimeMs"):
            about[name] = item["addedAt"] - 60_000
    return item


def announced(house, number, times=0):
    """Put a book on the shelf; return it as the socket tells of it."""
    server = house.town.audiobookshelf
    title = NEW[number % len(NEW)]
    return quiet(server.shown(server.add_owned(title, f"New {number}-{times}/{title.title}")))


async def test_the_library_that_was_there_before_is_no_news(house):
    assert look(house.pool.url, "select count(*) from tasks where task_name = 'IMPORTED'") == [(0,)]


async def test_books_that_we_import_ourselves_are_described_once(house):
    started = await runs.start(house.pool, house.user.user_id, "SERIES")
    assert await finished(house, started.id) == "completed"
    await until(
        lambda: not look(house.pool.url, "select 1 from arrivals where status = 'waiting'"), ""
    )

    imported = look(
        house.pool.url,
        "select b.abs_id from downloads d join books b on b.id = d.book_id"
        " where d.abs_import_status = 'imported'",
    )
    described_by = Counter(
        look(
            house.pool.url,
            "select s.key from steps s where s.stage = 'fetch_metadata' and s.key = any(%s)",
            [item for (item,) in imported],
        )
    )
    fates = dict(look(house.pool.url, "select abs_id, status from arrivals"))
    assert len(imported) >= 15
    assert set(described_by.values()) == {1}
    assert {fates[item] for (item,) in imported} == {"covered"}


async def test_a_new_book_is_described_and_linked(house):
    item = announced(house, 0)

    await house.town.audiobookshelf.tell("item_added", item)

    assert await described(house, item["id"]) == "completed"
    stages = look(
        house.pool.url,
        "select stage from steps s join tasks t on t.id = s.run_id where t.subject = %s"
        " order by s.id",
        item["id"],
    )
    assert [stage for (stage,) in stages][:1] == ["fetch_metadata"]
    assert ("link_series",) in stages


async def test_the_first_step_starts_within_a_second_of_the_event(house, figure):
    waits = []
    for number in range(EVENTS):
        item = announced(house, number, 1)
        told = time.time()
        await house.town.audiobookshelf.tell("item_added", item)
        await until(lambda item=item: first_start(house, item["id"]), "its first step has started")
        waits.append(first_start(house, item["id"]) - told)

    p95 = statistics.quantiles(waits, n=20)[-1]
    figure(
        f"item_added to first step: median {statistics.median(waits) * 1000:.0f} ms,"
        f" p95 {p95 * 1000:.0f} ms, worst {max(waits) * 1000:.0f} ms, {len(waits)} events"
    )
    assert p95 < 1


def first_start(house, item):
    rows = look(
        house.pool.url,
        "select extract(epoch from min(s.started_at))::float from steps s"
        " join tasks t on t.id = s.run_id where t.subject = %s",
        item,
    )
    return rows[0][0]


async def test_events_that_were_recorded_at_a_real_server_are_understood(house):
    file = shared("facts", "audiobookshelf", "socket_event_samples.json")
    samples = json.loads(file.read_text("utf-8"))["samples"]
    server, heard = house.town.audiobookshelf, set()
    for event in ("item_added", "items_added"):
        for payload in samples[event]:
            # The saved arrays are cut short; a string stands for the rest.
            items = [item for item in _listed(payload) if isinstance(item, dict)]
            for item in items:
                item["libraryId"] = server.library_id
                heard.add(item["id"])
            await server.tell(event, items if event == "items_added" else items[0])

    arrived = "select abs_id from arrivals where source = 'socket'"
    await until(lambda: heard <= {a for (a,) in look(house.pool.url, arrived)}, "all are heard")
    assert len(heard) >= 2


def _listed(payload):
    return payload if isinstance(payload, list) else [payload]


async def test_ten_books_of_one_scan_are_ten_runs(house):
    items = [announced(house, number, 2) for number in range(10)]

    await house.town.audiobookshelf.tell("items_added", items)

    for item in items:
        assert await described(house, item["id"]) == "completed"


async def test_five_copies_of_one_event_are_one_run(house):
    item = announced(house, 1, 3)

    for _ in range(4):
        await house.town.audiobookshelf.tell("item_added", item)
    assert await described(house, item["id"]) == "completed"
    await house.town.audiobookshelf.tell("items_added", [item])
    await house.town.audiobookshelf.tell("item_added", announced(house, 2, 3))
    await asyncio.sleep(0.5)

    assert len(runs_of(house, item["id"])) == 1


async def test_what_came_while_the_server_was_away_is_caught_up(house, figure):
    server = house.town.audiobookshelf
    server.faults.down_seconds = 1.5
    server.crash("killed")
    missed = announced(house, 3, 4)
    await until(lambda: state(house) != "listening", "the loss is noticed")

    await until(lambda: state(house) == "listening", "it listens again")
    began = time.monotonic()
    await until(lambda: fate(house, missed["id"]), "the book that nobody told of is heard of")
    figure(f"a missed book was known {time.monotonic() - began:.2f} s after the sign-in")
    told = announced(house, 4, 4)
    await server.tell("item_added", told)

    assert await described(house, missed["id"]) == "completed"
    assert await described(house, told["id"]) == "completed"
    heard = dict(look(house.pool.url, "select abs_id, source from arrivals"))
    assert heard[missed["id"]] == "listing"
    assert heard[told["id"]] == "socket"
