"""A person searches, and takes a release that the rules did not choose."""

import asyncio
from dataclasses import replace

import pytest

from pipeline import choosing, redownload, runs
from pipeline.errors import BadInput
from pipeline.events import BookMissing
from pipeline.sandbox.catalogue import title_of
from pipeline.working import working
from tests.support.household import audio, finished, household, look
from tests.workflows.test_downloads import want

pytestmark = pytest.mark.slow
BOOK = "The Magic of Oz"


def good():
    return next(offer for offer in title_of(BOOK).offers if offer.good)


def variant(number, **changes):
    """Return the good release again, as another torrent that differs in something."""
    files = tuple((f"{number} {path}", size) for path, size in good().files)
    return replace(good(), tid=good().tid + 10_000 * number, files=files, **changes)


def titles(*offers):
    return (replace(title_of(BOOK), offers=offers),)


async def searched(house, book):
    """Search for a book; return the releases, the best first, and what the search said."""
    run = await redownload.search(house.pool, house.user.user_id, book)
    assert await finished(house, run.id) == "completed"
    async with house.pool.user(house.user.user_id) as db:
        rows = await db.rows("views.decisions", book_id=book, verdict=None, limit=50, offset=0)
    [(said,)] = look(house.pool.url, "select reason from steps where run_id = %s", run.id)
    return rows, said


async def take(house, book, release):
    return await redownload.take(house.pool, house.user.user_id, book, release["id"])


async def taken(house, book, release):
    """Take a release and follow it to the end of its run."""
    run = await take(house, book, release)
    assert await finished(house, run.id) == "completed"
    return run.id


def downloads(house):
    query = "select status, abs_import_status, reason, overruled from downloads order by id"
    return look(house.pool.url, query)


def log(house, run):
    lines = look(house.pool.url, "select line from task_log where task_id = %s order by id", run)
    return " | ".join(line for (line,) in lines)


async def test_a_search_lists_the_best_first_and_takes_nothing(tmp_path, pool, user_id):
    offers = (variant(1, seeders=0), good(), variant(2, seeders=good().seeders + 30))
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        book = await want(house, BOOK)

        found, said = await searched(house, book)

    assert [row["verdict"] for row in found] == ["fit", "fit", "refused"]
    assert found[0]["score"] > found[1]["score"]
    assert found[0]["ranking"]
    assert found[2]["refusals"] == [["seeded", "nobody seeds it"]]
    assert said == "2 of 3 releases fit; none was taken"
    assert house.town.qbittorrent.added == []
    status = look(pool.url, "select download_status from missing_books")
    assert status == [("missing",)]


async def test_a_refused_release_is_taken_by_hand_and_recorded_so(tmp_path, pool, user_id):
    offers = (variant(1, seeders=0), good())
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)

        run = await taken(house, book, found[-1])

        assert audio(house.town.library)
    assert downloads(house) == [("completed", "imported", None, ["seeded"])]
    decided = look(
        pool.url,
        "select verdict, by_hand, refusals from release_decisions where run_id = %s"
        " order by verdict",
        run,
    )
    assert ("chosen", True, [["seeded", "nobody seeds it"]]) in decided
    assert "chosen by hand, although: nobody seeds it" in log(house, run)
    assert len(house.town.qbittorrent.added) == 1


async def test_a_release_taken_ten_times_at_once_is_one_torrent(tmp_path, pool, user_id):
    offers = (good(), variant(1))
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        started = await asyncio.gather(*(take(house, book, found[1]) for _ in range(10)))
        assert await finished(house, started[0].id) == "completed"

    assert len({run.id for run in started}) == 1
    assert sum(run.created for run in started) == 1
    assert len(house.town.qbittorrent.added) == 1


async def test_what_the_client_holds_already_is_found_and_imported(tmp_path, pool, user_id):
    offers = (good(), variant(1))
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        house.town.qbittorrent.seconds = 3.0
        first = await take(house, book, found[1])
        async with asyncio.timeout(20):
            while not house.town.qbittorrent.held:  # HTTP
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        assert await runs.cancel(pool, user_id, first.id)

        run = await taken(house, book, found[1])

    assert run != first.id
    assert len(house.town.qbittorrent.added) == 1
    assert [row[:2] for row in downloads(house)] == [("completed", "imported")]


async def test_what_nobody_looks_after_gives_way_to_what_a_person_takes(tmp_path, pool, user_id):
    offers = (good(), variant(1))
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        client = house.town.qbittorrent
        client.seconds = 60.0
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        first = await take(house, book, found[0])
        async with asyncio.timeout(20):
            while not look(pool.url, "select from steps where stage = 'import_files'"):
                await asyncio.sleep(0.05)
        with pytest.raises(BadInput, match=f"run {first.id} is fetching"):
            await take(house, book, found[1])
        await runs.cancel(pool, user_id, first.id)
        client.seconds = 0.3

        await taken(house, book, found[1])

    assert [row[:3] for row in downloads(house)] == [
        ("failed", "failed", "another release was taken by hand"),
        ("completed", "imported", None),
    ]
    assert len(client.held) == 1


