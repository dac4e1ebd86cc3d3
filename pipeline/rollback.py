"""Take corrections back: of one field of a book, of a book, or of a whole run.

A rollback is a run of its own: it survives crashes and restarts, its log says what was refused and
why, and its own corrections can be taken back in turn.
"""

from pipeline import runs
from pipeline.db import Pool, StepDatabase, Transaction
from pipeline.domain import metadata
from pipeline.domain.metadata import FIELDS
from pipeline.domain.rollback import Correction
from pipeline.errors import BadInput
from pipeline.events import CorrectionsRevoked, RollbackRequested
from pipeline.runs import StartedRun

WORKFLOW = "ROLLBACK"
ENDED = frozenset({"completed", "failed", "cancelled"})


async def run(pool: Pool, user_id: int, run_id: int) -> StartedRun:
    """Take back every correction of a run; raises BadInput while it is under way, or has none."""
    async with pool.user(user_id) as db:
        found = await db.row("tasks.overview", id=run_id)
        if found is None:
            raise BadInput(f"there is no run {run_id}")
        if found["status"] not in ENDED:
            raise BadInput(f"run {run_id} is under way: cancel it first, or wait for its end")
        if not await db.rows("corrections.books_of_run", run_id=run_id):
            raise BadInput(f"run {run_id} corrected nothing that still stands")
        return await _start(db, user_id, RollbackRequested(of_run=run_id), f"run:{run_id}")


async def book(pool: Pool, user_id: int, book_id: int) -> StartedRun:
    """Take back every correction of a book; raises BadInput when there is none."""
    async with pool.user(user_id) as db:
        await _check(db, book_id, None)
        return await _start(db, user_id, RollbackRequested(book_id=book_id), f"book:{book_id}")


async def field(pool: Pool, user_id: int, book_id: int, name: str) -> StartedRun:
    """Take back the last correction of a field; raises BadInput when there is none."""
    if name not in FIELDS:
        raise BadInput(f"{name!r} is no field of a book; there are {', '.join(FIELDS)}")
    async with pool.user(user_id) as db:
        await _check(db, book_id, name)
        event = RollbackRequested(book_id=book_id, field=name)
        return await _start(db, user_id, event, f"book:{book_id}:{name}")


async def corrections_of(db: StepDatabase, event: CorrectionsRevoked) -> list[Correction]:
    """Return the corrections that *event* means; of a field only the last that stands."""
    rows = await db.rows(
        "corrections.of_book", book_id=event.book_id, run_id=event.of_run, field=event.field
    )
    found = [
        Correction(
            row["id"],
            row["field"],
            metadata.value_from_json(row["field"], row["old_value"]),
            metadata.value_from_json(row["field"], row["new_value"]),
            row["source"],
            row["undone"],
        )
        for row in rows
    ]
    standing = [each for each in found if not each.undone]
    return standing[:1] if event.field else standing


async def _check(db: Transaction, book_id: int, name: str | None) -> None:
    found = await db.row("books.by_id", id=book_id)
    if found is None:
        raise BadInput(f"there is no book {book_id}")
    rows = await db.rows("corrections.of_book", book_id=book_id, run_id=None, field=name)
    if all(row["undone"] for row in rows):
        what = f"the {name.replace('_', ' ')} of" if name else ""
        raise BadInput(f"nothing that we corrected in {what} {found['title']!r} still stands")


async def _start(
    db: Transaction, user_id: int, event: RollbackRequested, subject: str
) -> StartedRun:
    return await runs.start(db, user_id, WORKFLOW, event=event, subject=subject)
