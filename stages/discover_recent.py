"""Read the library and name every book that came into it in the past seven days.

Takes   RunRequested
Passes  BookShelved
Stops   when none did
"""

from datetime import timedelta

from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.events import BookShelved, RunRequested
from pipeline.library import Library
from pipeline.outcomes import Stop
from pipeline.runs import Run

RECENT = timedelta(days=7)


async def run(
    event: RunRequested, library: Library, db: StepDatabase, clock: Clock, run: Run
) -> list[BookShelved] | Stop:
    """Bring our picture of the library up to date, then list what is new by its own word."""
    del event
    await library.read(db)
    books = await db.rows("books.to_describe", since=clock.now() - RECENT)
    run.log(f"{len(books)} books came into the library in the past {RECENT.days} days")
    if not books:
        return Stop("no book came into the library in the past seven days")
    return [
        BookShelved(abs_id=row["abs_id"], book_id=row["id"], title=row["title"]) for row in books
    ]
