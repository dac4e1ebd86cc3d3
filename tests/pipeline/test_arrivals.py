import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from pipeline import arrivals as under_test
from pipeline.arrivals import Arrivals, as_shown, hear, on_disk
from pipeline.clock import SystemClock
from pipeline.domain import newcomers
from pipeline.domain.newcomers import Newcomer, Sight
from pipeline.domain.remote_paths import PathMap
from pipeline.library import Library
from tests.conftest import add_user
from tests.support.bookshelf import EMMA, bookshelf
from tests.support.household import look

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
QUIET = Sight((("a.m4b", 1, 1),), LONG_AGO, LONG_AGO + timedelta(minutes=1))
_numbers = count(1)


@pytest.fixture
async def shelf(tmp_path):
    async with bookshelf(tmp_path) as three_books:
        yield three_books


@pytest.fixture
def home(pool, user_id, shelf):
    standin, door, _ = shelf
    return Home(pool, user_id, standin, door())


class Home:
    """The arrivals of one user, and what the database says of them."""

    def __init__(self, pool, user_id, standin, client):
        self.pool, self.user, self.standin = pool, user_id, standin
        self.arrivals = Arrivals(pool, user_id, Library(client), PathMap(()), SystemClock())

    def shelved(self, sight=QUIET, place=None):
        """Put a book on the shelf; return it as it is announced."""
        place = place or f"A/New {next(_numbers)}"
        item = self.standin.shown(self.standin.add_owned(EMMA, place))
        return Newcomer(item["id"], item["libraryId"], item["path"], "Emma", LONG_AGO, sight)

    async def hear(self, *items, source="socket"):
        await self.arrivals.hear(items, source)

    def row(self, item):
        query = "select to_jsonb(a) from arrivals a where abs_id = %s"
        return look(self.pool.url, query, item.abs_id)[0][0]

    def runs(self):
        query = "select subject, task_name, started_by from tasks order by id"
        return look(self.pool.url, query)

    async def step(self, stage, event, **columns):
        """Write a step of a run under way, as a worker would have left it."""
        async with self.pool.system() as db:
            cursor = await db.connection.execute(
                "insert into tasks (user_id, task_name, status, subject) values (%s, 'SERIES',"
                " 'running', %s) returning id",
                [self.user, str(next(_numbers))],
            )
            [run] = await cursor.fetchone()
            values = {"key": "k", "status": "ready", "topic": None, "started_at": None} | columns
            cursor = await db.connection.execute(
                "insert into steps (user_id, run_id, stage, kind, key, event, status, topic,"
                " started_at) values (%s, %s, %s, 'x', %s, %s, %s, %s, %s) returning id",
                [
                    self.user,
                    run,
                    stage,
                    values["key"],
                    json.dumps(event),
                    values["status"],
                    values["topic"],
                    values["started_at"],
                ],
            )
            [step] = await cursor.fetchone()
        return step

    async def end(self, step):
        async with self.pool.system() as db:
            await db.connection.execute(
                "update steps set status = 'done', topic = null where id = %s", [step]
            )


async def test_a_quiet_item_gets_its_run_at_once(home):
    item = home.shelved()

    await home.hear(item)

    assert home.runs() == [(item.abs_id, "IMPORTED", "event")]
    assert home.row(item)["status"] == "started"
    event = look(home.pool.url, "select event from steps where stage = 'fetch_metadata'")[0][0]
    assert (event["abs_id"], event["title"]) == (item.abs_id, "Emma")


async def test_five_copies_and_a_sixth_after_its_run_are_one_run(home):
    item = home.shelved()

    await asyncio.gather(*(home.hear(item) for _ in range(5)))
    async with home.pool.system() as db:
        await db.connection.execute("update tasks set status = 'completed'")
        await db.connection.execute("update steps set status = 'done'")
    await home.hear(item, source="listing")

    assert len(home.runs()) == 1


async def test_two_processes_that_hear_the_same_start_one_run(home, pool, user_id, shelf):
    standin, door, _ = shelf
    other = Home(pool, user_id, standin, door())
    item = home.shelved()

    await asyncio.gather(home.hear(item), other.hear(item))

    assert len(home.runs()) == 1


async def test_what_was_heard_before_a_crash_is_looked_after_after_it(home, pool, user_id, shelf):
    standin, door, _ = shelf
    item = home.shelved()
    assert await hear(pool, user_id, [item], "socket") == [item.abs_id]

    afterwards = Home(pool, user_id, standin, door())
    await afterwards.arrivals.attend()

    assert home.row(item)["status"] == "waiting"  # its files are seconds old
    assert "seconds" in home.row(item)["reason"]


async def test_files_that_grow_are_waited_for(home, monkeypatch, tmp_path):
    monkeypatch.setattr(newcomers, "QUIET", timedelta(seconds=0.6))
    monkeypatch.setattr(under_test, "LOOK_EVERY", timedelta(seconds=0.1))
    item = home.shelved(sight=None)
    [file] = list((tmp_path / item.path).rglob("*.m4b"))

    await home.hear(item)
    for _ in range(10):
        with file.open("ab") as growing:
            growing.write(b"more")
        await asyncio.sleep(0.1)
        await home.arrivals.attend()
    assert home.runs() == []
    await asyncio.sleep(0.8)
    await home.arrivals.attend()

    assert len(home.runs()) == 1


