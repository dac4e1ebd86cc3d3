"""SERIES on the sandbox, from the first event to the last link, against the catalogue's truth."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import pytest_asyncio

from pipeline import runs
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import Pool
from pipeline.domain.transfers import State
from pipeline.sandbox.catalogue import TRUTH
from tests.support.household import (
    audio,
    audio_folders,
    household,
    look,
    new_database,
    new_user,
    series,
)

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def done(server_url, template, tmp_path_factory):
    """A household in which SERIES has run once; the tests look at what it left."""
    with new_database(server_url, template) as url:
        async with Pool(url, size=16) as pool:
            folder = tmp_path_factory.mktemp("series")
            async with household(folder, pool, await new_user(pool)) as house:
                before = len(audio_folders(house.town.library))
                run = await series(house)
                yield house, run, before


async def test_a_run_finds_fetches_and_files_exactly_what_is_missing(done):
    house, run, before = done
    database_url = house.pool.url

    missing = look(
        database_url,
        "select s.name, m.title, m.download_status from missing_books m"
        " join series s on s.id = m.series_id",
    )
    released = [row for row in missing if row[2] != "unreleased"]
    wanted = {(name, title) for name, titles in TRUTH.missing.items() for title in titles}
    assert {(name, title) for name, title, _ in released} == wanted
    assert {t for _, t, status in missing if status == "imported"} == set(TRUTH.downloadable)
    assert {t for _, t, status in missing if status == "refused"} == set(TRUTH.refused)
    assert {t for _, t, status in missing if status == "unreleased"} == set(TRUTH.unreleased)
    assert len(audio_folders(house.town.library)) == before + len(TRUTH.downloadable)
    shown = {
        title for (title,) in look(database_url, "select title from books where abs_id is not null")
    }
    assert set(TRUTH.downloadable) <= shown
    log = look(database_url, "select log_output from tasks where id = %s", run)[0][0]
    assert "the library holds 44 books" in log


async def test_every_import_is_a_hard_link_and_goes_on_seeding(done):
    house, *_ = done
    qbittorrent = (await house.tools(house.user.user_id))[QBittorrent]

    torrents = await qbittorrent.torrents()

    linked = {path.parent for path in audio(house.town.library) if path.stat().st_nlink > 1}
    assert len(linked) == len(TRUTH.downloadable)
    assert {torrent.state for torrent in torrents} == {State.COMPLETED}


async def test_the_eleventh_book_waits_until_its_batch_has_settled(done):
    house, run, _ = done
    database_url = house.pool.url

    places = look(
        database_url,
        "select batch, count(*), max(settled_at) from batch_places where run_id = %s"
        " group by batch order by batch",
        run,
    )
    starts = look(
        database_url,
        "select p.batch, min(d.created_at) from batch_places p"
        " join downloads d on d.book_id = p.book_id and d.run_id = p.run_id"
        " where p.run_id = %s group by p.batch order by p.batch",
        run,
    )
    assert [count for _, count, _ in places] == [10, 10]
    assert starts[1][1] >= places[0][2] - timedelta(milliseconds=1)


async def test_a_second_run_does_nothing_twice(done):
    house, *_ = done
    database_url = house.pool.url
    added = list(house.town.qbittorrent.added)
    corrections = look(database_url, "select count(*) from metadata_corrections")
    folders = audio_folders(house.town.library)

    await series(house)

    assert house.town.qbittorrent.added == added
    assert look(database_url, "select count(*) from metadata_corrections") == corrections
    assert audio_folders(house.town.library) == folders


async def test_ten_requests_at_once_are_one_run(done):
    house, *_ = done
    user = house.user.user_id

    started = await asyncio.gather(*(runs.start(house.pool, user, "SERIES") for _ in range(10)))
    await runs.cancel(house.pool, user, started[0].id)

    assert len({run.id for run in started}) == 1
    assert sum(run.created for run in started) == 1


async def test_every_release_looked_at_is_kept_with_its_reasons(done):
    house, *_ = done
    database_url = house.pool.url

    verdicts = look(
        database_url,
        "select b.title, d.verdict, d.refusals from release_decisions d join books b"
        " on b.user_id = d.user_id and b.id = d.book_id",
    )
    for title in TRUTH.refused:
        assert not [v for t, v, _ in verdicts if t == title and v != "refused"]
    assert all(reasons for _, verdict, reasons in verdicts if verdict == "refused")
    assert Counter(v for _, v, _ in verdicts)["chosen"] >= len(TRUTH.downloadable)
    blocked = look(database_url, "select reason from blocklist")
    assert any("were expected" in reason for (reason,) in blocked)
    assert any("no new byte" in reason for (reason,) in blocked)


async def test_linked_books_say_one_name_for_their_series(done):
    house, *_ = done
    database_url = house.pool.url

    spellings = look(
        database_url,
        "select s.name, count(distinct p->>'name') from book_series l"
        " join series s on s.id = l.series_id join books b on b.id = l.book_id,"
        " jsonb_array_elements(b.metadata->'series') p where b.abs_id is not null"
        " and p->>'name' ilike s.name group by 1",
    )
    assert spellings
    assert {count for _, count in spellings} == {1}
