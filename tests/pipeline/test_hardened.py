"""Each cure for Procrastinate: the fault is provoked, and the worker does its work all the same."""

import asyncio
import time
from contextlib import asynccontextmanager

import procrastinate
import psycopg
import pytest
from procrastinate import exceptions
from procrastinate.worker import Worker

from pipeline import hardened
from pipeline.hardened import HardenedWorker, SurvivingConnector, lost_connection
from tests.support.chains import fetch, until, value

NO_POLL = 60.0  # so that only a wake-up can be the reason why a job runs


def app(url, handler) -> procrastinate.App:
    it = procrastinate.App(connector=SurvivingConnector(url, size=6))

    class Now(procrastinate.BaseRetryStrategy):
        def get_retry_decision(self, *, exception, job):
            return procrastinate.RetryDecision(retry_in={"seconds": 0})

    @it.task(name="step", queue="steps", retry=Now())
    async def step(steps: list[int]) -> None:
        await handler(steps)

    return it


@asynccontextmanager
async def working(url, handler, kind=HardenedWorker, **settings):
    """Run a worker of this kind that never polls; stop it in the end."""
    defaults = {
        "concurrency": 5,
        "install_signal_handlers": False,
        "fetch_job_polling_interval": NO_POLL,
        "delete_jobs": "successful",
    }
    it = app(url, handler)
    async with it.open_async():
        worker = kind(it, **{**defaults, **settings})
        task = asyncio.create_task(worker.run())
        await asyncio.sleep(0.3)  # it is registered, and its LISTEN stands
        try:
            yield worker
        finally:
            worker.stop()
            await asyncio.wait_for(task, 20)


async def defer(pool, *steps: int, lock: str | None = None) -> None:
    await fetch(
        pool,
        "SELECT procrastinate_defer_jobs_v1(array_agg(row('steps', 'step', 0, %s::text, NULL,"
        " jsonb_build_object('steps', jsonb_build_array(g)), NULL)::procrastinate_job_to_defer_v1))"
        " FROM unnest(%s::int[]) AS g",
        lock,
        list(steps),
    )


class Done:
    """A handler that remembers what it was given."""

    def __init__(self) -> None:
        self.steps: list[int] = []

    async def __call__(self, steps: list[int]) -> None:
        self.steps += steps

    async def wait(self, *steps: int, seconds: float = 3) -> None:
        """Wait until exactly these were done, in whatever order."""
        end = time.monotonic() + seconds
        while sorted(self.steps) != sorted(steps):
            assert time.monotonic() < end, f"done {self.steps} instead of {steps}"
            await asyncio.sleep(0.01)


def announce_during_empty_fetch(worker, pool) -> None:
    """Let a job be deferred just as the worker's next fetch has found nothing."""
    original, late = worker.app.job_manager.fetch_job, [True]

    async def fetch_job(queues, worker_id):
        job = await original(queues, worker_id)
        if job is None and late:
            late.clear()
            await defer(pool, 2)
            await asyncio.sleep(0.2)  # its NOTIFY arrives before we answer "nothing"
        return job

    worker.app.job_manager.fetch_job = fetch_job


async def test_a_wake_up_during_an_empty_fetch_is_not_lost(database_url, pool):
    done = Done()
    async with working(database_url, done) as worker:
        announce_during_empty_fetch(worker, pool)
        await defer(pool, 1)
        await done.wait(1, 2)


async def test_stock_procrastinate_still_loses_that_wake_up(database_url, pool):
    """When this fails, upstream has mended it and the cure can go."""
    done = Done()
    async with working(database_url, done, kind=Worker) as worker:
        announce_during_empty_fetch(worker, pool)
        await defer(pool, 1)
        await asyncio.sleep(1.5)

    assert done.steps == [1]


async def test_listening_comes_back_after_an_outage_and_looks_at_once(database_url, pool):
    done = Done()
    async with working(database_url, done) as worker:
        connector, failures = worker.queue, [1, 2]
        original = connector._get_standalone_connection

        @asynccontextmanager
        async def flaky():
            if failures:
                failures.pop()
                raise psycopg.OperationalError("the server is starting up")
            async with original() as connection:
                yield connection

        connector._get_standalone_connection = flaky
        await terminate(pool, "LISTEN%")
        await asyncio.sleep(0.05)
        await defer(pool, 1)
        await done.wait(1)
        await defer(pool, 2)
        await done.wait(1, 2)

    assert not failures


