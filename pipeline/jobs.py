"""The queue: one generic task whose jobs carry step ids; with `hardened` all of Procrastinate.

Nobody defers a job from Python: the database function `queue_steps` does, in the transaction that
makes a step ready, so that a job and what it is about are committed together or not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import procrastinate
from procrastinate import jobs as stock
from procrastinate.exceptions import ConnectorException

from pipeline.hardened import SILENT_AFTER, HardenedWorker, SurvivingConnector, lost_connection
from pipeline.leases import TakenElsewhere

QUEUE = "steps"
TASK = "step"
LONGEST_PAUSE = 10  # seconds between two tries of a job whose database was out of reach
Handler = Callable[[list[int]], Awaitable[None]]


class TryAgain(procrastinate.BaseRetryStrategy):
    """Put every job back that did not come to its end; what became of its steps is in `steps`."""

    def get_retry_decision(
        self, *, exception: BaseException, job: stock.Job
    ) -> procrastinate.RetryDecision:
        """At once after a shutdown, soon while a twin is at it, else ever later."""
        if isinstance(exception, asyncio.CancelledError):
            return procrastinate.RetryDecision(retry_in={"seconds": 0})
        longest = 5 if isinstance(exception, TakenElsewhere) else LONGEST_PAUSE
        return procrastinate.RetryDecision(
            retry_in={"seconds": min(2 ** min(job.attempts, 10), longest)}
        )


class Queue:
    """Fetches jobs and hands their steps to *handler* until it is stopped."""

    def __init__(self, url: str, handler: Handler, *, concurrency: int, grace: float) -> None:
        self._app = procrastinate.App(
            connector=SurvivingConnector(url, size=min(concurrency, 16) + 2)
        )

        @self._app.task(name=TASK, queue=QUEUE, retry=TryAgain())
        async def step(steps: list[int], **_: Any) -> None:
            await handler(steps)

        self._settings: dict[str, Any] = {
            "name": None,
            "concurrency": concurrency,
            "install_signal_handlers": False,
            "delete_jobs": stock.DeleteJobCondition.SUCCESSFUL,
            "shutdown_graceful_timeout": grace,
            "fetch_job_polling_interval": 1.0,
            "update_heartbeat_interval": 5.0,
            "stalled_worker_timeout": SILENT_AFTER,
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop* is set; then finish what runs, or put it back after the grace.

        Raises what psycopg raises when the database is out of reach at the start or at the end.
        All queues are listened to: a backlog in one that nobody here hears would slow each fetch.
        """
        async with self._app.open_async():
            worker = HardenedWorker(self._app, **self._settings)
            stopper = asyncio.create_task(_stop(worker, stop), name="stop the queue")
            try:
                await worker.run()
            except ConnectorException as error:
                if error.__cause__ is not None and lost_connection(error):
                    raise error.__cause__ from None
                raise
            finally:
                stopper.cancel()
                with suppress(asyncio.CancelledError):
                    await stopper


async def _stop(worker: HardenedWorker, stop: asyncio.Event) -> None:
    await stop.wait()
    worker.stop()  # type: ignore[no-untyped-call]  # Procrastinate leaves it untyped
