"""Name every book whose corrections a rollback takes back.

Takes   RollbackRequested
Passes  CorrectionsRevoked
Stops   when nothing of it stands any more
"""

from pipeline.db import StepDatabase
from pipeline.events import CorrectionsRevoked, RollbackRequested
from pipeline.outcomes import Stop


async def run(event: RollbackRequested, db: StepDatabase) -> list[CorrectionsRevoked] | Stop:
    """List the books of the run, or the one book that is meant."""
    if event.of_run is None:
        rows = await db.rows("books.titles", books=[event.book_id])
    else:
        rows = await db.rows("corrections.books_of_run", run_id=event.of_run)
    if not rows:
        return Stop("nothing of it stands any more")
    return [
        CorrectionsRevoked(
            book_id=row["id"], title=row["title"], of_run=event.of_run, field=event.field
        )
        for row in rows
    ]
