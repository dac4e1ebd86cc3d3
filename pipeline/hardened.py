"""Cures for what Procrastinate 3.10 does wrong; the version is pinned, each cure has its test.

Measured faults, and the cure of each; one is dropped when upstream mends its fault:

* `SurvivingConnector`: LISTEN dies with the first restart of PostgreSQL; and each checkout of a
  connection, each statement pays round trips that nobody needs.
* `_StickyEvent`: a wake-up that arrives during an empty fetch is thrown away (5 s late).
* `_fetch_and_process_jobs`: a worker dies of an outage, or of having been pruned as stalled.
* `_periodic_deferrer`: returns at once, and the monitor of side tasks ends with the first return.
* `_persist_job_status`: an outcome is lost in an outage, and a job that was given to another worker
  meanwhile is ended under its feet.
* `_update_heartbeat`: stops as soon as a graceful shutdown begins, so that a long drain runs twice.
* `_Fetcher`, `_finish`: one job per round trip, where one statement can fetch or end twenty.
* `_rescue`: jobs of killed workers stay `doing` for ever, and so does a job whose fetch was
  answered into a broken connection.

Two more live in the database (`sql/repeatable`): nothing wakes a worker when a job is put back, and
the plan of the fetch is bad when its table was analysed while empty.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import procrastinate
import psycopg
import psycopg_pool
import structlog
from procrastinate import connector, exceptions, job_context, jobs, manager, retry, worker

from pipeline.batches import Batches
from pipeline.queries import QUERIES

_log = structlog.get_logger()
SIGN_OF_LIFE_EVERY = 1.0  # seconds between two looks at the connection that says we live
RESCUE_EVERY = 0.5  # seconds between two looks for jobs of the dead
SILENT_AFTER = 30.0  # seconds without a heartbeat after which a worker counts as dead
LARGEST_FETCH = 20  # jobs fetched in one round trip
OUTCOME_KEPT_FOR = 25.0  # seconds for which we try to record the outcome of a job
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg_pool.PoolTimeout, OSError)


def lost_connection(error: BaseException) -> bool:
    """Tell an outage of the database from a mistake; Procrastinate wraps what psycopg raises."""
    return isinstance(error, _LOST) or (
        isinstance(error, exceptions.ConnectorException) and isinstance(error.__cause__, _LOST)
    )


class SurvivingConnector(procrastinate.PsycopgConnector):
    """A pool without superfluous round trips, and a LISTEN that comes back for ever."""

    def __init__(self, url: str, *, size: int) -> None:
        super().__init__(
            conninfo=url,
            min_size=2,
            max_size=size,
            pool_factory=_pool_without_check,
            configure=_configure,
        )
        self.on_listening: list[Callable[[], None]] = []

    async def listen_notify(
        self, on_notification: connector.Notify, channels: Iterable[str]
    ) -> None:
        """Listen; after a lost connection listen again, and say so: something may have come."""
        names = [psycopg.sql.Identifier(name) for name in channels]
        delay = 0.1
        while True:
            try:
                async with self._get_standalone_connection() as connection:
                    for name in names:
                        await connection.execute(psycopg.sql.SQL("LISTEN {}").format(name))
                    delay = 0.1
                    for call in self.on_listening:
                        call()
                    await self._loop_notify(on_notification=on_notification, connection=connection)
            except Exception as error:
                if not lost_connection(error):
                    raise
            _log.warning("queue: stopped hearing; listening again", seconds=round(delay, 1))
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311  # no secret
            delay = min(delay * 2, 5.0)

    @asynccontextmanager
    async def separate(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Open a connection outside the pool."""
        async with self._get_standalone_connection() as connection:
            yield connection

    async def rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Run one of our own queries in Procrastinate's pool."""
        found: list[dict[str, Any]]
        found = await self.execute_query_all_async(QUERIES[query].text, **params)
        return found

    async def forget_dead_connections(self) -> None:
        """Replace the connections that an outage broke, before they are lent out again."""
        with suppress(*_LOST):
            await asyncio.wait_for(self.pool.check(), 5.0)


class _StickyEvent(asyncio.Event):
    """Keeps a wake-up that stock code would clear after the fetch during which it came."""

    def clear(self) -> None:
        """Do nothing."""

    def clear_before_fetch(self) -> None:
        """Forget the wake-ups that the coming fetch answers."""
        super().clear()


