"""Run stages for the steps of runs: claim, call, and commit all of it or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Self

import psycopg
import structlog

from pipeline.books import Books, Closing
from pipeline.chains import Chains, Stage
from pipeline.clock import Clock, SystemClock
from pipeline.db import LOST, Database, Pool, StepDatabase
from pipeline.errors import ServiceDown
from pipeline.events import Event
from pipeline.leases import Claim, Leases, TakenElsewhere
from pipeline.reports import Outcome, Report, answered, failed
from pipeline.runs import Run
from pipeline.sessions import Session
from pipeline.workflows import WORKFLOWS, Workflow

Tools = Callable[[int], Awaitable[Mapping[type, object]]]
_log = structlog.get_logger()
_CONNECTION_CLASS = "08"  # SQLSTATE: connection exceptions
_SHUTDOWN_CLASS = "57P"  # SQLSTATE: the server is stopping, crashed or not yet up


class LeaseLost(Exception):  # noqa: N818  # not an error of the step: somebody else took it over
    """The step is no longer ours, or was cancelled; nothing of it is recorded."""


class Runner:
    """Carries events from stage to stage; used as a context while a worker runs.

    *tools* says, for a user, what stages may ask for by type; a `Database`, the `Run` and a `Clock`
    are added here. Whether chains and stages fit together is seen when a step needs them.
    """

    def __init__(
        self,
        pool: Pool,
        stages: Mapping[str, Stage],
        tools: Tools,
        workflows: Mapping[str, Workflow] = WORKFLOWS,
        clock: Clock | None = None,
    ) -> None:
        self.pool, self.workflows = pool, workflows
        self._tools, self._clock = tools, clock or SystemClock()
        self.chains = Chains(stages, workflows)
        self.leases = Leases(pool.dedicated)
        self._books = Books(Session(pool.dedicated))

    async def __aenter__(self) -> Self:
        """Connect for the leases."""
        await self.leases.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give the leases free."""
        await self.leases.__aexit__()
        await self._books.close()

    async def run_steps(self, steps: Iterable[int]) -> None:
        """Run *steps*, one after another; what a job asks for.

        Raises TakenElsewhere when another worker is at one of them, or may be, and what psycopg
        raises when the connection to the database is lost: in both cases the same call has to be
        made again.
        """
        taken = False
        for step in steps:
            try:
                await self.run_step(step)
            except TakenElsewhere:
                taken = True
        if taken:
            raise TakenElsewhere

    async def run_step(self, step: int) -> None:
        """Run one step to its next outcome; nothing to do when it is not ready.

        Raises TakenElsewhere when the step is, or has become, another's.
        """
        claim = await self.leases.take(step)
        if claim is None:
            return
        context = structlog.contextvars.bound_contextvars(
            run=claim.run_id, workflow=claim.workflow, stage=claim.stage, user=claim.user_id
        )
        try:
            with context:
                await self._work(claim)
        finally:
            self.leases.release(step)

    async def _work(self, claim: Claim) -> None:
        """Call the stage and record what came of it."""
        database = StepDatabase(self.pool, claim.user_id)
        run = Run(claim.run_id, claim.user_id, claim.workflow, claim.step, claim.attempts + 1)
        try:
            try:
                report = answered(await self._call(claim, database, run))
                ended = await self._record(claim, database, report, run)
            except asyncio.CancelledError as error:
                await _abandon(database, error)
                raise
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001  # a stage may raise anything; all is recorded
                await _abandon(database, error)
                report = failed(_judged(error), claim.attempts)
                ended = await self._record(claim, database, report, run)
        except LeaseLost as error:
            await _abandon(database, error)
            _log.warning("step is not ours any more: nothing recorded", step=claim.step)
            # Somebody else has it, or nobody: a crash of PostgreSQL forgets who took what.
            raise TakenElsewhere from error
        if ended:
            await self._books.ends.ask(claim.run_id)

    async def _call(self, claim: Claim, database: StepDatabase, run: Run) -> Outcome:
        """Call the stage with its event and its tools."""
        it = self.chains.wiring(claim.stage)
        event = Event.load(claim.kind, claim.event)
        provided: dict[type, object] = {
            Database: database,
            StepDatabase: database,
            Run: run,
            Clock: self._clock,
        }
        if any(wanted not in provided for _, wanted, _ in it.wants):
            provided = {**await self._tools(claim.user_id), **provided}
        return await it.stage(event=event, **it.tools(provided, claim.stage))

    async def _record(self, claim: Claim, database: StepDatabase, report: Report, run: Run) -> bool:
        """Commit the stage's writes with its outcome and what follows; True if nothing does."""
        lines = list(run.lines)
        if report.level is not None:
            lines.append((report.level, f"{claim.stage} {claim.key}: {report.reason}"))
            getattr(_log, report.level)(f"step {report.status}: {report.reason}", step=claim.step)
        fields = report.fields(lambda event: self.chains.route(claim.workflow, event), lines)
        closing = Closing(claim.step, claim.lease, claim.seen, fields)
        if database.wrote or report.topic is not None:
            transaction = await database.transaction()
            fate = await transaction.value("steps.close", **closing.params())
        else:
            fate = await self._books.closings.ask(closing)
        if fate == "lost":
            raise LeaseLost
        await database.commit()
        return bool(fate == "ended")


def _judged(error: Exception) -> Exception:
    """Re-raise what the job layer has to deal with; name what is worth another try.

    A lost connection is nobody's failure and uses up no attempt. What the server refused under
    load (deadlock, serialisation, timeout) is transient.
    """
    if isinstance(error, LOST):
        state = getattr(error, "sqlstate", None)
        if state is None or state.startswith((_CONNECTION_CLASS, _SHUTDOWN_CLASS)):
            raise error
        if isinstance(error, psycopg.OperationalError):
            return ServiceDown(f"PostgreSQL: {type(error).__name__}: {error}")
    return error


async def _abandon(database: StepDatabase, error: BaseException) -> None:
    """Roll back the step's transaction; the error that led here is the one that counts."""
    with suppress(type(error)):
        await database.abandon(error)
