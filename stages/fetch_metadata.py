"""Fill what a book's metadata lacks: Google Books first, Goodreads for what is still missing.

Takes   BookShelved
Passes  BookDescribed
Stops   when the book is gone from the library
"""

from pipeline import corrections, describing
from pipeline.db import StepDatabase
from pipeline.domain import provenance
from pipeline.domain.models import Preferences
from pipeline.events import BookDescribed, BookShelved
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
    run: Run,
) -> BookDescribed | Stop:
    """Read the item, ask the sources, merge, write to the library, write it down."""
    audiobookshelf = library.audiobookshelf
    item = await audiobookshelf.item(event.abs_id)
    if item is None or item.is_missing:
        return Stop("the book is gone from the library")
    book = await describing.row_of(db, library, item)
    if resumed := await corrections.resume(db, audiobookshelf, book, item):
        item = resumed.item
    asked = await sources.ask(
        describing.query(book, item), run, describing.lacking(book, item, preferences)
    )
    merged = provenance.merge(
        item.metadata,
        book["metadata_source"],
        describing.last_written(book),
        asked.answers,
        preferences.overwrite,
    )
    written = await corrections.write(
        db,
        audiobookshelf,
        book,
        item,
        merged.changes,
        run_id=run.run_id,
        known=merged.provenance,
        identifiers={k: v for a in asked.answers.values() for k, v in a.identifiers.items()},
    )
    await describing.record(db, run, book, asked, merged, written)
    return BookDescribed(book_id=book["id"], abs_id=item.id, title=book["title"])
