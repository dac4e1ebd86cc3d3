"""What goes after thirty days, and what stays because it is still needed."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from psycopg.errors import InsufficientPrivilege

from pipeline import retention
from pipeline.db import StepDatabase
from pipeline.domain.transfers import State
from pipeline.errors import ServiceDown
from tests.conftest import add_user
from tests.support.household import look

START = datetime(2026, 10, 1, 1, tzinfo=UTC)
KEEP = timedelta(days=30)


@pytest.fixture
def db(pool, user_id):
    return StepDatabase(pool, user_id)


async def write(db, statement, **values):
    """Run a statement as the user; return the first column of its first row, if it has any."""
    async with db.apart() as own:
        cursor = await own.connection.execute(statement, values)
        return (await cursor.fetchone())[0] if cursor.description else None


def counts(url):
    tables = (
        "tasks steps task_log downloads metadata_corrections release_decisions approvals crawls"
    )
    found = {}
    for table in f"{tables} procrastinate_jobs remote_cache quotas topics failed_attempts".split():
        found[table] = look(url, f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608  # our names
    return found


async def book(db, title="Emma"):
    return await write(
        db,
        "INSERT INTO books (user_id, title, match_key) VALUES (app_user(), %(title)s, %(title)s)"
        " RETURNING id",
        title=title,
    )


async def run(db, at, status="completed"):
    return await write(
        db,
        "INSERT INTO tasks (user_id, task_name, subject, status, scheduled_time, actual_end)"
        " VALUES (app_user(), 'SERIES', %(at)s::text, %(status)s, %(at)s,"
        " CASE WHEN %(status)s NOT IN ('running', 'scheduled') THEN %(at)s::timestamptz END)"
        " RETURNING id",
        at=at,
        status=status,
    )


async def download(db, book_id, at, *, run_id=None, status="completed", imported="imported"):
    return await write(
        db,
        "INSERT INTO downloads (user_id, book_id, source, status, abs_import_status, run_id,"
        " infohash, release_guid, release_title, created_at, last_attempt, completed_at)"
        " VALUES (app_user(), %(book)s, 'MAM', %(status)s, %(imported)s, %(run)s,"
        " md5(random()::text) || '00000000', 'guid', 'Emma', %(at)s, %(at)s, %(at)s)"
        " RETURNING infohash",
        book=book_id,
        at=at,
        run=run_id,
        status=status,
        imported=imported,
    )


async def correction(db, book_id, at, new, field="title", *, undoes=None, run_id=None):
    return await write(
        db,
        "INSERT INTO metadata_corrections (user_id, book_id, field, new_value, source,"
        " correction_date, undoes_id, run_id) VALUES (app_user(), %(book)s, %(field)s,"
        " to_jsonb(%(new)s::text), 'Goodreads', %(at)s, %(undoes)s, %(run)s) RETURNING id",
        book=book_id,
        field=field,
        new=new,
        at=at,
        undoes=undoes,
        run=run_id,
    )


async def a_day(db, pool, at, number):
    """What one day leaves behind in every table that is thinned."""
    book_id = await book(db, f"Book {number}")
    run_id = await run(db, at)
    await write(
        db,
        "INSERT INTO steps (user_id, run_id, stage, kind, key, event, status)"
        " SELECT app_user(), %(run)s, 'a', 'k', n::text, '{}', 'done' FROM generate_series(1, 7) n",
        run=run_id,
    )
    await write(
        db,
        "INSERT INTO task_log (user_id, task_id, line) SELECT app_user(), %(run)s, 'x'"
        " FROM generate_series(1, 9)",
        run=run_id,
    )
    await download(db, book_id, at, run_id=run_id)
    await correction(db, book_id, at, "first", run_id=run_id)
    await correction(db, book_id, at + timedelta(minutes=1), "second")
    await write(
        db,
        "INSERT INTO release_decisions (user_id, book_id, guid, title, verdict, decided_at)"
        " VALUES (app_user(), %(book)s, 'guid', 't', 'chosen', %(at)s),"
        " (app_user(), %(book)s, 'other', 't', 'refused', %(at)s)",
        book=book_id,
        at=at,
    )
    await write(
        db,
        "INSERT INTO approvals (user_id, kind, subject, title, proposal, reason, status,"
        " created_at, decided_at) VALUES (app_user(), 'metadata', 'old', 't', '{}', 'r',"
        " 'rejected', %(at)s, %(at)s)",
        at=at,
    )
    await write(
        db,
        "INSERT INTO crawls (user_id, run_id, script, sha256, started_at, ended_at, verdict,"
        " reason) VALUES (app_user(), %(run)s, 's', 'x', %(at)s, %(at)s, 'completed', 'r')",
        run=run_id,
        at=at,
    )
    await write(
        db,
        "INSERT INTO failed_attempts (user_id, task_name, item_id, reason, last_attempt)"
        " VALUES (app_user(), 'SERIES', %(key)s, 'r', %(at)s)",
        key=str(number),
        at=at,
    )
    await the_house(pool, at, number)


async def the_house(pool, at, number):
    async with pool.system() as system:
        execute = system.connection.execute
        cursor = await execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
            " VALUES ('steps', 'step', 'failed') RETURNING id"
        )
        job = (await cursor.fetchone())[0]
        await execute(
            "INSERT INTO procrastinate_events (job_id, type, at) VALUES (%s, 'failed', %s)",
            [job, at],
        )
        await execute("INSERT INTO quotas (name, day, used) VALUES ('google', %s, 1)", [at.date()])
        await execute(
            "INSERT INTO remote_cache (name, key, body, expires_at) VALUES ('g', %s, '', %s)",
            [str(number), at + timedelta(days=7)],
        )


async def test_over_45_days_thirty_are_kept_and_nothing_that_is_needed_goes(db, pool, database_url):
    for number in range(45):
        today = START + timedelta(days=number)
        await a_day(db, pool, today, number)
        await retention.clear(db, now=today + timedelta(hours=1), keep=KEEP, owed=[], batch=4)

    # The day of the last clean-up and the twenty-nine before it; the hour between tips the 30th.
    assert counts(database_url) == {
        "tasks": 30,
        "steps": 30 * 7,
        "task_log": 30 * 9,
        "downloads": 30,
        "metadata_corrections": 30 * 2 + 15,  # the last writer of each old book's title stays
        "release_decisions": 30 * 2,
        "approvals": 30,
        "crawls": 30,
        "procrastinate_jobs": 30,
        "remote_cache": 7,
        "quotas": 31,  # days, not hours
        "topics": 0,
        "failed_attempts": 45,
    }


async def test_a_release_that_a_run_is_still_to_take_stays(db, pool):
    old = START - timedelta(days=90)
    book_id, run_id = await book(db), await run(db, old, "running")
    release = await write(
        db,
        "INSERT INTO release_decisions (user_id, book_id, guid, title, verdict, decided_at)"
        " VALUES (app_user(), %(book)s, 'g', 't', 'refused', %(at)s) RETURNING id",
        book=book_id,
        at=old,
    )
    await write(
        db,
        "INSERT INTO steps (user_id, run_id, stage, kind, key, event, status, due_at)"
        " VALUES (app_user(), %(run)s, 'queue_download', 'book_missing', 'k',"
        " jsonb_build_object('release_id', %(release)s::bigint), 'waiting', %(at)s)",
        run=run_id,
        release=release,
        at=old,
    )

    await retention.clear(db, now=START, keep=KEEP, owed=[])
    while_it_waits = counts(pool.url)["release_decisions"]
    await write(db, "UPDATE steps SET status = 'done', due_at = NULL, finished_at = %(at)s", at=old)
    await retention.clear(db, now=START, keep=KEEP, owed=[])

    assert while_it_waits == 1
    assert counts(pool.url)["release_decisions"] == 0


async def test_a_day_later_nothing_more_is_found_to_delete_twice(db, pool):
    await a_day(db, pool, START, 1)
    later = START + timedelta(days=40)

    first = await retention.clear(db, now=later, keep=KEEP, owed=[])
    second = await retention.clear(db, now=later, keep=KEEP, owed=[])

    assert first["steps"] == 7
    assert first["corrections"] == 1
    assert second == {}


LATER = START + timedelta(days=400)


async def clean(db, owed=()):
    return await retention.clear(db, now=LATER, keep=KEEP, owed=owed)


@pytest.mark.parametrize("status", ["scheduled", "running"])
async def test_a_run_that_is_under_way_stays_however_old(status, db):
    await run(db, START, status)

    assert await clean(db) == {}


@pytest.mark.parametrize(
    ("status", "imported"),
    [("queued", "pending"), ("downloading", "pending"), ("completed", "importing")],
)
async def test_a_download_that_is_not_in_the_library_yet_stays(status, imported, db):
    await download(db, await book(db), START, status=status, imported=imported)

    assert await clean(db) == {}


async def test_a_download_that_a_run_under_way_follows_stays(db):
    under_way = await run(db, START, "running")
    await download(db, await book(db), START, run_id=under_way)

    assert await clean(db) == {}


async def test_a_torrent_that_still_owes_seeding_keeps_its_download_and_why_it_was_chosen(db):
    book_id = await book(db)
    infohash = await download(db, book_id, START)
    await write(
        db,
        "INSERT INTO release_decisions (user_id, book_id, guid, title, verdict, decided_at)"
        " VALUES (app_user(), %(book)s, 'guid', 't', 'chosen', %(at)s)",
        book=book_id,
        at=START,
    )

    assert await clean(db, owed=[infohash]) == {}
    assert await clean(db, owed=None) == {}
    assert await clean(db, owed=[]) == {"downloads": 1, "judgements of releases": 1}


async def test_the_last_writer_of_each_field_stays_for_ever(db, database_url):
    book_id = await book(db)
    for field in ("title", "narrators"):
        await correction(db, book_id, START, "first", field)
        await correction(db, book_id, START, "last", field)

    assert await clean(db) == {"corrections": 2}
    left = look(database_url, "SELECT field, new_value FROM metadata_corrections ORDER BY 1")
    assert left == [("narrators", "last"), ("title", "last")]


async def test_a_value_that_a_rollback_brought_back_keeps_its_writer(db, database_url):
    book_id = await book(db)
    first = await correction(db, book_id, START, "ours")
    second = await correction(db, book_id, START, "worse")
    undo = await correction(db, book_id, START, "ours", undoes=second)
    await write(
        db,
        "UPDATE metadata_corrections SET undone_at = %(at)s WHERE id = %(id)s",
        at=START,
        id=second,
    )

    assert await clean(db) == {"corrections": 1}
    left = look(database_url, "SELECT id FROM metadata_corrections ORDER BY 1")
    assert left == [(first,), (undo,)]


async def test_a_correction_of_a_run_under_way_stays(db):
    book_id, under_way = await book(db), await run(db, START, "running")
    await correction(db, book_id, START, "first", run_id=under_way)
    await correction(db, book_id, START, "second")

    assert await clean(db) == {}


async def test_an_open_question_stays(db):
    await write(
        db,
        "INSERT INTO approvals (user_id, kind, subject, title, proposal, reason, created_at)"
        " VALUES (app_user(), 'metadata', 's', 't', '{}', 'r', %(at)s)",
        at=START,
    )

    assert await clean(db) == {}


async def test_jobs_that_are_to_run_or_run_stay(db, pool):
    async with pool.system() as system:
        for status in ("todo", "doing"):
            await system.connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
                " VALUES ('steps', 'step', %s::procrastinate_job_status)",
                [status],
            )
        await system.connection.execute("UPDATE procrastinate_events SET at = %s", [START])

    assert await clean(db) == {}


async def test_another_users_rows_stay(db, pool, database_url):
    other = StepDatabase(pool, await add_user(pool, "stranger"))
    await a_day(other, pool, START, 1)
    await clean(db)

    assert counts(database_url)["tasks"] == 1
    assert counts(database_url)["metadata_corrections"] == 2


async def test_the_ledger_of_failures_is_refused_even_to_a_query_of_ours(db, pool):
    await a_day(db, pool, START, 1)

    with pytest.raises(InsufficientPrivilege):
        await write(db, "DELETE FROM failed_attempts")


async def test_no_batch_is_larger_than_asked_for(db, pool, monkeypatch):
    await a_day(db, pool, START, 1)
    sizes = []
    opened = db.apart

    def counted():
        sizes.append(1)
        return opened()

    monkeypatch.setattr(db, "apart", counted)
    await retention.clear(db, now=LATER, keep=KEEP, owed=[], batch=2)

    # nine lines in five batches, seven steps in four, and what is short in one or two each
    assert len(sizes) >= 5 + 4 + 6


def torrent(infohash, *, done=True, hours=100.0):
    return SimpleNamespace(
        is_done=done,
        seeding_time=hours * 3600,
        state=State.COMPLETED,
        answers_to=lambda wanted: wanted == infohash,
    )


class Client:
    """A download client that holds these torrents; None when it does not answer."""

    def __init__(self, *torrents, down=False):
        self.held, self.down, self.asked = torrents, down, 0

    async def torrents(self, *, hashes=()):
        self.asked += 1
        if self.down:
            raise ServiceDown("qBittorrent: torrents: no answer")
        return self.held


class Quiet:
    def __init__(self):
        self.lines = []

    def log(self, line, level="info"):
        self.lines.append((level, line))


@pytest.mark.parametrize(
    ("done", "hours", "owing"), [(True, 71.9, True), (True, 72.0, False), (False, 200.0, True)]
)
async def test_a_torrent_owes_until_it_is_whole_and_has_seeded_for_72_hours(done, hours, owing, db):
    infohash = await download(db, await book(db), START)

    client = Client(torrent(infohash, done=done, hours=hours))
    found = await retention.owed(db, client, Quiet(), LATER, KEEP)

    assert found == (frozenset({infohash}) if owing else frozenset())


async def test_a_client_that_does_not_answer_keeps_every_download(db):
    await download(db, await book(db), START)
    said = Quiet()

    assert await retention.owed(db, Client(down=True), said, LATER, KEEP) is None
    assert said.lines[0][0] == "warning"


async def test_without_old_downloads_the_client_is_not_asked(db):
    client = Client()
    await retention.owed(db, client, Quiet(), LATER, KEEP)

    assert client.asked == 0
