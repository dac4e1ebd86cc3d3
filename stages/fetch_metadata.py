"""Fill what a book's metadata lacks: Google Books first, Goodreads for what is still missing.

Takes   BookShelved
Passes  BookDescribed, AnswerOwed
Stops   when the book is gone from the library
"""

from pipeline import corrections, describing
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.domain.models import Preferences
from pipeline.events import AnswerOwed, BookDescribed, BookShelved
from pipeline.library import Library
from pipeline.outcomes import Stop
from pipeline.runs import Run
from pipeline.sources import Sources


async def run(
    event: BookShelved,
    library: Library,
    sources: Sources,
    db: StepDatabase,
    preferences: Preferences,
    clock: Clock,
    run: Run,
) -> list[BookDescribed | AnswerOwed] | Stop:
    """Read the item, ask the sources, merge, write to the library, write it down.

    A source that cannot answer for a while holds nobody up: what it owes is asked for later.
    """
    audiobookshelf = library.audiobookshelf
    item = await audiobookshelf.item(event.abs_id)
    if item is None or item.is_missing:
        return Stop("the book is gone from the library")
    book = await describing.row_of(db, library, item)
    if resumed := await corrections.resume(db, audiobookshelf, book, item):
        item = resumed.item
    lacking = describing.lacking(book, item.metadata, preferences)
    asked = await sources.ask(describing.query(book, item.metadata, lacking), run, lacking)
    merged, _ = await describing.apply(db, library, book, item, asked, preferences, run)
    described = BookDescribed(book_id=book["id"], abs_id=item.id, title=book["title"])
    return [described, *describing.owed(book, asked, merged, preferences, clock.now())]
