"""Run stages for the steps of runs: claim, call, and commit all of it or nothing."""

import asyncio
import types
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import psycopg
import structlog

from pipeline.books import Books, Closing
from pipeline.clock import Clock, SystemClock
from pipeline.db import LOST, Database, Pool, StepDatabase
from pipeline.errors import ConfigurationError, ServiceDown
from pipeline.events import Event
from pipeline.leases import Claim, Leases, TakenElsewhere
from pipeline.reports import Outcome, Report, answered, failed
from pipeline.runs import Run
from pipeline.sessions import Session
from pipeline.workflows import WORKFLOWS, Workflow

Stage = Callable[..., Awaitable[Outcome]]
Tools = Callable[[int], Awaitable[Mapping[type, object]]]
_log = structlog.get_logger()
_CONNECTION_CLASS = "08"  # SQLSTATE: connection exceptions
_SHUTDOWN_CLASS = "57P"  # SQLSTATE: the server is stopping, crashed or not yet up


class LeaseLost(Exception):  # noqa: N818  # not an error of the step: somebody else took it over
    """The step is no longer ours, or was cancelled; nothing of it is recorded."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a stage's signature says: the events it takes, and the tools it wants by name."""

    stage: Stage
    takes: tuple[type[Event], ...]
    wants: tuple[tuple[str, type, bool], ...]  # name, type, whether it may be None

    def tools(self, have: Mapping[type, object], name: str) -> dict[str, object]:
        """Pick what the stage wants; raises ConfigurationError when something is not there."""
        for _, wanted, optional in self.wants:
            if wanted not in have and not optional:
                raise ConfigurationError(f"{name} asks for {wanted.__name__}, which nobody offers")
        return {parameter: have.get(wanted) for parameter, wanted, _ in self.wants}


class Runner:
    """Carries events from stage to stage; used as a context while a worker runs.

    *tools* says, for a user, what stages may ask for by type; a `Database`, the `Run` and a `Clock`
    are added here. Raises ConfigurationError when chains and stages do not fit together.
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
        self._wirings = {name: wiring(name, stage) for name, stage in stages.items()}
        self._routes = {name: self._chain(name, flow) for name, flow in workflows.items()}
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

        Raises TakenElsewhere when another worker is at one of them, and what psycopg raises when
        the connection to the database is lost: in both cases the same call has to be made again.
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
        """Run one step to its next outcome; nothing to do when it is not ready."""
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
            return
        if ended:
            await self._books.ends.ask(claim.run_id)

    async def _call(self, claim: Claim, database: StepDatabase, run: Run) -> Outcome:
        """Call the stage with its event and its tools."""
        if claim.stage not in self._wirings:
            raise ConfigurationError(f"there is no stage {claim.stage}")
        it = self._wirings[claim.stage]
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
        fields = report.fields(lambda event: self.route(claim.workflow, event), lines)
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

    def route(self, workflow: str, event: Event) -> str | None:
        """Return the stage of *workflow* that takes *event*, or None when none does."""
        for kind in type(event).__mro__:
            if kind in self._routes[workflow]:
                return self._routes[workflow][kind]
        return None

    def _chain(self, name: str, workflow: Workflow) -> dict[type, str]:
        """Work out which stage of a chain takes which event."""
        routes: dict[type, str] = {}
        for stage in workflow.stages:
            if stage not in self._wirings:
                raise ConfigurationError(f"{name} names the stage {stage}, which does not exist")
            for event in self._wirings[stage].takes:
                if event in routes:
                    raise ConfigurationError(
                        f"{name}: {routes[event]} and {stage} both take {event.__name__}"
                    )
                routes[event] = stage
        if routes.get(workflow.starts_with) != workflow.stages[0]:
            raise ConfigurationError(
                f"{name} starts with {workflow.starts_with.__name__},"
                f" which its first stage {workflow.stages[0]} does not take"
            )
        return routes


def wiring(name: str, stage: Stage) -> Wiring:
    """Read a stage's signature; raises ConfigurationError when it takes no event."""
    hints = typing.get_type_hints(stage)
    hints.pop("return", None)
    takes = tuple(_choices(hints.pop("event", type(None))))
    if not takes or not all(isinstance(t, type) and issubclass(t, Event) for t in takes):
        raise ConfigurationError(
            f"{name} takes no event: its first parameter is `event: SomeEvent`"
        )
    wants = []
    for parameter, hint in hints.items():
        choices = list(_choices(hint))
        kinds = [choice for choice in choices if choice is not type(None)]
        wants.append((parameter, kinds[0], len(kinds) < len(choices)))
    return Wiring(stage, takes, tuple(wants))


def _choices(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


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
