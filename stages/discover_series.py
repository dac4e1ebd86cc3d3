"""Read the library and name every series of which at least one book is owned.

Takes   RunRequested
Passes  CollectionFound
Stops   when no owned book belongs to a series
"""

from pipeline.db import StepDatabase
from pipeline.events import CollectionFound, RunRequested
from pipeline.library import Library
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: RunRequested, library: Library, db: StepDatabase, run: Run
) -> list[CollectionFound] | Stop:
    """Bring our picture of the library up to date, then list its series."""
    del event
    reading = await library.read(db)
    run.log(f"the library holds {reading.seen} books, {reading.changed} new or changed")
    series = await db.rows("series.owned")
    if not series:
        return Stop("no owned book belongs to a series")
    return [CollectionFound(collection="series", id=row["id"], name=row["name"]) for row in series]