async def test_an_unseen_disk_is_judged_by_what_the_server_shows(
    pool, user_id, shelf, monkeypatch, tmp_path
):
    monkeypatch.setattr(newcomers, "QUIET", timedelta(seconds=0.4))
    monkeypatch.setattr(under_test, "LOOK_EVERY", timedelta(seconds=0.05))
    standin, door, _ = shelf
    home = Home(pool, user_id, standin, door())
    home.arrivals.shelf = PathMap(((str(tmp_path), "/nowhere/at/all"),))
    item = home.shelved(sight=None)

    await home.hear(item)
    assert home.runs() == []
    await asyncio.sleep(0.5)
    await home.arrivals.attend()

    assert len(home.runs()) == 1


async def test_while_the_server_scans_an_unseen_disk_nothing_is_quiet(
    pool, user_id, shelf, monkeypatch, tmp_path
):
    monkeypatch.setattr(newcomers, "QUIET", timedelta(seconds=0.1))
    monkeypatch.setattr(under_test, "LOOK_EVERY", timedelta(0))
    standin, door, _ = shelf
    home = Home(pool, user_id, standin, door())
    home.arrivals.shelf = PathMap(((str(tmp_path), "/nowhere/at/all"),))
    item = home.shelved(sight=None)
    standin.faults.scan_seconds = 0.8
    standin.scanner.start()
    await asyncio.sleep(0.05)

    await home.hear(item)
    await asyncio.sleep(0.2)
    await home.arrivals.attend()
    assert home.runs() == []
    await standin.scanner.ended()
    await home.arrivals.attend()
    await asyncio.sleep(0.2)
    await home.arrivals.attend()

    assert len(home.runs()) == 1


async def test_an_item_that_has_gone_again_gets_no_run(home):
    await home.hear(item := Newcomer("no-such-item", home.standin.library_id))

    assert home.row(item)["status"] == "gone"
    assert home.runs() == []


async def test_an_item_that_a_run_describes_gets_no_second_one(home):
    item = home.shelved()
    await home.step("fetch_metadata", {"abs_id": item.abs_id}, key=item.abs_id)

    await home.hear(item)

    assert home.row(item)["status"] == "covered"
    assert not [task for _, task, _ in home.runs() if task == "IMPORTED"]


async def test_an_import_under_way_is_waited_for_until_it_ends(home):
    item = home.shelved()
    step = await home.step("import_files", {"book_id": 1}, started_at=datetime.now(UTC))

    await home.hear(item)
    assert home.row(item)["status"] == "waiting"
    await home.step("fetch_metadata", {"abs_id": item.abs_id}, key=item.abs_id)
    await home.end(step)
    await home.arrivals.attend()

    assert home.row(item)["status"] == "covered"


async def test_an_import_of_another_book_delays_only_until_it_ends(home):
    item = home.shelved()
    step = await home.step("import_files", {"book_id": 1}, started_at=datetime.now(UTC))

    await home.hear(item)
    await home.end(step)
    later = await home.step("import_files", {"book_id": 2}, started_at=datetime.now(UTC))
    await home.arrivals.attend()

    assert later
    assert home.row(item)["status"] == "started"


async def test_a_download_that_goes_on_delays_nothing(home):
    item = home.shelved()
    await home.step(
        "import_files",
        {"book_id": 1},
        status="waiting",
        topic="torrent:abc",
        started_at=datetime.now(UTC),
    )

    await home.hear(item)

    assert home.row(item)["status"] == "started"


async def test_an_arrival_wakes_the_import_that_waits_for_it(home):
    item = home.shelved()
    waits = {"status": "waiting", "topic": f"item:{item.path}", "started_at": datetime.now(UTC)}
    step = await home.step("import_files", {"book_id": 1}, **waits)

    await home.hear(item)

    assert look(home.pool.url, "select status from steps where id = %s", step) == [("ready",)]
    assert home.row(item)["status"] == "waiting"


async def test_a_request_is_heard_like_an_event(home, pool, user_id):
    item = home.shelved()

    assert await hear(pool, user_id, [Newcomer(item.abs_id)]) == [item.abs_id]
    assert await hear(pool, user_id, [Newcomer(item.abs_id)]) == []

    assert home.row(item)["source"] == "request"


async def test_what_a_first_look_took_for_old_is_news_when_it_is_announced(home):
    item = home.shelved()
    await home.arrivals.know([item])
    await home.hear(item, source="listing")
    assert home.row(item)["status"] == "known"

    await home.hear(item)

    assert home.row(item)["status"] == "started"


async def test_nothing_of_another_user_is_seen(home, pool):
    stranger = await add_user(pool, "stranger")
    item = home.shelved()
    await hear(pool, stranger, [item])

    assert await home.arrivals.attend() == 0
    assert home.runs() == []


def test_a_look_at_the_disk_sees_every_file_and_the_youngest_change(tmp_path):
    (tmp_path / "CD1").mkdir()
    (tmp_path / "CD1" / "1.mp3").write_bytes(b"12")
    now = datetime.now(UTC)

    sight = on_disk(tmp_path, now)

    assert [(name, size) for name, size, _ in sight.state] == [("CD1/1.mp3", 2)]
    assert abs(sight.changed_at - now) < timedelta(seconds=5)


def test_a_look_at_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        on_disk(tmp_path / "nothing", LONG_AGO)


async def test_a_look_through_the_server_allows_for_clocks_that_differ(home):
    [item] = await home.arrivals.library.audiobookshelf.details([home.shelved().abs_id])

    assert not as_shown(item, item.updated_at + timedelta(seconds=30)).is_quiet
    assert as_shown(item, item.updated_at + timedelta(minutes=2)).is_quiet
