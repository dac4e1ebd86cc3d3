"""Leases on steps: who works on one holds it, and nobody else does.

A lease is two things. A session advisory lock, held on one connection of the worker, keeps a twin
from acting while its holder lives, even paused; PostgreSQL frees it when the holder's connection
ends. A random token in the step's row fences: only who holds the row's token may close the step, so
a worker that lost its lease without noticing (suspended, cut off) records nothing.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import structlog
from psycopg.rows import dict_row

from pipeline.db import LOST, Connection
from pipeline.queries import QUERIES

_log = structlog.get_logger()
PING = 2.0  # seconds after which an idle connection is asked whether it still lives
_SESSION = (
    "SET ROLE bookrunner_system",
    # A claim that a power cut undoes leaves a token in the row that is not the worker's: fenced.
    "SET synchronous_commit = off",
    # One statement serves many steps, so none may hold it up.
    "SET lock_timeout = '2s'",
    # A peer whose machine is gone is noticed within half a minute, and its leases become free.
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)


class TakenElsewhere(Exception):  # noqa: N818  # not an error: somebody else is at the step
    """Another worker holds the step's lease; come back later."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A step that is ours, as it was when we took it."""

    step: int
    lease: int
    user_id: int
    run_id: int
    workflow: str
    stage: str
    kind: str
    key: str
    event: dict[str, Any]
    attempts: int
    seen: str  # the snapshot that tells which wakes came later


@dataclass(slots=True)
class _Request:
    step: int
    answer: asyncio.Future[Claim | None]
    lease: int = 0


class Leases:
    """The leases of one worker process; claims and releases made at once share a round trip."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._wanted: list[_Request] = []
        self._unwanted: list[int] = []
        self._work = asyncio.Event()
        self._held: dict[int, int] = {}
        self._asked: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect; raises what psycopg raises when the database is out of reach."""
        await self._reconnect()
        self._task = asyncio.create_task(self._serve(), name="leases")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give every lease free, by ending the session."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._fail(ConnectionError("leases: the worker is stopping"))
        await self._disconnect()

    async def take(self, step: int) -> Claim | None:
        """Claim *step*; None when there is nothing left to do for it.

        Raises TakenElsewhere while another worker holds it, and what psycopg raises when the
        database is out of reach.
        """
        if step in self._held or step in self._asked:
            raise TakenElsewhere
        request = _Request(step, asyncio.get_running_loop().create_future())
        self._asked.add(step)
        self._wanted.append(request)
        self._work.set()
        try:
            return await request.answer
        finally:
            self._asked.discard(step)

    def release(self, step: int) -> None:
        """Give the lease of *step* free, soon."""
        if self._held.pop(step, None) is not None:
            self._unwanted.append(step)
            self._work.set()

    async def _serve(self) -> None:
        """Do what was asked for since the last round trip, in one."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._work.wait(), PING)
            self._work.clear()
            wanted, self._wanted = self._wanted, []
            unwanted, self._unwanted = self._unwanted, []
            try:
                if self._connection is None:
                    await self._reconnect()
                if unwanted:
                    await self._rows("steps.release", steps=unwanted)
                if wanted:
                    await self._claim(wanted)
                if not (wanted or unwanted):
                    await self._rows("steps.ping")
            except LOST as error:
                await self._disconnect()
                for request in wanted:
                    _answer(request, error)
                _log.warning("leases: connection lost", error=type(error).__name__)
                await asyncio.sleep(0.2)
                self._work.set()

    async def _claim(self, wanted: Sequence[_Request]) -> None:
        for request in wanted:
            request.lease = secrets.randbits(62)
        rows = await self._rows(
            "steps.claim", steps=[r.step for r in wanted], leases=[r.lease for r in wanted]
        )
        for request, row in zip(wanted, rows, strict=True):
            verdict, step = row.pop("verdict"), row.pop("id")
            if verdict == "claimed":
                self._held[step] = request.lease
                claim = Claim(step=step, lease=request.lease, **row)
                if not _answer(request, claim):  # whoever asked was cancelled meanwhile
                    self.release(step)
            else:
                _answer(request, TakenElsewhere() if verdict == "taken" else None)

    async def _reconnect(self) -> None:
        """Connect, and take back what nobody else has taken since the connection was lost."""
        connection = await self._connect()
        connection.prepare_threshold = 1
        for setting in _SESSION:
            await connection.execute(setting)
        self._connection = connection
        if self._held:
            held = dict(self._held)
            rows = await self._rows(
                "steps.claim_again", steps=list(held), leases=list(held.values())
            )
            again = {row["id"] for row in rows if row["held"]}
            # A step lost here still runs; the fence decides whether it may commit.
            _log.warning("leases: taken again", steps=len(again), lost=len(held) - len(again))

    async def _disconnect(self) -> None:
        """End the session, and with it every lock, those that nobody wants any more included."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        assert self._connection is not None  # noqa: S101  # _serve connects before it asks
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(QUERIES[query].text, params)
            return await cursor.fetchall()

    def _fail(self, error: Exception) -> None:
        for request in self._wanted:
            _answer(request, error)
        self._wanted = []


def _answer(request: _Request, answer: Claim | Exception | None) -> bool:
    """Answer a request; False when nobody waits for the answer any more."""
    if request.answer.done():
        return False
    if isinstance(answer, Exception):
        request.answer.set_exception(answer)
    else:
        request.answer.set_result(answer)
    return True
