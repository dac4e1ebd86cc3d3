"""Pace, budgets and circuit breakers of every remote service, shared by all workers.

The state lies in PostgreSQL, one row per service (or service and account), and every question is
one short statement: nothing is locked while somebody waits. A wait of more than a few seconds is
refused with NotNow, which parks the step instead of holding a worker. `LocalLimits` keeps the same
promises inside one process, for commands and tests that have no database.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from pipeline.cache import Cache, LocalCache
from pipeline.db import Pool
from pipeline.errors import CircuitOpen, NotNow, QuotaSpent
from pipeline.exclusive import Doors, Exclusive

PATIENCE = timedelta(seconds=3)
FAILURES = 5  # in a row, until a circuit opens
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)  # how long it then stays open
LONGEST_BLOCK = timedelta(days=7)
PROBING = timedelta(seconds=60)  # within which a probe has to tell how it went
_BELIEVED = 1.0  # seconds
_LATEST_RETURN = 600.0  # seconds over which those sent away by a pace are spread
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Slot:
    """What a pace answered; seconds until the slot, and until one sent away may come back."""

    taken: bool
    wait: float
    back: float


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a service fares: failures in a row, `wait` seconds during which it is left alone.

    `opened` with no wait left means half open: one request may probe it. `stale` means that a
    success is worth writing down.
    """

    failures: int = 0
    opened: bool = False
    wait: float = 0.0
    last_error: str = ""
    stale: bool = True