async def terminate(pool, query: str) -> None:
    """End the connections whose last statement was like *query*."""
    owner = await pool.dedicated()
    cursor = await owner.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query LIKE %s AND pid <> pg_backend_pid()",
        [query],
    )
    row = await cursor.fetchone()
    await owner.close()
    assert row[0] > 0


async def test_jobs_that_share_a_lock_follow_each_other_at_once(database_url, pool):
    done = Done()
    async with working(database_url, done):
        await defer(pool, 1, 2, 3, 4, 5, 6, lock="one at a time")
        await done.wait(1, 2, 3, 4, 5, 6)


async def test_a_job_put_back_runs_again_at_once(database_url, pool):
    done = Done()

    async def stumble(steps):
        await done(steps)
        await asyncio.sleep(0.2)  # the fetch that follows a start has found nothing by then
        if len(done.steps) < 3:
            raise RuntimeError

    async with working(database_url, stumble):
        await defer(pool, 1)
        await done.wait(1, 1, 1)


READ = """
    SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
    FROM pg_stat_xact_user_tables WHERE relname = 'procrastinate_jobs'
"""


async def test_a_backlog_is_fetched_fast_though_its_table_was_analysed_while_empty(pool, figure):
    """Rows read are counted, not seconds: those depend on whoever else is busy."""

    async def rows_read() -> int:
        await fetch(pool, "DELETE FROM procrastinate_jobs")
        owner = await pool.dedicated()
        await owner.execute("ALTER TABLE procrastinate_jobs SET (autovacuum_enabled = off)")
        await owner.execute("VACUUM ANALYZE procrastinate_jobs")
        await fetch(
            pool,
            "INSERT INTO procrastinate_jobs (queue_name, task_name)"
            " SELECT 'steps', 'step' FROM generate_series(1, 4000)",
        )
        number = await value(pool, "SELECT worker_id FROM procrastinate_register_worker_v1()")
        async with owner, owner.transaction():
            for _ in range(40):
                await owner.execute("SELECT procrastinate_fetch_job_v2(NULL, %s)", [number])
            (read,) = await (await owner.execute(READ)).fetchone()
        return read

    cured = await rows_read()
    owner = await pool.dedicated()
    await owner.execute("ALTER FUNCTION procrastinate_fetch_job_v2(varchar[], bigint) RESET ALL")
    await owner.close()
    as_delivered = await rows_read()

    figure(f"40 fetches from 4,000 read {cured:,} rows, as delivered {as_delivered:,}")
    assert cured < as_delivered / 10


async def test_a_side_task_that_fails_stops_the_worker_rather_than_leaving_it_maimed(
    database_url,
):
    class Maimed(HardenedWorker):
        async def _poll_jobs_to_abort(self):
            await asyncio.sleep(0.3)
            raise RuntimeError("a bug in a side task")

    async with working(database_url, Done(), kind=Maimed) as worker:
        await asyncio.wait_for(worker._stop_event.wait(), 2)


@pytest.mark.parametrize("query", ["queue.fetch", "queue.finish"])
async def test_an_outage_of_the_database_is_waited_out(database_url, pool, query):
    done = Done()
    async with working(database_url, done) as worker:
        original, failures = worker.queue.rows, [1, 2, 3]

        async def flaky(name, **params):
            if name == query and failures:
                failures.pop()
                raise exceptions.ConnectorException from psycopg.OperationalError("gone")
            return await original(name, **params)

        worker.queue.rows = flaky
        await defer(pool, 1)
        await done.wait(1)
        await until(pool, "SELECT count(*) FROM procrastinate_jobs", expected=0)

    assert not failures


