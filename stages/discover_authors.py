"""Read the library and name authors of whom a book is owned, those first who waited longest.

Takes   RunRequested
Passes  CollectionFound
Stops   when no author of a series is owned, or none at all
"""

from pipeline import bibliographies
from pipeline.db import StepDatabase
from pipeline.events import CollectionFound, RunRequested
from pipeline.library import Library
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: RunRequested, library: Library, db: StepDatabase, run: Run
) -> list[CollectionFound] | Stop:
    """Bring our picture of the library up to date, then list its authors."""
    del event
    reading = await library.read(db)
    run.log(f"the library holds {reading.seen} books, {reading.changed} new or changed")
    wishes = await bibliographies.policy(db, run)
    authors = await db.rows(
        "authors.owned", in_series=wishes.scope == "series", limit=wishes.authors_per_run
    )
    if not authors:
        return Stop("no author is owned whose books are looked for")
    return [CollectionFound(collection="author", id=row["id"], name=row["name"]) for row in authors]
