"""Close steps and end runs, those of one worker together: one round trip, one flush to disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from psycopg.types.json import Jsonb

from pipeline.batches import Batches
from pipeline.sessions import Session

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Closing:
    """What `close_step` in the database takes."""

    step: int
    lease: int
    seen: str
    report: dict[str, Any]

    def params(self) -> dict[str, Any]:
        """Return the parameters of the query `steps.close`."""
        return {
            "step": self.step,
            "lease": self.lease,
            "seen": self.seen,
            "report": Jsonb(self.report),
        }


class Books:
    """Records the ends of steps that wrote nothing themselves, and of runs.

    A batch is one transaction. When the database refuses it, each of it is recorded alone, so that
    one bad step, or two that wait for each other, do not fail the rest.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.closings: Batches[Closing, str] = Batches(self._close)
        self.ends: Batches[int, None] = Batches(self._end)

    async def close(self) -> None:
        """Finish what was asked for, then end the session."""
        await self.closings.finish()
        await self.ends.finish()
        await self._session.close()

    async def _close(self, closings: Sequence[Closing]) -> Sequence[str | Exception]:
        if len(closings) == 1:
            return [await self._close_alone(closings[0])]
        order = sorted(range(len(closings)), key=lambda n: closings[n].step)
        fates = await self._close_in_order([closings[n] for n in order])
        return [fate for _, fate in sorted(zip(order, fates, strict=True), key=lambda x: x[0])]

    async def _close_in_order(self, closings: Sequence[Closing]) -> Sequence[str | Exception]:
        """Close in the order in which everybody locks steps, by number."""
        try:
            rows = await self._session.rows(
                "steps.close_many",
                steps=[c.step for c in closings],
                leases=[c.lease for c in closings],
                seen=[c.seen for c in closings],
                reports=[Jsonb(c.report) for c in closings],
            )
        except psycopg.Error:
            return [await self._close_alone(each) for each in closings]
        return [row["fate"] for row in rows]

    async def _close_alone(self, closing: Closing) -> str | Exception:
        try:
            rows = await self._session.rows("steps.close", **closing.params())
        except psycopg.Error as error:
            return error
        return str(rows[0]["fate"])

    async def _end(self, runs: Sequence[int]) -> Sequence[None]:
        for row in await self._session.rows("tasks.close_many", runs=sorted(set(runs))):
            if row["status"] is not None:
                said = f"{row['workflow']} {row['status']}"
                _log.info(said, run=row["id"], user=row["user_id"])
        return [None] * len(runs)
