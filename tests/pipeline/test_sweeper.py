"""What no job carries is kept moving: due steps, lost jobs, runs that nobody ended."""

import asyncio

import psycopg

from pipeline import runs
from pipeline.sweeper import Sweeper
from tests.support.chains import One, fetch, value, workflow


async def begin(pool, user_id, subject=""):
    return await runs.start(
        pool, user_id, "CHAIN", event=One(), subject=subject, workflows=workflow("first")
    )


async def test_a_ready_step_whose_job_was_lost_is_queued_again(pool, user_id):
    await begin(pool, user_id)
    await fetch(pool, "UPDATE steps SET queued_at = now() - interval '2 minutes'")
    await Sweeper(pool).sweep()
    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 1

    await fetch(pool, "DELETE FROM procrastinate_jobs")
    await Sweeper(pool).sweep()
    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 1
    await fetch(pool, "DELETE FROM procrastinate_jobs")
    await Sweeper(pool).sweep()
    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 0  # give it a minute


async def test_a_run_that_nobody_could_end_is_ended(pool, user_id):
    await begin(pool, user_id)
    await fetch(pool, "UPDATE steps SET status = 'done', finished_at = now()")

    await asyncio.gather(*(Sweeper(pool).sweep() for _ in range(4)))

    assert await value(pool, "SELECT status FROM tasks") == "completed"
    assert await value(pool, "SELECT count(*) FROM task_log WHERE line = 'completed'") == 1


async def test_old_wakes_are_forgotten_and_new_ones_kept(pool, user_id):
    await runs.wake(pool, user_id, ["old", "new"])
    await fetch(pool, "UPDATE topics SET woken_at = now() - interval '3 days' WHERE name = 'old'")

    await Sweeper(pool).sweep()

    assert await fetch(pool, "SELECT name FROM topics") == [("new",)]


async def test_four_sweepers_at_once_queue_each_due_step_once(pool, user_id):
    for number in range(40):
        await begin(pool, user_id, str(number))
    await fetch(pool, "DELETE FROM procrastinate_jobs")
    await fetch(
        pool,
        "UPDATE steps SET status = CASE mod(id, 2) WHEN 0 THEN 'waiting' ELSE 'retrying' END,"
        " due_at = now()",
    )

    await asyncio.gather(*(Sweeper(pool).sweep(1) for _ in range(4)))

    assert await value(pool, "SELECT count(*) FROM procrastinate_jobs") == 40
    assert await value(pool, "SELECT count(DISTINCT args) FROM procrastinate_jobs") == 40
    assert await fetch(pool, "SELECT DISTINCT status, due_at FROM steps") == [("ready", None)]


async def test_an_outage_is_waited_out(pool, user_id):
    await begin(pool, user_id)
    await fetch(pool, "UPDATE steps SET status = 'waiting', due_at = now()")
    sweeper, stop, failures = Sweeper(pool, every=0.01), asyncio.Event(), [1, 2]
    original = sweeper.sweep

    async def flaky(number: int = 0) -> None:
        if failures:
            failures.pop()
            raise psycopg.OperationalError("gone")
        await original(number)
        stop.set()

    sweeper.sweep = flaky
    await asyncio.wait_for(sweeper.run(stop), 10)

    assert await value(pool, "SELECT status FROM steps") == "ready"
