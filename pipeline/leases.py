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

from pipeline.batches import Batches
from pipeline.db import LOST, Connection
from pipeline.sessions import CARELESS, SYSTEM, Session

_log = structlog.get_logger()
MOMENT = 0.02  # seconds that a release waits for a claim to travel with
PATIENCE = 3  # further looks at a step that another holds, before its job is put back
PING = 2.0  # seconds after which an idle connection is asked whether it still lives


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


class Leases:
    """The leases of one worker process; claims and releases made at once share a round trip."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]]) -> None:
        # A claim that a power cut undoes leaves a token in the row that is not the worker's.
        self._session = Session(connect, (*SYSTEM, CARELESS), self._take_again)
        self._claims: Batches[int, Claim | None] = Batches(self._claim)
        self._held: dict[int, int] = {}
        self._asked: set[int] = set()
        self._unwanted: list[int] = []
        self._tidying: asyncio.Task[None] | None = None
        self._letting_go: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Connect; raises what psycopg raises when the database is out of reach."""
        await self._session.open()
        self._tidying = asyncio.create_task(self._tidy(), name="leases")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give every lease free, by ending the session."""
        if self._tidying is not None:
            self._tidying.cancel()
            with suppress(asyncio.CancelledError):
                await self._tidying
        await self._claims.finish()
        self._held.clear()
        self._unwanted.clear()
        if self._letting_go is not None:
            self._letting_go.cancel()
        await self._session.close()

    async def take(self, step: int) -> Claim | None:
        """Claim *step*; None when there is nothing left to do for it.

        Raises TakenElsewhere while another worker, or another job of this one, holds it, and what
        psycopg raises when the database is out of reach.
        """
        for _ in range(PATIENCE):
            try:
                return await self._take_once(step)
            except TakenElsewhere:  # mostly somebody who has just finished and is about to let go
                await asyncio.sleep(MOMENT * 2)
        return await self._take_once(step)

    async def _take_once(self, step: int) -> Claim | None:
        if step in self._held or step in self._asked:
            raise TakenElsewhere
        self._asked.add(step)
        answer = self._claims.ask(step)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            answer.add_done_callback(self._give_back)
            raise
        finally:
            self._asked.discard(step)

    def release(self, step: int) -> None:
        """Give the lease of *step* free, with the next claim or in a moment."""
        if self._held.pop(step, None) is None:
            return
        if not self._unwanted:
            loop = asyncio.get_running_loop()
            self._letting_go = loop.call_later(MOMENT, self._claims.ask, 0)
        self._unwanted.append(step)

    def _give_back(self, answer: asyncio.Future[Claim | None]) -> None:
        """Release what was claimed for somebody who was cancelled meanwhile."""
        if not answer.cancelled() and answer.exception() is None:
            claim = answer.result()
            if claim is not None:
                self.release(claim.step)

    async def _claim(self, steps: Sequence[int]) -> Sequence[Claim | Exception | None]:
        """Claim *steps* and release what is unwanted; step 0 asks for the release only."""
        unwanted, self._unwanted = self._unwanted, []
        wanted = [step for step in steps if step]
        leases = [secrets.randbits(62) for _ in wanted]
        if not (wanted or unwanted):
            return [None] * len(steps)
        try:
            rows = await self._session.rows(
                "steps.claim", steps=wanted, leases=leases, unwanted=unwanted
            )
        except LOST as error:
            # The session ended, and with it the locks, the unwanted ones included.
            _log.warning("leases: connection lost", error=type(error).__name__)
            return [error if step else None for step in steps]
        found = iter(zip(leases, rows, strict=True))
        return [self._judge(*next(found)) if step else None for step in steps]

    def _judge(self, lease: int, row: dict[str, Any]) -> Claim | Exception | None:
        verdict, step = row.pop("verdict"), row.pop("id")
        if verdict != "claimed":
            return TakenElsewhere() if verdict == "taken" else None
        self._held[step] = lease
        return Claim(step=step, lease=lease, **row)

    async def _take_again(self, session: Session) -> None:
        """Take back what nobody else has taken since the last connection was lost."""
        if not self._held:
            return
        rows = await session.at_connect(
            "steps.claim_again", steps=list(self._held), leases=list(self._held.values())
        )
        again = sum(row["held"] for row in rows)
        # A step lost here still runs; its token decides whether it may commit.
        _log.warning("leases: taken again", steps=again, lost=len(self._held) - again)

    async def _tidy(self) -> None:
        """Notice a dead connection though nothing is asked, and connect again."""
        while True:
            await asyncio.sleep(PING)
            with suppress(*LOST):
                await self._session.rows("steps.ping")