async def test_dead_connections_of_the_pool_do_not_stop_the_worker(database_url, pool):
    done = Done()
    async with working(database_url, done):
        await defer(pool, *range(20))
        await done.wait(*range(20))
        owner = await pool.dedicated()
        await owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await owner.close()
        async with await psycopg.AsyncConnection.connect(database_url) as fresh:
            await fresh.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
                " SELECT 'steps', 'step', jsonb_build_object('steps', jsonb_build_array(g))"
                " FROM generate_series(20, 39) AS g"
            )
        await done.wait(*range(40), seconds=6)


async def test_a_worker_that_was_taken_for_dead_registers_again(database_url, pool):
    done = Done()
    async with working(database_url, done) as worker:
        old = worker.worker_id
        await fetch(pool, "DELETE FROM procrastinate_workers")
        await defer(pool, 1)
        await done.wait(1)

        assert worker.worker_id != old
        assert await value(pool, "SELECT count(*) FROM procrastinate_workers") == 1


async def test_the_heartbeat_goes_on_while_the_last_jobs_end(database_url, pool):
    started = asyncio.Event()

    async def slow(steps):
        started.set()
        await asyncio.sleep(1.5)

    age = "SELECT extract(epoch FROM clock_timestamp() - last_heartbeat)::float"
    async with working(database_url, slow, update_heartbeat_interval=0.1) as worker:
        await defer(pool, 1)
        await started.wait()
        worker.stop()
        await asyncio.sleep(1.0)
        assert await value(pool, f"{age} FROM procrastinate_workers") < 0.5


async def test_a_job_given_to_another_worker_is_not_ended_under_its_feet(database_url, pool):
    started, go = asyncio.Event(), asyncio.Event()

    async def slow(steps):
        started.set()
        await go.wait()

    async with working(database_url, slow):
        await defer(pool, 1)
        await started.wait()
        other = await pool.dedicated()
        number = await living_worker(other)
        await fetch(pool, "UPDATE procrastinate_jobs SET worker_id = %s", number)
        go.set()
        await asyncio.sleep(0.3)
        assert await value(pool, "SELECT status::text FROM procrastinate_jobs") == "doing"
        await other.execute("DELETE FROM procrastinate_jobs")
        await other.close()


async def living_worker(connection) -> int:
    """Register a worker that lives as long as this connection."""
    cursor = await connection.execute("SELECT worker_id FROM procrastinate_register_worker_v1()")
    (number,) = await cursor.fetchone()
    await connection.execute("SELECT pg_advisory_lock(28786, %s::int)", [number])
    return number


async def someone_doing(pool, number: int | None) -> None:
    """A job that is under way in the name of a worker."""
    await defer(pool, 7)
    await fetch(pool, "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", number)


async def test_the_jobs_of_a_killed_worker_are_rescued_within_seconds(database_url, pool, figure):
    done = Done()
    other = await pool.dedicated()
    await someone_doing(pool, await living_worker(other))
    async with working(database_url, done):
        await asyncio.sleep(6.5)  # the rescue leaves a server alone for its first five seconds
        assert done.steps == []
        began = time.monotonic()
        await other.close()
        await done.wait(7)
        figure(f"rescued {time.monotonic() - began:.2f} s after the death")


async def test_whoever_replaces_the_dead_takes_their_jobs_over_at_once(
    database_url, pool, monkeypatch
):
    monkeypatch.setattr(hardened, "RESCUE_EVERY", 3600)
    done = Done()
    other = await pool.dedicated()
    await someone_doing(pool, await living_worker(other))
    await other.close()
    await until(
        pool,
        "SELECT pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds'",
    )
    async with working(database_url, done):
        await done.wait(7)


async def test_nobody_is_rescued_by_one_whose_own_sign_of_life_is_not_there_yet(database_url, pool):
    """Until then its own jobs look like those of the dead."""

    class Pale(HardenedWorker):
        async def _stay_alive(self):
            await asyncio.Event().wait()

    done, trips = Done(), []
    async with working(database_url, done, kind=Pale) as worker:
        original = worker.queue.rows

        async def counted(name, **params):
            trips.append(name)
            return await original(name, **params)

        worker.queue.rows = counted
        await defer(pool, 1)
        await done.wait(1)
        await asyncio.sleep(0.2)

    assert "queue.fetch" in trips
    assert "queue.rescue" not in trips


