"""Downloads that go wrong, and what becomes of the books; nobody glances, the watcher wakes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio

from pipeline import listening as posts
from pipeline import runs, toolbox, wanted
from pipeline.adoption import Adoption
from pipeline.db import Pool
from pipeline.domain.models import SeriesPlace, Work
from pipeline.events import BookMissing
from pipeline.listening import listening
from pipeline.sandbox.catalogue import title_of
from pipeline.shelving import Patience
from pipeline.watcher import Watcher
from pipeline.working import working
from tests.support.household import finished, household, look, new_database, new_user

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
NEVER = timedelta(minutes=30)  # how often a waiting step looks for itself here
PATIENCE = Patience(
    attempts=3,
    stalled=timedelta(seconds=2),
    without_metadata=timedelta(seconds=2),
    broken=timedelta(seconds=1.5),
    glance=NEVER,
    quiet=timedelta(seconds=0.5),
    second_look=timedelta(seconds=0.5),
)
STALLED, DEAD = "The Valley of Fear", "Mr. Justice Raffles"
TRACKED = ("Glinda of Oz", "Rainbow Valley", "The Blue Castle")
THRICE = (
    "Rilla of Ingleside",
    "She",
    "Twenty Years After",
    "The Last Chronicle of Barset",
    "The Tin Woodman of Oz",
    "The Incredulity of Father Brown",
    *TRACKED,
)


def thrice(name):
    """Return a title whose one good release is offered three times, as three torrents."""
    title = title_of(name)
    good = next(offer for offer in title.offers if offer.good)
    copies = tuple(
        replace(
            good,
            tid=good.tid + 10_000 * n,
            seeders=good.seeders + 10 - n,
            files=tuple((f"{n} {path}", size) for path, size in good.files),
        )
        for n in (1, 2, 3)
    )
    return replace(title, offers=copies)


TITLES = [title_of(STALLED), title_of(DEAD), *map(thrice, THRICE)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_url, template, tmp_path_factory):
    """A household that works, listens and watches; every book has several releases."""
    with pytest.MonkeyPatch.context() as patch, new_database(server_url, template) as url:
        patch.setattr(posts, "Watcher", partial(Watcher, often=0.2, seldom=0.4))
        patch.setattr(posts, "Adoption", partial(Adoption, grace=1.5, again=1.5))
        patch.setattr(toolbox, "_patience", lambda _: PATIENCE)
        async with Pool(url, size=16) as pool:
            user = await new_user(pool)
            folder = tmp_path_factory.mktemp("downloads")
            async with (
                household(folder, pool, user, titles=TITLES) as opened,
                working(opened),
                listening(opened),
            ):
                yield opened


@pytest.fixture
def client(house):
    """The download client; every fault is mended after the test."""
    faults = house.town.qbittorrent.faults
    before = dict(vars(faults))
    yield house.town.qbittorrent
    vars(faults).update(before)
    house.town.qbittorrent.seconds = 0.3


async def want(house, name):
    """Write a wanted book; return its id."""
    title = title_of(name)
    work = Work(
        title=title.title,
        authors=title.authors,
        series=tuple(SeriesPlace(series, place) for series, place in title.series),
        language=title.language,
    )
    async with house.pool.user(house.user.user_id) as db:
        book = await wanted.put(db, work)
        await db.value(
            "missing.put",
            book_id=book,
            series_id=None,
            author_id=None,
            title=name,
            reason_missing="series_gap",
            status="missing",
            position=None,
            released_on=None,
            reason=None,
        )
    return book


async def fetch(house, name):
    """Ask for a book; return its id and the run's."""
    book = await want(house, name)
    event = BookMissing(book_id=book, title=name)
    run = await runs.start(
        house.pool, house.user.user_id, "REDOWNLOAD", event=event, subject=str(book)
    )
    return book, run.id


async def until(true, seconds=30):
    async with asyncio.timeout(seconds):
        while not (found := true()):  # what is waited for is in the database
            await asyncio.sleep(0.05)
    return found


def blocked(house, book):
    return [
        reason
        for (reason,) in look(
            house.pool.url, "select reason from blocklist where book_id = %s order by id", book
        )
    ]


def downloads(house, book):
    return look(
        house.pool.url,
        "select status, abs_import_status from downloads where book_id = %s order by id",
        book,
    )


def missing(house, book):
    query = "select download_status from missing_books where book_id = %s"
    return look(house.pool.url, query, book)[0][0]


GIVEN_UP, IMPORTED = ("failed", "failed"), ("completed", "imported")


async def test_a_stalled_download_gives_way_to_the_next_release(house, client):
    book, run = await fetch(house, STALLED)

    assert await finished(house, run) == "completed"

    assert ["no new byte" in reason for reason in blocked(house, book)] == [True]
    assert downloads(house, book) == [GIVEN_UP, IMPORTED]
    assert missing(house, book) == "imported"


async def test_a_torrent_that_its_tracker_refuses_gives_way_to_the_next(house, client):
    book, run = await fetch(house, DEAD)

    assert await finished(house, run) == "completed"

    [reason] = blocked(house, book)
    assert reason.startswith("its tracker refuses it: ")
    assert reason.endswith(": Unregistered torrent")
    assert downloads(house, book) == [GIVEN_UP, IMPORTED]
    assert len(client.reannounced) == 1
    assert len(set(client.added)) == len(client.added)


