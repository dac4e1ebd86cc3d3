"""The stage deletes what is old, says what it was, and goes on when a service is away."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from pipeline.db import StepDatabase
from pipeline.errors import ServiceDown
from pipeline.events import RunRequested
from pipeline.files import STAGING
from pipeline.runs import Run
from pipeline.settings import load
from stages import clean_up
from tests.support.household import look

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)


class Client:
    """A download client without torrents, or one that is away."""

    def __init__(self, *, down=False):
        self.down = down

    async def torrents(self, *, hashes=()):
        if self.down:
            raise ServiceDown("qBittorrent: torrents: no answer")
        return ()


class Shelves:
    """A library in a folder, or one that is away."""

    def __init__(self, root):
        self.root = root

    async def folder(self):
        if self.root is None:
            raise ServiceDown("Audiobookshelf: libraries: no answer")
        return self.root


@pytest.fixture
def clean(pool, user_id, tmp_path):
    run = Run(1, user_id, "CLEANUP", 1, 1)

    async def cleaned(client=None, root=tmp_path, days=30):
        outcome = await clean_up.run(
            RunRequested(),
            load(retention_days=days),
            client or Client(),
            Shelves(root),
            StepDatabase(pool, user_id),
            SimpleNamespace(now=lambda: NOW),
            run,
        )
        return outcome, run.lines

    return cleaned


async def old_download(pool, user_id, days=40):
    async with pool.user(user_id) as db:
        await db.connection.execute(
            "WITH book AS (INSERT INTO books (user_id, title) VALUES (app_user(), 'Emma')"
            " RETURNING id) INSERT INTO downloads (user_id, book_id, source, status,"
            " abs_import_status, infohash, release_guid, release_title, created_at, last_attempt)"
            " SELECT app_user(), id, 'MAM', 'completed', 'imported', repeat('a', 40), 'g', 't',"
            " %(at)s, %(at)s FROM book",
            {"at": NOW - timedelta(days=days)},
        )


async def test_what_was_deleted_is_said_in_words_and_in_numbers(clean, pool, user_id):
    await old_download(pool, user_id)
    outcome, _ = await clean()

    assert outcome.reason == "deleted 1 downloads"
    assert outcome.detail == {"downloads": 1}


async def test_when_nothing_is_old_that_is_said(clean, pool, user_id):
    await old_download(pool, user_id, days=29)
    outcome, _ = await clean()

    assert outcome.reason == "nothing is older than 30 days"


async def test_the_days_are_a_setting(clean, pool, user_id):
    await old_download(pool, user_id, days=29)
    outcome, _ = await clean(days=7)

    assert outcome.detail == {"downloads": 1}


async def test_services_that_are_away_hold_up_nothing_else(clean, pool, user_id, database_url):
    await old_download(pool, user_id)
    look(
        database_url,
        "INSERT INTO quotas (name, day) VALUES ('google', '2026-01-01') RETURNING name",
    )
    outcome, lines = await clean(Client(down=True), root=None)

    assert outcome.detail == {"days of quotas": 1}
    assert [level for level, _ in lines] == ["warning", "warning"]
    assert look(database_url, "SELECT count(*) FROM downloads") == [(1,)]


async def test_leftovers_of_crashed_imports_go_and_those_of_imports_under_way_stay(
    clean, pool, user_id, tmp_path, database_url, monkeypatch
):
    await old_download(pool, user_id)
    look(database_url, "UPDATE downloads SET abs_import_status = 'importing' RETURNING id")
    book = look(database_url, "SELECT id FROM books")[0][0]
    working, leftover = f"{'a' * 40}-{book}", f"{'b' * 40}-9"
    for name in (working, leftover):
        (tmp_path / STAGING / name).mkdir(parents=True)
    in_two_days = time.time() + 2 * 86400
    monkeypatch.setattr(time, "time", lambda: in_two_days)

    outcome, _ = await clean()

    assert outcome.detail["staging folders"] == 1
    assert [folder.name for folder in (tmp_path / STAGING).iterdir()] == [working]
