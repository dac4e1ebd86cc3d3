"""Search for all releases of a wanted book and judge them, without taking any.

Takes   BookMissing
Stops   with how many were found and fit, or when the book is not wanted any more
"""

from pipeline import choosing, decisions
from pipeline.db import StepDatabase
from pipeline.domain.models import Preferences
from pipeline.events import BookMissing
from pipeline.outcomes import Stop
from pipeline.runs import Run
from pipeline.search import ReleaseSearch


async def run(
    event: BookMissing, search: ReleaseSearch, db: StepDatabase, preferences: Preferences, run: Run
) -> Stop:
    """Ask under every identity, judge, and keep what was found for a person to choose from."""
    wanted = await db.row("missing.still_wanted", book_id=event.book_id)
    row = await db.row("books.by_id", id=event.book_id)
    if row is None or wanted is None or not wanted["wanted"]:
        return Stop("the library holds it by now, or the book is gone from our list")
    choice = await choosing.survey(row, search, db, preferences)
    await decisions.keep(db, run, event.book_id, choice)
    return Stop(f"{choice.summary}; none was taken", {"trouble": list(choice.trouble)})