class _Fetcher(manager.JobManager):
    """Fetches as many jobs in one round trip as the worker has free places."""

    def __init__(self, to: "HardenedWorker") -> None:
        super().__init__(to.queue)
        self._worker = to
        self.fetched: deque[jobs.Job] = deque()

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """Return a job that was fetched before, or fetch some."""
        if not self.fetched:
            rows = await self._worker.queue.rows(
                "queue.fetch",
                limit=min(self._worker.free_places() + 1, LARGEST_FETCH),
                queues=None if queues is None else list(queues),
                worker=worker_id,
            )
            self.fetched.extend(jobs.Job.from_row(row) for row in rows)
        return self.fetched.popleft() if self.fetched else None

    async def put_back(self) -> None:
        """Give back what was fetched and will not be started; the rescue does it if we cannot."""
        while self.fetched:
            job = self.fetched.popleft()
            with suppress(exceptions.ConnectorException):
                await self._worker.queue.rows(
                    "queue.put_back", job=job.id, worker=job.worker_id, at=None
                )


class HardenedWorker(worker.Worker):
    """Procrastinate's worker with every cure; it needs a SurvivingConnector."""

    def __init__(self, app: procrastinate.App, **settings: Any) -> None:
        super().__init__(app, **settings)
        if not isinstance(app.connector, SurvivingConnector):
            raise TypeError("a HardenedWorker needs a SurvivingConnector")
        self.queue: SurvivingConnector = app.connector
        self.queue.on_listening.append(self._wake)
        self._sticky = self._new_job_event = _StickyEvent()
        self._registration = asyncio.Lock()
        self._missing: set[int] = set()
        self._known_to_live = asyncio.Event()
        self._finishes: Batches[tuple[jobs.Job, jobs.Status], None] = Batches(self._finish)
        self._fetcher = _Fetcher(self)
        app.job_manager = self._fetcher

    def free_places(self) -> int:
        """How many more jobs than the one being fetched could run now."""
        return self._job_semaphore._value  # noqa: SLF001  # asyncio offers no other way to see it

    def _wake(self) -> None:
        self._sticky.set()

    async def run(self) -> None:
        """Run until stopped; signs of life and rescue go on until the last job has ended."""
        others = [
            asyncio.create_task(self._stay_alive(), name="sign of life"),
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(self._rescue(), name="rescue"),
        ]
        try:
            await super().run()  # type: ignore[no-untyped-call]  # Procrastinate leaves it untyped
        finally:
            self.queue.on_listening.remove(self._wake)
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def _fetch_and_process_jobs(self) -> None:
        """Fetch until nothing is left, nothing new was announced and the database answers."""
        try:
            await self._fetch_all()
        finally:
            if self._stop_event.is_set():
                await self._fetcher.put_back()

    async def _fetch_all(self) -> None:
        failures = 0
        while not self._stop_event.is_set():
            self._sticky.clear_before_fetch()
            try:
                await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]  # the same
            except exceptions.ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation):
                    await self._register_again(self.worker_id)
                    continue
                if not lost_connection(error):
                    raise
                failures += 1
                _log.warning("queue: fetch failed", error=type(error.__cause__).__name__)
                await self.queue.forget_dead_connections()
                await asyncio.sleep(min(0.1 * failures, 2.0))
                continue
            if not self._sticky.is_set():
                return

    async def _register_again(self, old: int | None) -> None:
        """Take a new number after somebody took us for dead."""
        async with self._registration:
            if self.worker_id == old:
                self.worker_id = await self.app.job_manager.register_worker()
                _log.warning("queue: was taken for dead; registered again", worker=self.worker_id)

    async def _periodic_deferrer(self) -> None:
        """Never return: with the first side task that does, the monitor of all of them ends."""
        await asyncio.Event().wait()

    async def _update_heartbeat(self) -> None:
        """Leave it to `_beat`, which outlives the side tasks."""
        await asyncio.Event().wait()

    async def _beat(self) -> None:
        """Show the second sign of life, to the end of a graceful shutdown."""
        while True:
            await asyncio.sleep(self.update_heartbeat_interval)
            number = self.worker_id
            try:
                if number and not await self.queue.rows("queue.heartbeat", worker=number):
                    await self._register_again(number)
            except exceptions.ConnectorException as error:
                _log.warning("queue: heartbeat failed", error=type(error.__cause__).__name__)

    async def _stay_alive(self) -> None:
        """Hold the first sign of life: a lock that PostgreSQL frees the moment we are gone."""
        while True:
            try:
                async with self.queue.separate() as connection:
                    await self._hold_lock(connection)
            except (exceptions.ConnectorException, *_LOST) as error:
                _log.warning("queue: sign of life lost", error=type(error).__name__)
            await asyncio.sleep(0.2)

    async def _hold_lock(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Take the lock of our number, and again when we are given another; until it breaks."""
        held: int | None = None
        while True:
            number = self.worker_id
            if number is not None and held != number:
                cursor = await connection.execute(
                    QUERIES["queue.mark_alive"].text, {"worker": number}
                )
                row = await cursor.fetchone()
                held = number if row is not None and row[0] else None
                if held is not None:
                    self._known_to_live.set()
            else:
                await connection.execute("SELECT 1")
            await asyncio.sleep(SIGN_OF_LIFE_EVERY if held is not None else 0.01)

    async def _rescue(self) -> None:
        """Put back what the dead were doing, and what was given to us without our knowing.

        From the start on, for whoever replaces the dead; but not before we are known to live, since
        until then our own jobs look like theirs. They do so again while the connection of our lock
        is lost, so what is ours is left out by number.
        """
        await self._known_to_live.wait()
        while True:
            try:
                rescued = await self.queue.rows(
                    "queue.rescue", silent=SILENT_AFTER, ours=self.worker_id
                )
                if rescued:
                    _log.warning("queue: rescued jobs of dead workers", jobs=len(rescued))
                await self._rescue_own()
            except exceptions.ConnectorException as error:
                if not lost_connection(error):
                    raise
                _log.warning("queue: rescue failed", error=type(error.__cause__).__name__)
            await asyncio.sleep(RESCUE_EVERY)

    async def _rescue_own(self) -> None:
        """Put back a job that is ours in the database but not in this process, seen so twice."""
        number = self.worker_id
        if number is None:
            return
        rows = await self.queue.rows("queue.doing", worker=number)
        running = {context.job.id for context in self._running_jobs.values()}
        running |= {job.id for job in self._fetcher.fetched}
        missing = {row["id"] for row in rows} - running
        for job in missing & self._missing:
            await self.queue.rows("queue.put_back", job=job, worker=number, at=None)
        self._missing = missing

    async def _persist_job_status(
        self,
        job: jobs.Job,
        status: jobs.Status,
        retry_decision: retry.RetryDecision | None,
        context: job_context.JobContext,  # noqa: ARG002  # the signature is Procrastinate's
        job_result: job_context.JobResult | None,  # noqa: ARG002  # the same
    ) -> None:
        """Record the outcome of a job, through an outage if need be, if the job is still ours."""
        until = time.monotonic() + OUTCOME_KEPT_FOR
        failures = 0
        while True:
            try:
                if retry_decision is None:
                    await self._finishes.ask((job, status))
                else:
                    ours = {"job": job.id, "worker": job.worker_id}
                    await self.queue.rows("queue.put_back", at=retry_decision.retry_at, **ours)
            except exceptions.ConnectorException as error:
                if not lost_connection(error) or time.monotonic() > until:
                    raise
                failures += 1
                await self.queue.forget_dead_connections()
                await asyncio.sleep(min(0.1 * failures, 2.0))
            else:
                break
        if job.id is not None:
            self._job_ids_to_abort.pop(job.id, None)

    async def _finish(self, ended: Sequence[tuple[jobs.Job, jobs.Status]]) -> Sequence[None]:
        """End jobs together; one that was just taken from us fails none of the others."""
        try:
            await self.queue.rows(
                "queue.finish",
                jobs=[job.id for job, _ in ended],
                workers=[job.worker_id for job, _ in ended],
                statuses=[status.value for _, status in ended],
                gone=[self._is_deleted(status) for _, status in ended],
            )
        except exceptions.ConnectorException as error:
            if lost_connection(error):
                raise
            if len(ended) == 1:
                _log.warning("queue: a job was taken from us as it ended", job=ended[0][0].id)
            else:
                for each in ended:
                    await self._finish([each])
        return [None] * len(ended)

    def _is_deleted(self, status: jobs.Status) -> bool:
        return self.delete_jobs == jobs.DeleteJobCondition.ALWAYS or (
            self.delete_jobs == jobs.DeleteJobCondition.SUCCESSFUL
            and status == jobs.Status.SUCCEEDED
        )

    def _log_extra(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Say nothing more: three copies of each job for lines that nobody reads cost a tenth."""
        return {}


def _pool_without_check(
    *args: Any, **settings: Any
) -> psycopg_pool.AsyncConnectionPool[psycopg.AsyncConnection[Any]]:
    """Make a pool that does not test each connection before it lends it."""
    settings.pop("check", None)
    return psycopg_pool.AsyncConnectionPool(*args, **settings)


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    """Make a connection of the queue ours."""
    await connection.set_autocommit(True)
    await connection.execute("SET ROLE bookrunner_system")
    await connection.execute("SET application_name = 'bookrunner queue'")
    # A power cut re-runs the last jobs, and running a step twice does nothing. Never for commits.
    await connection.execute("SET synchronous_commit = off")
    # A peer whose machine is gone is noticed within half a minute.
    await connection.execute("SET tcp_keepalives_idle = 10")
    await connection.execute("SET tcp_keepalives_interval = 5")
    await connection.execute("SET tcp_keepalives_count = 3")
