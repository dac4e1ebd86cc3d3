"""A job that did not come to its end is put back; the queue ends when it is told to."""

import asyncio

import psycopg
import pytest
from procrastinate import jobs as stock
from procrastinate.utils import utcnow

from pipeline.jobs import Queue, TryAgain
from pipeline.leases import TakenElsewhere
from tests.support.chains import fetch, until, value


def pause(exception: BaseException, attempts: int) -> float:
    """Seconds until the job runs again."""
    job = stock.Job(
        queue="steps", lock=None, queueing_lock=None, task_name="step", attempts=attempts
    )
    decision = TryAgain().get_retry_decision(exception=exception, job=job)
    return round((decision.retry_at - utcnow()).total_seconds())


@pytest.mark.parametrize(
    ("exception", "attempts", "seconds"),
    [
        (asyncio.CancelledError(), 7, 0),
        (TakenElsewhere(), 0, 1),
        (TakenElsewhere(), 9, 5),
        (psycopg.OperationalError(), 0, 1),
        (psycopg.OperationalError(), 3, 8),
        (psycopg.OperationalError(), 50, 10),
        (KeyError("a bug of the runner"), 2, 4),
    ],
)
def test_the_pause_depends_on_why_the_job_has_to_come_back(exception, attempts, seconds):
    assert pause(exception, attempts) == seconds


async def queue_step(pool) -> None:
    await fetch(
        pool,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        """ VALUES ('steps', 'step', '{"steps": [4, 5], "user_id": 1}')""",
    )


async def test_a_job_hands_over_its_steps_and_vanishes_when_they_are_done(database_url, pool):
    handed, stop = [], asyncio.Event()

    async def handler(steps):
        handed.append(steps)

    running = asyncio.create_task(Queue(database_url, handler, concurrency=2, grace=1).run(stop))
    await queue_step(pool)
    await until(pool, "SELECT count(*) FROM procrastinate_jobs", expected=0)
    stop.set()
    await asyncio.wait_for(running, 10)

    assert handed == [[4, 5]]


async def test_a_job_whose_step_is_held_elsewhere_comes_back(database_url, pool):
    handed, stop = [], asyncio.Event()

    async def handler(steps):
        handed.append(steps)
        if len(handed) == 1:
            raise TakenElsewhere

    running = asyncio.create_task(Queue(database_url, handler, concurrency=2, grace=1).run(stop))
    await queue_step(pool)
    await until(pool, "SELECT count(*) FROM procrastinate_jobs", expected=0)
    stop.set()
    await asyncio.wait_for(running, 10)

    assert len(handed) == 2


async def test_a_job_that_outlasts_the_grace_is_put_back_at_once(database_url, pool):
    started, stop = asyncio.Event(), asyncio.Event()

    async def handler(steps):
        started.set()
        await asyncio.sleep(60)

    running = asyncio.create_task(Queue(database_url, handler, concurrency=2, grace=0.2).run(stop))
    await queue_step(pool)
    await asyncio.wait_for(started.wait(), 10)
    stop.set()
    await asyncio.wait_for(running, 10)

    assert await fetch(
        pool, "SELECT status::text, scheduled_at <= now() FROM procrastinate_jobs"
    ) == [("todo", True)]
    assert await value(pool, "SELECT count(*) FROM procrastinate_workers") == 0
