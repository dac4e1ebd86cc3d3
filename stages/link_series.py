"""Give a book its place in its series, spelled as the series is spelled everywhere.

Takes   BookDescribed
Stops   when the book is gone from the library
"""

from pipeline import corrections
from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.db import StepDatabase
from pipeline.domain import linking
from pipeline.events import BookDescribed
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: BookDescribed, audiobookshelf: Audiobookshelf, db: StepDatabase, run: Run
) -> Stop | None:
    """Work out the book's series list, write it where it differs, count the series anew."""
    item = await audiobookshelf.item(event.abs_id)
    book = await db.row("books.by_id", id=event.book_id)
    if item is None or book is None:
        return Stop("the book is gone from the library")
    if resumed := await corrections.resume(db, audiobookshelf, book, item):
        item = resumed.item
    known = await db.rows("series.of_book", book_id=event.book_id)
    changes = linking.changes(
        item.metadata.series,
        [linking.Known(row["name"], row["sequence"], row["origin"]) for row in known],
        locked=book["metadata_source"].get("series") == "Manual",
    )
    written = await corrections.write(db, audiobookshelf, book, item, changes, run_id=run.run_id)
    for change in written.refused:
        run.log(f"{event.title}: the library did not take {change.field}", level="warning")
    await corrections.link(db, event.book_id, written.item.metadata)
    await db.do("series.recount", book_id=event.book_id)
    return None
