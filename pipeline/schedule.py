"""Start workflows when they are due, each due time exactly once, in the user's own time zone."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from pipeline import runs
from pipeline.clock import Clock, SystemClock
from pipeline.db import LOST, Pool, Transaction
from pipeline.domain import due_times
from pipeline.errors import BadInput
from pipeline.events import RunRequested
from pipeline.runs import StartedRun
from pipeline.workflows import WORKFLOWS, Workflow

_log = structlog.get_logger()
EVERY = 5.0  # seconds between two looks at the clock
PREPARE_EVERY = 12  # looks
BATCH = 500  # schedules planned in one transaction


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the clock starts a workflow of one user; `next_run_at` is None while it is paused."""

    task_name: str
    cron: str
    time_zone: str
    zone_is_set: bool
    next_run_at: datetime | None
    paused_at: datetime | None
    last_run_id: int | None

    @property
    def in_words(self) -> str:
        """The cron text in plain words, or the text itself when it cannot be read."""
        try:
            return due_times.in_words(self.cron)
        except BadInput:
            return self.cron


@dataclass(frozen=True, slots=True)
class _Due:
    user_id: int
    task_name: str
    cron: str
    time_zone: str
    next_run_at: datetime | None


class Clockwork:
    """Looks at the clock and starts what is due; every worker runs one, and they share the work.

    A due time, its run and the next due time are one transaction. So however many workers look at
    the same moment, and whenever one of them is killed, each due time starts one run. What was due
    while everything was off is started once on return, not once for each time missed.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        clock: Clock | None = None,
        workflows: Mapping[str, Workflow] = WORKFLOWS,
        every: float = EVERY,
    ) -> None:
        self._pool, self._clock, self._every = pool, clock or SystemClock(), every
        self._workflows = workflows
        self._names = [name for name, each in workflows.items() if _by_clock(each)]

    async def run(self, stop: asyncio.Event) -> None:
        """Look until *stop* is set; an outage of the database is waited out."""
        look = 0
        while not stop.is_set():
            try:
                if look % PREPARE_EVERY == 0:
                    await self.prepare()
                await self.tick()
                look += 1
            except LOST as error:
                _log.warning("clockwork: database out of reach", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every)

    async def prepare(self) -> None:
        """Give new users and workflows their schedules, and every schedule a next due time."""
        defaults = {n: w.every for n, w in self._workflows.items() if w.every is not None}
        async with self._pool.system() as db:
            await db.do("schedules.introduce", names=list(defaults), crons=list(defaults.values()))
            await db.do("schedules.follow_zones")
        while await self._plan() == BATCH:
            continue

    async def tick(self) -> list[StartedRun]:
        """Start everything that is due; return the runs."""
        started: list[StartedRun] = []
        while True:
            async with self._pool.system() as db:
                due = await db.one(
                    _Due, "schedules.claim", now=self._clock.now(), names=self._names
                )
                if due is None:
                    return started
                run = await self._start(db, due)
            if run is not None:
                started.append(run)

    async def _start(self, db: Transaction, due: _Due) -> StartedRun | None:
        """Start a due run and move its schedule on, in one transaction."""
        about = {"workflow": due.task_name, "user": due.user_id}
        scheduled = due.next_run_at or self._clock.now()
        run = None
        try:
            run = await runs.start(
                db,
                due.user_id,
                due.task_name,
                started_by="schedule",
                scheduled_time=scheduled,
                workflows=self._workflows,
            )
        except BadInput as error:
            _log.warning("clockwork: nothing was started", why=str(error), **about)
        else:
            if not run.created:
                _log.warning("clockwork: its last run is still under way", run=run.id, **about)
        await self._move_on(db, due, max(self._clock.now(), scheduled), run)
        return run

    async def _plan(self) -> int:
        """Work out due times that are not known; return how many."""
        async with self._pool.system() as db:
            unplanned = await db.all(_Due, "schedules.unplanned", names=self._names, limit=BATCH)
            for each in unplanned:
                await self._move_on(db, each, self._clock.now())
        return len(unplanned)

    async def _move_on(
        self, db: Transaction, due: _Due, after: datetime, run: StartedRun | None = None
    ) -> None:
        """Write the next due time; one that cannot be read is paused, and holds up no other."""
        which = {"user_id": due.user_id, "task_name": due.task_name}
        try:
            then = due_times.next_due(due.cron, due.time_zone, after)
        except BadInput as error:
            _log.error(
                "clockwork: a schedule cannot be read and is paused", why=str(error), **which
            )
            await db.do("schedules.pause_unreadable", now=after, **which)
            return
        await db.do("schedules.plan", next_run_at=then, run_id=run and run.id, **which)


async def overview(pool: Pool, user_id: int) -> list[Schedule]:
    """Return the user's schedules, in the order in which they are due."""
    async with pool.user(user_id) as db:
        return await db.all(Schedule, "schedules.overview")


async def pause(pool: Pool, user_id: int, workflow: str, clock: Clock | None = None) -> None:
    """Start *workflow* by the clock no more; raises BadInput when it has no schedule."""
    now = (clock or SystemClock()).now()
    async with pool.user(user_id) as db:
        await _existing(db, workflow)
        await db.do("schedules.pause", task_name=workflow, now=now)


async def resume(pool: Pool, user_id: int, workflow: str, clock: Clock | None = None) -> Schedule:
    """Start *workflow* by the clock again; what was due meanwhile is not made up for.

    Raises BadInput when it has no schedule, or one that cannot be read.
    """
    now = (clock or SystemClock()).now()
    async with pool.user(user_id) as db:
        schedule = await _existing(db, workflow)
        if schedule.paused_at is not None:
            due = due_times.next_due(schedule.cron, schedule.time_zone, now)
            await db.do("schedules.resume", task_name=workflow, next_run_at=due)
        return await _existing(db, workflow)


async def change(  # noqa: PLR0913  # whose and which schedule, and the two things to say of it
    pool: Pool,
    user_id: int,
    workflow: str,
    cron: str,
    zone: str | None = None,
    *,
    clock: Clock | None = None,
    workflows: Mapping[str, Workflow] = WORKFLOWS,
) -> Schedule:
    """Let the clock start *workflow* by *cron*, read in *zone*; None follows the user's zone.

    Raises BadInput for a workflow that the clock cannot start, a cron text that cannot be read or
    is due more often than every 15 minutes, an unknown zone.
    """
    if workflow not in workflows or not _by_clock(workflows[workflow]):
        known = ", ".join(sorted(n for n, each in workflows.items() if _by_clock(each)))
        raise BadInput(f"the clock does not start {workflow!r}; it starts {known}")
    cron = " ".join(cron.split())
    due_times.check(cron)
    async with pool.user(user_id) as db:
        place: str = zone or await db.value("schedules.zone_of_user")
        await db.do(
            "schedules.set",
            task_name=workflow,
            cron=cron,
            time_zone=place,
            zone_is_set=zone is not None,
            next_run_at=due_times.next_due(cron, place, (clock or SystemClock()).now()),
        )
        return await _existing(db, workflow)


async def _existing(db: Transaction, workflow: str) -> Schedule:
    found = await db.one(Schedule, "schedules.one", task_name=workflow)
    if found is None:
        raise BadInput(f"{workflow!r} has no schedule; `bookrunner schedule` lists those that have")
    return found


def _by_clock(workflow: Workflow) -> bool:
    """Whether the clock can start it: it needs to know nothing but that it is time."""
    return workflow.starts_with is RunRequested
