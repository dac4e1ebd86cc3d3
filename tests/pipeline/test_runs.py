"""Runs are started once, cancelled for good, and topics woken whenever the wake comes."""

import asyncio
import json

import pytest

from pipeline import runs
from pipeline.errors import BadInput
from tests.support.chains import One, Two, fetch, value, workflow

FLOW = workflow("first", "second")


async def begin(pool, user_id, **given):
    return await runs.start(
        pool, user_id, "CHAIN", event=One(), workflows=given.pop("workflows", FLOW), **given
    )


async def test_a_start_writes_run_step_and_job_together(pool, user_id):
    started = await begin(pool, user_id)

    assert started.created
    assert await fetch(pool, "SELECT status, started_by, subject FROM tasks") == [
        ("scheduled", "request", "")
    ]
    step, stage, status = (await fetch(pool, "SELECT id, stage, status FROM steps"))[0]
    assert (stage, status) == ("first", "ready")
    assert await fetch(pool, "SELECT args FROM procrastinate_jobs") == [
        ({"steps": [step], "user_id": user_id},)
    ]


async def test_a_start_inside_a_transaction_that_fails_leaves_nothing(pool, user_id):
    async def start_and_stumble():
        async with pool.user(user_id) as transaction:
            await runs.start(transaction, user_id, "CHAIN", event=One(), workflows=FLOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await start_and_stumble()

    assert await value(pool, "SELECT count(*) FROM tasks") == 0
    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 0


async def test_twenty_starts_at_once_give_one_run(pool, user_id):
    started = await asyncio.gather(*(begin(pool, user_id) for _ in range(20)))

    assert len({run.id for run in started}) == 1
    assert sum(run.created for run in started) == 1
    assert await value(pool, "SELECT count(*) FROM steps") == 1


async def test_another_subject_and_another_user_have_runs_of_their_own(pool, user_id):
    other = await value(pool, "INSERT INTO users (name) VALUES ('other') RETURNING id")

    ids = {
        (await begin(pool, user_id)).id,
        (await begin(pool, user_id, subject="item:1")).id,
        (await begin(pool, other)).id,
    }

    assert len(ids) == 3


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"workflow": "NONE"}, "there is no workflow 'NONE'; there are CHAIN"),
        ({"event": Two()}, "CHAIN starts with test_one, not with test_two"),
        ({"user_id": 999}, "user 999 is unknown or disabled"),
    ],
)
async def test_what_cannot_be_started_is_refused_in_words(pool, user_id, given, complaint):
    asked = {"user_id": user_id, "workflow": "CHAIN", "event": One(), **given}

    with pytest.raises(BadInput, match=complaint):
        await runs.start(pool, **asked, workflows=FLOW)


async def test_nothing_is_started_for_a_disabled_user(pool, user_id):
    await fetch(pool, "UPDATE users SET enabled = false")

    with pytest.raises(BadInput, match="disabled"):
        await begin(pool, user_id)


async def test_a_cancelled_run_is_over_with_all_its_steps(pool, user_id):
    run = await begin(pool, user_id)

    assert await runs.cancel(pool, user_id, run.id)

    assert await value(pool, "SELECT status FROM tasks") == "cancelled"
    assert await value(pool, "SELECT status FROM steps") == "cancelled"
    assert "cancelled" in await value(pool, "SELECT log_output FROM tasks")
    assert not await runs.cancel(pool, user_id, run.id)
    assert (await begin(pool, user_id)).created


async def test_a_run_of_somebody_else_cannot_be_cancelled(pool, user_id):
    run = await begin(pool, user_id)
    other = await value(pool, "INSERT INTO users (name) VALUES ('other') RETURNING id")

    assert not await runs.cancel(pool, other, run.id)

    assert await value(pool, "SELECT status FROM tasks") == "scheduled"


async def test_a_run_with_open_steps_is_not_closed(pool, user_id):
    run = await begin(pool, user_id)

    assert await runs.close(pool, user_id, run.id) is None

    await fetch(pool, "UPDATE steps SET status = 'done'")
    assert await runs.close(pool, user_id, run.id) == "completed"
    assert await runs.close(pool, user_id, run.id) is None


async def test_a_long_log_keeps_its_newest_megabyte_and_says_so(pool, user_id):
    run = await begin(pool, user_id)
    await fetch(
        pool,
        "INSERT INTO task_log (user_id, task_id, line)"
        " SELECT %s, %s, g || repeat(' x', 500) FROM generate_series(1, 1500) AS g",
        user_id,
        run.id,
    )
    await fetch(pool, "UPDATE steps SET status = 'done'")

    await runs.close(pool, user_id, run.id)

    log = await value(pool, "SELECT log_output FROM tasks")
    first, second, *_ = log.splitlines()
    assert first == "[older lines were cut: a log keeps its newest 1 MB]"
    assert int(second.split()[2]) > 400
    assert log.splitlines()[-1].endswith("INFO completed")
    assert 1_000_000 < len(log) < 1_050_000


async def test_pages_hear_once_per_transaction_and_only_ids(pool, user_id):
    heard = await pool.dedicated()
    await heard.execute(f"LISTEN {runs.CHANNEL}")

    run = await begin(pool, user_id)
    await runs.cancel(pool, user_id, run.id)

    told = [json.loads(each.payload) async for each in heard.notifies(timeout=0.3)]
    await heard.close()
    assert told == [{"user": user_id, "run": run.id}] * 2


async def test_a_wake_makes_waiting_steps_of_the_user_ready_in_its_transaction(pool, user_id):
    other = await value(pool, "INSERT INTO users (name) VALUES ('other') RETURNING id")
    await begin(pool, user_id)
    await begin(pool, other)
    await fetch(pool, "UPDATE steps SET status = 'waiting', topic = 'torrent:1', due_at = now()")
    await fetch(pool, "DELETE FROM procrastinate_jobs")

    async def wake_and_stumble():
        async with pool.user(user_id) as transaction:
            await transaction.value("steps.wake", user_id=user_id, topic="torrent:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await wake_and_stumble()
    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 0
    assert await runs.wake(pool, user_id, ["torrent:1", "torrent:2"]) == 1

    assert await fetch(pool, "SELECT user_id, status FROM steps ORDER BY user_id") == [
        (user_id, "ready"),
        (other, "waiting"),
    ]
    assert await value(pool, "SELECT args ->> 'user_id' FROM procrastinate_jobs") == str(user_id)


async def test_a_run_object_hides_secrets_in_what_it_logs():
    run = runs.Run(1, 2, "CHAIN", 3, 1)

    run.log("asked http://x/?apikey=abcdef for it", "warning")

    assert run.lines == [("warning", "asked http://x/?apikey=*** for it")]
