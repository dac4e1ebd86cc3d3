"""Start, cancel and close runs, and wake what waits: for all who may ask for it."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import structlog

from pipeline.db import Pool, Transaction
from pipeline.errors import BadInput
from pipeline.events import Event, RunRequested
from pipeline.redaction import redact
from pipeline.workflows import WORKFLOWS, Workflow

Level = Literal["info", "warning", "error"]
StartedBy = Literal["schedule", "event", "request"]
# The channel on which pages hear that a run moved; the payload is {"user": id, "run": id}.
CHANNEL = "bookrunner_events"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run that is under way; `created` is false when it already was."""

    id: int
    created: bool


@dataclass(frozen=True, slots=True)
class Run:
    """What a stage may know of the run and step it works for."""

    run_id: int
    user_id: int
    workflow: str
    step_id: int
    attempt: int
    lines: list[tuple[Level, str]] = field(default_factory=list, repr=False)

    def log(self, line: str, level: Level = "info") -> None:
        """Add a line to the run's log, kept with the step's outcome even when the stage fails."""
        line = redact(line)
        self.lines.append((level, line))
        getattr(_log, level)(line)


async def start(  # noqa: PLR0913  # each names one column of the run; all but three have defaults
    where: Pool | Transaction,
    user_id: int,
    workflow: str,
    *,
    event: Event | None = None,
    subject: str = "",
    started_by: StartedBy = "request",
    scheduled_time: datetime | None = None,
    workflows: Mapping[str, Workflow] = WORKFLOWS,
) -> StartedRun:
    """Start *workflow*, or answer with the run of it and *subject* that is already under way.

    The run, its first step and the step's job are written in one transaction, or in the caller's.
    Raises BadInput for an unknown workflow, an event that does not start it, a user who may not.
    """
    chain = workflows.get(workflow)
    if chain is None:
        known = ", ".join(sorted(workflows))
        raise BadInput(f"there is no workflow {workflow!r}; there are {known}")
    event = event if event is not None else RunRequested()
    if not isinstance(event, chain.starts_with):
        raise BadInput(
            f"{workflow} starts with {chain.starts_with.kind}, not with {type(event).kind}"
        )
    async with _within(where, user_id) as transaction:
        row = await transaction.row(
            "tasks.start",
            user_id=user_id,
            workflow=workflow,
            subject=subject,
            started_by=started_by,
            scheduled_time=scheduled_time,
            stage=chain.stages[0],
            kind=event.kind,
            key=event.key,
            event=event.model_dump(mode="json"),
        )
    if row is None:
        raise BadInput(f"user {user_id} is unknown or disabled, so nothing is started")
    return StartedRun(row["id"], row["created"])


async def cancel(where: Pool | Transaction, user_id: int, run_id: int) -> bool:
    """Cancel a run and its open steps; False when it is not under way.

    A step in progress finds its lease gone when it comes to commit, and records nothing.
    """
    async with _within(where, user_id) as transaction:
        return bool(await transaction.value("tasks.cancel", user_id=user_id, run_id=run_id))


async def close(where: Pool | Transaction, user_id: int, run_id: int) -> str | None:
    """End a run of which no step is open: its status, or None when there was nothing to end."""
    async with _within(where, user_id) as transaction:
        status: str | None = await transaction.value("tasks.close", run_id=run_id)
    return status


async def wake(where: Pool | Transaction, user_id: int, topics: Iterable[str]) -> int:
    """Make the user's steps that wait for *topics* ready and queue them; return how many it were.

    A step that is just about to wait for one of them will see the wake, and runs again.
    """
    async with _within(where, user_id) as transaction:
        woken = await transaction.value("steps.wake_many", user_id=user_id, topics=sorted(topics))
    return int(woken)


@asynccontextmanager
async def _within(where: Pool | Transaction, user_id: int) -> AsyncIterator[Transaction]:
    """Use the caller's transaction, or open one of the user's."""
    if isinstance(where, Transaction):
        yield where
        return
    async with where.user(user_id) as transaction:
        yield transaction
