"""Put back what our corrections of a book replaced, unless the user has edited it since.

Takes   CorrectionsRevoked
Stops   when the book is gone from the library, or nothing can be taken back; the reasons say why
"""

from pipeline import corrections, rollback
from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.db import StepDatabase
from pipeline.describing import last_written
from pipeline.domain import rollback as undoing
from pipeline.events import CorrectionsRevoked
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: CorrectionsRevoked, audiobookshelf: Audiobookshelf, db: StepDatabase, run: Run
) -> Stop | None:
    """Work out the values of before, write them to the library, read them back, write it down."""
    book = await db.row("books.by_id", id=event.book_id)
    item = await audiobookshelf.item(book["abs_id"]) if book and book["abs_id"] else None
    if book is None or item is None:
        return Stop("the book is gone from the library")
    if resumed := await corrections.resume(db, audiobookshelf, book, item):
        item = resumed.item
    meant = await rollback.corrections_of(db, event)
    plan = undoing.rollback(item.metadata, last_written(book), meant)
    written = await corrections.write(
        db, audiobookshelf, book, item, plan.changes, run_id=run.run_id, undos=plan.undos
    )
    refused = [f"{each.field}: {each.reason}" for each in plan.refused]
    refused += [f"{each.field}: the library did not take it back" for each in written.refused]
    for reason in refused:
        run.log(f"{event.title}: {reason}", level="warning")
    await corrections.link(db, event.book_id, written.item.metadata)
    await db.do("series.recount", book_id=event.book_id)
    undone = {undo.change.field for undo in plan.undos} - {each.field for each in written.refused}
    if not undone:
        return Stop("nothing was taken back", {"refused": refused})
    run.log(f"{event.title}: {', '.join(sorted(undone))} put back")
    return None