async def test_a_worker_without_its_sign_of_life_does_not_take_its_own_jobs_for_lost(
    database_url, pool
):
    class Pale(HardenedWorker):
        async def _stay_alive(self):
            self._known_to_live.set()  # it had its lock, and lost the connection that held it
            await asyncio.Event().wait()

    done = Done()

    async def slow(steps):
        await done(steps)
        await asyncio.sleep(2)

    async with working(database_url, slow, kind=Pale):
        await fetch(
            pool,
            "SELECT pg_sleep(greatest(0, 5.5 - extract(epoch FROM"
            " clock_timestamp() - pg_postmaster_start_time())))",
        )
        await defer(pool, 1)
        await done.wait(1)
        await asyncio.sleep(1.5)

    assert done.steps == [1]


async def test_the_job_of_a_worker_that_lives_is_left_to_it(database_url, pool):
    done = Done()

    async def slow(steps):
        await done(steps)
        await asyncio.sleep(2)

    await until(
        pool,
        "SELECT pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds'",
    )
    async with working(database_url, slow), working(database_url, slow):
        await defer(pool, 7)
        await until(pool, "SELECT count(*) FROM procrastinate_jobs", expected=0)

    assert done.steps == [7]


async def test_a_worker_without_heartbeat_is_dead_though_its_connection_stands(database_url, pool):
    done = Done()
    other = await pool.dedicated()
    await someone_doing(pool, await living_worker(other))
    async with working(database_url, done):
        await fetch(
            pool,
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
            " WHERE id IN (SELECT worker_id FROM procrastinate_jobs)",
        )
        await done.wait(7, seconds=8)
    await other.close()


async def test_a_job_of_nobody_is_rescued(database_url, pool):
    done = Done()
    await someone_doing(pool, None)
    async with working(database_url, done):
        await done.wait(7, seconds=8)


async def test_a_job_whose_fetch_was_answered_into_the_void_is_rescued(database_url, pool):
    done = Done()
    async with working(database_url, done) as worker:
        await fetch(
            pool,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
            " VALUES ('steps', 'step', '{\"steps\": [7]}', 'doing', %s)",
            worker.worker_id,
        )
        await done.wait(7)


async def test_one_round_trip_fetches_and_ends_many_jobs(database_url, pool):
    done, trips = Done(), []
    await defer(pool, *range(200))
    it = app(database_url, done)
    async with it.open_async():
        worker = HardenedWorker(it, concurrency=20, wait=False, install_signal_handlers=False)
        original = worker.queue.rows

        async def counted(name, **params):
            trips.append(name)
            return await original(name, **params)

        worker.queue.rows = counted
        await worker.run()

    assert len(done.steps) == 200
    assert trips.count("queue.fetch") < 100
    assert trips.count("queue.finish") < 100


async def test_what_was_fetched_but_not_started_is_put_back_at_the_end(database_url, pool):
    it = app(database_url, Done())
    async with it.open_async():
        worker = HardenedWorker(it, concurrency=5)
        worker.worker_id = await it.job_manager.register_worker()
        await defer(pool, 1, 2, 3, 4)
        first = await worker._fetcher.fetch_job(None, worker.worker_id)
        assert first is not None
        assert len(worker._fetcher.fetched) == 3

        await worker._fetcher.put_back()

    statuses = "SELECT array_agg(status::text ORDER BY id) FROM procrastinate_jobs"
    assert await value(pool, statuses) == ["doing", "todo", "todo", "todo"]


def test_an_outage_is_told_from_a_mistake():
    lost = exceptions.ConnectorException()
    lost.__cause__ = psycopg.OperationalError("gone")
    mistake = exceptions.ConnectorException()
    mistake.__cause__ = psycopg.errors.UndefinedTable("x")

    assert lost_connection(lost)
    assert lost_connection(ConnectionResetError())
    assert not lost_connection(mistake)
    assert not lost_connection(KeyError())


async def test_it_refuses_a_connector_without_the_cures(database_url):
    stock = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database_url))

    with pytest.raises(TypeError, match="SurvivingConnector"):
        HardenedWorker(stock)
