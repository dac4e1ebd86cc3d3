"""Ask a metadata source once more that could not answer for a book: its budget was spent, or worse.

Takes   AnswerOwed
Passes  BookDescribed
Waits   until the source answers again
Stops   when it adds nothing, or did not answer for days; the next run begins with such books
"""

from datetime import timedelta

from pipeline import corrections, describing
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.domain import metadata
from pipeline.domain.models import Preferences
from pipeline.events import AnswerOwed, BookDescribed
from pipeline.library import Library
from pipeline.outcomes import Stop, Wait
from pipeline.runs import Run
from pipeline.sources import Sources

# A run must have ended when its next one is due: every week, or every month for the whole library.
SIX_DAYS = timedelta(days=6)
LONGER = {"METADATA_FULL": timedelta(days=27)}


async def run(
    event: AnswerOwed,
    library: Library,
    sources: Sources,
    db: StepDatabase,
    preferences: Preferences,
    clock: Clock,
    run: Run,
) -> BookDescribed | Wait | Stop:
    """Ask the one source, under what we last knew of the book; go on as fetch_metadata does."""
    book = await db.row("books.by_item", abs_id=event.abs_id)
    if book is None or book["is_missing"]:
        return Stop("the book is gone from the library")
    known = metadata.from_json(book["metadata"])
    lacking = describing.lacking(book, known, preferences)
    query = describing.query(book, known, lacking)
    asked = await sources.ask(query, run, lacking, [event.source])
    if error := asked.later.get(event.source):
        if clock.now() - event.since > LONGER.get(run.workflow, SIX_DAYS):
            return Stop(await describing.give_up(db, run, event, error))
        return Wait(str(error), error.after)
    item = await library.audiobookshelf.item(event.abs_id)
    if item is None:
        return Stop("the book is gone from the library")
    book = await describing.row_of(db, library, item)
    if resumed := await corrections.resume(db, library.audiobookshelf, book, item):
        item = resumed.item
    _, written = await describing.apply(db, library, book, item, asked, preferences, run)
    if not written.taken:
        return Stop(f"{event.source} adds nothing")
    return BookDescribed(
        book_id=book["id"], abs_id=item.id, title=book["title"], after=event.source
    )
