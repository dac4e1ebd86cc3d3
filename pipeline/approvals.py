"""Take the user's yes or no to what the program would not do without asking."""

from collections.abc import Sequence
from typing import Any

from pipeline import runs
from pipeline.db import Pool, Transaction
from pipeline.domain.metadata import FIELDS
from pipeline.errors import BadInput
from pipeline.events import ApprovalGiven
from pipeline.runs import StartedRun

OPEN, APPROVED, REJECTED = "open", "approved", "rejected"


async def decide(
    pool: Pool,
    user_id: int,
    approval_id: int,
    *,
    approve: bool,
    fields: Sequence[str] | None = None,
) -> StartedRun | None:
    """Answer an open question; a yes starts an APPROVED run, a no returns None.

    *fields* picks from a proposal of metadata; without it all of it is applied. Answer and run are
    committed together, so that a yes is never lost. Raises BadInput for a question that is not
    open, and for fields that it does not ask about.
    """
    async with pool.user(user_id) as db:
        status = APPROVED if approve else REJECTED
        asked = await db.row("approvals.decide", id=approval_id, status=status)
        if asked is None:
            raise BadInput(f"there is no open question {approval_id}")
        _check(asked, fields)
        if not approve:
            await _decline(db, asked)
            return None
        return await runs.start(
            db,
            user_id,
            "APPROVED",
            event=ApprovalGiven(
                approval_id=approval_id, fields=None if fields is None else tuple(fields)
            ),
            subject=str(approval_id),
        )


async def listed(
    pool: Pool, user_id: int, *, status: str | None = OPEN, limit: int = 50, offset: int = 0
) -> list[dict[str, Any]]:
    """Return questions, newest first; `total` on each row counts all of that status."""
    async with pool.user(user_id) as db:
        return await db.rows("approvals.listed", status=status, limit=limit, offset=offset)


def books_of(proposal: dict[str, Any]) -> list[int]:
    """Return the books that a proposal of downloads would fetch."""
    return [int(book["book_id"]) for book in proposal.get("books", ())]


def _check(asked: dict[str, Any], fields: Sequence[str] | None) -> None:
    if fields is None:
        return
    known = {change["field"] for change in asked["proposal"].get("changes", ())}
    if unknown := sorted(set(fields) - known):
        there = ", ".join(f for f in FIELDS if f in known) or "none: it is about downloads"
        raise BadInput(f"question {asked['id']} is not about {', '.join(unknown)}; it has {there}")
    if not fields:
        raise BadInput("a yes to no field at all is a no: reject the question instead")


async def _decline(db: Transaction, asked: dict[str, Any]) -> None:
    """Remember a no for good, where asking again would be pestering."""
    if books := books_of(asked["proposal"]):
        await db.do("approvals.ignore_gaps", books=books)
        await db.do(
            "approvals.answer_charts",
            books=books,
            decision="refused",
            reason="declined by the user",
        )