def waits(house, run):
    query = "select reason from steps where run_id = %s and status = 'waiting'"
    return " | ".join(reason for (reason,) in look(house.pool.url, query, run))


async def test_a_tracker_that_refuses_the_account_blames_no_release_and_holds_up_all(house, client):
    client.faults.tracker = "Unrecognized host/PassKey. (192.0.2.7)"
    book, run = await fetch(house, TRACKED[0])
    await until(lambda: "accepts your account" in waits(house, run))
    other, later = await fetch(house, TRACKED[1])
    await until(lambda: "refuses your account" in waits(house, later))
    await asyncio.sleep(2 * PATIENCE.stalled.total_seconds())
    said = waits(house, run)
    [(trouble, says)] = look(
        house.pool.url,
        "select tracker_trouble, tracker_says from downloads where book_id = %s",
        book,
    )

    client.faults.tracker = ""

    assert await finished(house, run) == "completed"
    assert await finished(house, later) == "completed"
    assert "Unrecognized host/PassKey" in said
    assert (trouble, "Unrecognized host" in says) == ("account", True)
    assert blocked(house, book) == blocked(house, other) == []
    assert downloads(house, book) == downloads(house, other) == [IMPORTED]


async def test_a_tracker_out_of_reach_is_waited_for_until_the_deadline(house, client):
    client.faults.unreachable = "Connection refused"
    book, run = await fetch(house, TRACKED[2])
    await until(lambda: blocked(house, book))
    client.faults.unreachable = ""

    assert await finished(house, run) == "completed"

    reason = blocked(house, book)[0]
    assert reason.startswith("no new byte")
    assert reason.endswith(": Connection refused")
    assert downloads(house, book)[-1] == IMPORTED


async def test_a_full_disk_gives_way_when_there_is_room_again(house, client):
    client.faults.disk_full = True
    book, run = await fetch(house, "Rilla of Ingleside")
    await until(lambda: blocked(house, book))
    client.faults.disk_full = False

    assert await finished(house, run) == "completed"

    assert blocked(house, book)[0] == "the download client says error"
    assert downloads(house, book)[-1] == IMPORTED
    assert missing(house, book) == "imported"


async def test_files_that_vanished_before_their_import_are_fetched_anew(house, client):
    client.faults.missing = True
    book, run = await fetch(house, "She")
    await until(lambda: blocked(house, book))
    client.faults.missing = False

    assert await finished(house, run) == "completed"

    assert blocked(house, book)[0] == "the download client says missing"
    assert downloads(house, book)[-1] == IMPORTED


async def test_after_three_releases_the_book_is_given_up_and_the_ledger_says_why(house, client):
    client.faults.stops_at = 0.4
    book, run = await fetch(house, "Twenty Years After")

    assert await finished(house, run) == "failed"

    assert downloads(house, book) == [GIVEN_UP] * 3
    assert missing(house, book) == "failed"
    ledger = look(
        house.pool.url,
        "select code, reason from failed_attempts where task_name = 'REDOWNLOAD'"
        " and reason like %s",
        "Twenty Years After%",
    )
    assert len(ledger) == 1
    assert ledger[0][0] == "gave_up"
    assert "3 releases tried" in ledger[0][1]
    assert "no new byte" in ledger[0][1]


async def test_a_restart_of_the_client_in_the_middle_of_it_changes_nothing(house, client):
    client.seconds = 3.0
    book, run = await fetch(house, "The Last Chronicle of Barset")
    progress = "select progress from downloads where book_id = %s"
    await until(lambda: (look(house.pool.url, progress, book) or [(0,)])[0][0] > 0.1)
    client.restart()

    assert await finished(house, run) == "completed"

    assert blocked(house, book) == []
    assert downloads(house, book) == [IMPORTED]


async def test_a_client_that_is_away_for_a_while_costs_no_release(house, client):
    client.seconds = 1.0
    book, run = await fetch(house, "The Tin Woodman of Oz")
    await until(lambda: downloads(house, book))
    await asyncio.sleep(0.3)
    client.faults.unavailable = True
    await asyncio.sleep(3)
    client.faults.unavailable = False

    assert await finished(house, run) == "completed"

    assert blocked(house, book) == []
    assert downloads(house, book) == [IMPORTED]


async def test_what_a_cancelled_run_had_fetched_is_imported_after_all(house, client):
    client.seconds = 2.0
    book, run = await fetch(house, "The Incredulity of Father Brown")
    await until(lambda: downloads(house, book))
    await asyncio.sleep(0.5)
    assert await runs.cancel(house.pool, house.user.user_id, run)

    await until(lambda: downloads(house, book) == [IMPORTED])

    [(verdict, adopted_by)] = look(
        house.pool.url, "select verdict, run_id from adoptions where book_id = %s", book
    )
    assert verdict == "adopted"
    assert adopted_by != run
    assert await finished(house, adopted_by) == "completed"
    assert missing(house, book) == "imported"
