"""The clock starts workflows in the sandbox, and what they leave in `tasks` is true."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from pipeline import runs
from pipeline.db import Pool
from pipeline.sandbox.guides import GUIDES
from pipeline.schedule import Clockwork
from pipeline.working import keeping_time, working
from tests.support.household import finished, household, look, new_database, new_user

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server_url, template, tmp_path_factory):
    with new_database(server_url, template) as url:
        async with Pool(url, size=16) as pool:
            folder = tmp_path_factory.mktemp("schedule")
            async with household(folder, pool, await new_user(pool)) as opened:
                yield opened


async def test_what_became_due_while_everything_was_off_runs_to_its_end(house):
    url, due = house.pool.url, datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    await Clockwork(house.pool).prepare()
    look(
        url,
        "UPDATE schedules SET next_run_at = %s WHERE task_name IN ('MAM', 'CLEANUP') RETURNING 1",
        due,
    )

    async with working(house), keeping_time(house), asyncio.timeout(60):
        while len(look(url, "SELECT FROM tasks WHERE actual_end IS NOT NULL")) < 2:
            await asyncio.sleep(0.1)

    rows = look(
        url,
        "SELECT task_name, status, scheduled_time, started_by, error_message,"
        " scheduled_time < actual_start AND actual_start <= actual_end, log_output"
        " FROM tasks ORDER BY task_name",
    )
    assert [row[:6] for row in rows] == [
        ("CLEANUP", "completed", due, "schedule", None, True),
        ("MAM", "completed", due, "schedule", None, True),
    ]
    assert "nothing is older than 30 days" in rows[0][6]
    assert f"completed: {len(GUIDES)} new guides" in rows[1][6]
    assert "Authentication successful" in rows[1][6]


async def test_a_crawl_that_finds_nothing_new_is_no_failure(house):
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "MAM")
        assert await finished(house, run.id) == "completed"

    crawls = look(house.pool.url, "SELECT verdict, new_guides FROM crawls ORDER BY id")
    assert crawls[-1] == ("nothing new", 0)


async def test_a_refused_login_is_a_failed_run_and_a_line_in_the_ledger(house):
    house.town.guides.faults.refuses = True
    try:
        async with working(house):
            run = await runs.start(house.pool, house.user.user_id, "MAM")
            assert await finished(house, run.id) == "failed"
    finally:
        house.town.guides.faults.refuses = False

    message = look(house.pool.url, "SELECT error_message FROM tasks WHERE id = %s", run.id)[0][0]
    assert "the tracker did not accept the login" in message
    ledger = look(house.pool.url, "SELECT stage, code FROM failed_attempts")
    assert ledger == [("run_crawler", "crawl_failed")]


async def test_a_crawl_is_ended_when_its_run_is_cancelled(house):
    house.town.guides.faults.slow, before = 60.0, house.town.guides.logins
    user, url = house.user.user_id, house.pool.url
    try:
        async with working(house):
            run = await runs.start(house.pool, user, "MAM")
            async with asyncio.timeout(20):
                while house.town.guides.logins == before:
                    await asyncio.sleep(0.05)
            assert await runs.cancel(house.pool, user, run.id)
            async with asyncio.timeout(10):
                while not look(url, "SELECT FROM crawls WHERE run_id = %s", run.id):
                    await asyncio.sleep(0.1)
    finally:
        house.town.guides.faults.slow = 0.0

    assert look(url, "SELECT status FROM tasks WHERE id = %s", run.id) == [("cancelled",)]


async def test_a_month_later_the_runs_are_cleaned_up_and_the_ledger_and_the_guides_are_not(house):
    url = house.pool.url
    for table, columns in (
        ("tasks", ("actual_end",)),
        ("crawls", ("ended_at",)),
        ("failed_attempts", ("first_attempt", "last_attempt")),
    ):
        aged = ", ".join(f"{column} = {column} - interval '40 days'" for column in columns)
        look(url, f"UPDATE {table} SET {aged} RETURNING 1")  # noqa: S608  # our names
    async with working(house):
        run = await runs.start(house.pool, house.user.user_id, "CLEANUP")
        assert await finished(house, run.id) == "completed"

    assert look(url, "SELECT id FROM tasks") == [(run.id,)]
    assert look(url, "SELECT count(DISTINCT run_id) FROM steps") == [(1,)]
    assert look(url, "SELECT count(*) FROM crawls") == [(0,)]
    assert look(url, "SELECT count(*) FROM guides") == [(len(GUIDES),)]
    assert look(url, "SELECT count(*) FROM failed_attempts") == [(1,)]