async def test_a_taken_release_that_fails_gives_way_to_the_next_by_the_rules(
    tmp_path, pool, user_id
):
    offers = (good(), variant(1, seeders=0, fault="stalled"))
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)

        await taken(house, book, found[-1])

    assert [row[3] for row in downloads(house)] == [["seeded"], None]
    assert [row[1] for row in downloads(house)] == ["failed", "imported"]
    assert len(look(pool.url, "select from blocklist")) == 1


async def test_a_program_is_refused_whoever_takes_it(tmp_path, pool, user_id):
    disguised = variant(1, seeders=0, fault="executable")
    named = variant(2, seeders=0)
    named = replace(named, files=(*named.files, ("2 setup.exe", 90_000)), size=named.size + 90_000)
    async with (
        household(tmp_path, pool, user_id, titles=titles(good(), disguised, named)) as house,
        working(house),
    ):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        by_size = {row["size_bytes"]: row for row in found if row["verdict"] == "refused"}
        openly = await taken(house, book, by_size[max(by_size)])
        assert house.town.qbittorrent.added == []
        [(said,)] = look(
            pool.url, "select reason from steps where run_id = %s order by id limit 1", openly
        )

        await taken(house, book, by_size[min(by_size)])

    assert said.startswith("chosen by hand, but")
    assert ".exe" in said
    assert [row[1] for row in downloads(house)] == ["refused", "imported"]
    assert "program" in downloads(house)[0][2]


async def test_the_governor_stands_above_a_person_and_says_so(tmp_path, pool, user_id):
    offers = (variant(1, seeders=0), good())
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        look(
            pool.url,
            'update users set settings = \'{"governor": {"most_active": 0}}\' returning 1',
        )
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        run = await take(house, book, found[-1])
        waits = "select reason from steps where run_id = %s and status = 'waiting'"
        async with asyncio.timeout(20):
            while not (said := look(pool.url, waits, run.id)):
                await asyncio.sleep(0.05)

    assert "downloads are under way" in said[0][0]
    assert "chosen by hand, although: nobody seeds it" in said[0][0]
    assert house.town.qbittorrent.added == []


async def test_a_release_that_is_gone_by_now_is_said_and_no_other_is_taken(tmp_path, pool, user_id):
    async with household(tmp_path, pool, user_id, titles=titles(good())) as house, working(house):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        look(pool.url, "update release_decisions set guid = 'gone' returning 1")

        run = await taken(house, book, found[0])

    [(said,)] = look(pool.url, "select reason from steps where run_id = %s", run)
    assert said.startswith("chosen by hand, but it is not offered any more")
    assert house.town.qbittorrent.added == []
    assert look(pool.url, "select download_status from missing_books") == [("refused",)]


async def test_an_abridged_release_that_a_person_takes_is_imported(tmp_path, pool, user_id):
    short = variant(1, title=f"{good().title} (Abridged)", minutes=good().minutes // 2)
    async with (
        household(tmp_path, pool, user_id, titles=titles(good(), short)) as house,
        working(house),
    ):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        assert [rule for rule, _ in found[-1]["refusals"]] == ["unabridged"]

        await taken(house, book, found[-1])

    assert [row[1::2] for row in downloads(house)] == [("imported", ["unabridged"])]


async def test_a_run_that_searched_meanwhile_passes_on_what_a_person_took(
    tmp_path, pool, user_id, monkeypatch
):
    """Both search at the same time; the person's run is the faster one."""
    searching, go_on = asyncio.Event(), asyncio.Event()
    choose = choosing.choose

    async def slowly(row, by_hand, *more):
        choice = await choose(row, by_hand, *more)
        if by_hand is None:
            searching.set()
            await go_on.wait()
        return choice

    monkeypatch.setattr(choosing, "choose", slowly)
    offers = (good(), variant(1, seeders=0))
    async with household(tmp_path, pool, user_id, titles=titles(*offers)) as house, working(house):
        book = await want(house, BOOK)
        found, _ = await searched(house, book)
        event = BookMissing(book_id=book, title=BOOK)
        slow = await runs.start(pool, user_id, "REDOWNLOAD", event=event, subject="another")
        await searching.wait()
        house.town.qbittorrent.seconds = 2.0
        run = await take(house, book, found[-1])
        async with asyncio.timeout(20):
            while not house.town.qbittorrent.held:  # HTTP
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        go_on.set()
        assert await finished(house, run.id) == "completed"
        assert await finished(house, slow.id) == "completed"

    assert len(house.town.qbittorrent.added) == 1
    assert [row[1] for row in downloads(house)] == ["imported"]
