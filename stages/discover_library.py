"""Read the library and name every book of it, the longest undescribed first.

Takes   RunRequested
Passes  BookShelved
Stops   when the library is empty
"""

from pipeline.db import StepDatabase
from pipeline.events import BookShelved, RunRequested
from pipeline.library import Library
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: RunRequested, library: Library, db: StepDatabase, run: Run
) -> list[BookShelved] | Stop:
    """Bring our picture of the library up to date, then list its books."""
    del event
    reading = await library.read(db)
    run.log(f"the library holds {reading.seen} books, {reading.changed} new or changed")
    books = await db.rows("books.to_describe", since=None)
    if not books:
        return Stop("the library is empty")
    return [
        BookShelved(abs_id=row["abs_id"], book_id=row["id"], title=row["title"]) for row in books
    ]