class Limits:
    """The limits that all processes on one PostgreSQL keep together.

    A name is a service, or `service:account`; it is shown to users, so the account in it must be
    no secret.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._exclusive = Exclusive(pool)
        self._well: dict[str, float] = {}  # name -> until when that is believed
        self.cache = Cache(pool)

    async def aclose(self) -> None:
        """Close the connections that were kept for locks."""
        await self._exclusive.aclose()

    async def slot(
        self, name: str, *, every: timedelta, burst: int = 1, patience: timedelta = PATIENCE
    ) -> None:
        """Return when one request may go: one per *every*, *burst* at once after a rest (GCRA).

        Raises NotNow, with nothing taken, when that is further away than *patience*.
        """
        slot = await self._take(name, every, burst, patience)
        if not slot.taken:
            later = slot.wait + max(0.0, slot.back - slot.wait) % _LATEST_RETURN
            raise NotNow(f"{name}: as fast as it allows already", after=timedelta(seconds=later))
        if slot.wait > 0:
            await asyncio.sleep(slot.wait)

    async def circuit(self, name: str) -> Circuit:
        """Return how *name* fares; raises CircuitOpen while it is left alone."""
        circuit = await self._circuit(name)
        if circuit.wait > 0:
            raise _left_alone(name, circuit)
        return circuit

    async def probe(self, name: str) -> None:
        """Be the one who tries a half-open circuit; raises CircuitOpen for everybody else."""
        if not await self._probe(name):
            raise _left_alone(name, await self._circuit(name))

    async def failed(self, name: str, error: str) -> None:
        """Count a failure; the fifth in a row opens the circuit, for 30 s doubling to 15 min."""
        self._well.pop(name, None)
        _log.warning("a service failed", service=name, why=error)
        await self._do("limits.fail", name=name, error=error, **_OPENING)

    async def succeeded(self, name: str) -> None:
        """Close the circuit; a success that began before a block does not lift it."""
        await self._do("limits.succeed", name=name)

    async def trip(
        self, name: str, for_: timedelta, error: str = "", *, longest: timedelta = LONGEST_BLOCK
    ) -> timedelta:
        """Open the circuit because the service blocks us; return for how long.

        Twice as long as before when the last block ended less than a day ago, *longest* at most.
        """
        self._well.pop(name, None)
        lasting = min(for_, longest)
        await self._do("limits.trip", name=name, lasting=lasting, longest=longest, error=error)
        wait = timedelta(seconds=(await self._circuit(name)).wait)
        _log.warning("a service blocks us", service=name, why=error, left_alone_for=str(wait))
        return wait

    async def hold(self, name: str, for_: timedelta, error: str = "") -> None:
        """Leave the service alone for as long as it asked; that is not a failure."""
        self._well.pop(name, None)
        await self._do("limits.hold", name=name, lasting=for_, error=error)

    async def circuits(self) -> list[dict[str, Any]]:
        """Return every circuit, for health: name, failures, opened_at, open_until, last_…."""
        async with self._pool.system() as system:
            return await system.rows("limits.circuits")

    async def spend(
        self, name: str, day: date, limit: int, until: datetime, *, cost: int = 1
    ) -> int:
        """Count *cost* requests on *day*; return how many that makes.

        Raises QuotaSpent until *until* (aware), with nothing counted, when *limit* would be
        passed, or when the service itself said that the day is spent.
        """
        used = await self._spend(name, day, limit, cost) if cost <= limit else None
        if used is None:
            raise _spent(name, limit, until)
        return used

    async def declare_spent(self, name: str, day: date, until: datetime) -> QuotaSpent:
        """Remember that the service itself said so; return the error to raise."""
        await self._do("limits.declare_spent", name=name, day=day, until=until)
        _log.warning("the day's budget is spent", service=name, until=f"{until:%Y-%m-%d %H:%M %Z}")
        return _spent(name, None, until)

    async def used(self, name: str, day: date) -> int:
        """Return how much of the budget of *day* is used."""
        async with self._pool.system() as system:
            return await system.value("limits.used", name=name, day=day) or 0

    @asynccontextmanager
    async def exclusive(
        self, name: str, *, patience: timedelta = timedelta(seconds=30)
    ) -> AsyncIterator[None]:
        """Be the only one under *name* in all processes.

        Raises NotNow when somebody else is at it for longer than *patience*, and Transient when
        the lock was lost, at the end of the block at the latest: what the block does must be safe
        to repeat.
        """
        async with self._exclusive.hold(name, patience):
            yield

    async def _take(self, name: str, every: timedelta, burst: int, patience: timedelta) -> Slot:
        asked: dict[str, Any] = {"name": name, "every": every, "burst": burst}
        async with self._pool.system() as system:
            slot = await system.one(Slot, "limits.take", patience=patience, **asked)
            while slot is None:
                await system.do("limits.introduce", **asked)
                slot = await system.one(Slot, "limits.take", patience=patience, **asked)
            return slot

    async def _circuit(self, name: str) -> Circuit:
        """Read a circuit; what was well is believed to be so for a second more.

        A circuit that another process opens is noticed that much later, and a service that is
        asked often costs no statement each time.
        """
        if self._well.get(name, 0.0) > time.monotonic():
            return _WELL
        async with self._pool.system() as system:
            circuit = await system.one(Circuit, "limits.circuit", name=name) or Circuit()
        if not (circuit.failures or circuit.opened or circuit.stale):
            self._well[name] = time.monotonic() + _BELIEVED
        return circuit

    async def _probe(self, name: str) -> bool:
        async with self._pool.system() as system:
            return await system.value("limits.probe", name=name, lasting=PROBING) is not None

    async def _spend(self, name: str, day: date, limit: int, cost: int) -> int | None:
        async with self._pool.system() as system:
            used = await system.value("limits.spend", name=name, day=day, limit=limit, cost=cost)
        return None if used is None else int(used)

    async def _do(self, query: str, **params: Any) -> None:
        async with self._pool.system() as system:
            await system.do(query, **params)


_WELL = Circuit(stale=False)
_OPENING: dict[str, Any] = {"threshold": FAILURES, "shortest": SHORTEST, "longest": LONGEST}


def _left_alone(name: str, circuit: Circuit) -> CircuitOpen:
    """Say when to come back; spread, so that a thousand parked steps do not return at once."""
    wait = max(1.0, circuit.wait)
    after = timedelta(seconds=wait + random.uniform(0, min(60.0, wait / 4)))  # noqa: S311  # spread
    because = circuit.last_error or "it failed too often"
    return CircuitOpen(f"{name}: left alone for {wait:.0f} s because: {because}", after=after)


def _spent(name: str, limit: int | None, until: datetime) -> QuotaSpent:
    after = max(timedelta(seconds=1), until - datetime.now(until.tzinfo))
    budget = "the day's budget" if limit is None else f"the day's budget of {limit} requests"
    return QuotaSpent(f"{name}: {budget} is spent until {until:%Y-%m-%d %H:%M %Z}", after=after)


@dataclass(slots=True)
class _State:
    """One name of `LocalLimits`; moments are seconds of the monotonic clock."""

    next_at: float = 0.0
    return_at: float = 0.0
    failures: int = 0
    open_until: float | None = None
    probing: bool = False
    trips: int = 0
    tripped_until: float = 0.0
    last_error: str = ""
    days: dict[date, int] = field(default_factory=dict)
    spent: dict[date, datetime] = field(default_factory=dict)


class LocalLimits(Limits):
    """The same limits inside one process, for commands and tests without a database."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        self._doors = Doors()
        self.cache = LocalCache()

    async def aclose(self) -> None:
        """Nothing is open."""

    async def failed(self, name: str, error: str) -> None:
        """Count a failure, as `Limits` does."""
        state, now = self._state(name), time.monotonic()
        if state.open_until is not None and state.open_until > now and not state.probing:
            return
        state.failures += 1
        if state.probing or state.failures >= FAILURES:
            double = 2 ** min(10, max(0, state.failures - FAILURES))
            state.open_until = now + min(LONGEST, SHORTEST * double).total_seconds()
        state.probing, state.last_error = False, error

    async def succeeded(self, name: str) -> None:
        """Close the circuit, as `Limits` does."""
        state = self._state(name)
        if state.open_until is None or state.open_until <= time.monotonic() or state.probing:
            state.failures, state.open_until, state.probing = 0, None, False

    async def trip(
        self, name: str, for_: timedelta, error: str = "", *, longest: timedelta = LONGEST_BLOCK
    ) -> timedelta:
        """Open the circuit, as `Limits` does."""
        state, now = self._state(name), time.monotonic()
        if state.tripped_until <= now:
            again = state.trips > 0 and state.tripped_until > now - 86400
            state.trips = state.trips + 1 if again else 1
            lasting = min(longest, for_ * 2 ** min(10, state.trips - 1))
            state.open_until = state.tripped_until = now + lasting.total_seconds()
            state.probing, state.last_error = False, error
        return timedelta(seconds=(await self._circuit(name)).wait)

    async def hold(self, name: str, for_: timedelta, error: str = "") -> None:
        """Leave the service alone, as `Limits` does."""
        state = self._state(name)
        until = time.monotonic() + for_.total_seconds()
        standing = None if state.probing else state.open_until
        state.open_until = max(until, standing or 0.0)
        state.probing, state.last_error = False, error

    async def circuits(self) -> list[dict[str, Any]]:
        """Return name, failures and last_error of every name."""
        return [
            {"name": name, "failures": state.failures, "last_error": state.last_error}
            for name, state in sorted(self._states.items())
        ]

    async def declare_spent(self, name: str, day: date, until: datetime) -> QuotaSpent:
        """Remember that the service itself said so; return the error to raise."""
        self._state(name).spent[day] = until
        return _spent(name, None, until)

    async def used(self, name: str, day: date) -> int:
        """Return how much of the budget of *day* is used."""
        return self._state(name).days.get(day, 0)

    @asynccontextmanager
    async def exclusive(
        self, name: str, *, patience: timedelta = timedelta(seconds=30)
    ) -> AsyncIterator[None]:
        """Be the only one under *name* in this process."""
        async with self._doors.pass_through(name, patience):
            yield

    def _state(self, name: str) -> _State:
        return self._states.setdefault(name, _State())

    async def _take(self, name: str, every: timedelta, burst: int, patience: timedelta) -> Slot:
        state, now, step = self._state(name), time.monotonic(), every.total_seconds()
        wait = max(0.0, state.next_at - step * (burst - 1) - now)
        idle = state.next_at < now - 5 * step
        back = max(now if idle else state.return_at, now + wait)
        taken = wait <= patience.total_seconds()
        if taken:
            state.next_at = max(state.next_at, now) + step
        state.return_at = back if taken else back + step
        return Slot(taken, wait, back - now)

    async def _circuit(self, name: str) -> Circuit:
        state = self._state(name)
        wait = max(0.0, (state.open_until or 0.0) - time.monotonic())
        opened = state.open_until is not None
        return Circuit(state.failures, opened, wait, state.last_error, stale=False)

    async def _probe(self, name: str) -> bool:
        state, now = self._state(name), time.monotonic()
        if state.open_until is None or state.open_until > now:
            return False
        state.probing, state.open_until = True, now + PROBING.total_seconds()
        return True

    async def _spend(self, name: str, day: date, limit: int, cost: int) -> int | None:
        state = self._state(name)
        used = state.days.get(day, 0) + cost
        spent_until = state.spent.get(day)
        if used > limit or (spent_until and spent_until > datetime.now(spent_until.tzinfo)):
            return None
        state.days[day] = used
        return used
