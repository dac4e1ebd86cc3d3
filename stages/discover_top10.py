"""Name the chart of this week for every genre that the user follows.

Takes   RunRequested
Passes  CollectionFound
Stops   when the user follows no genre
"""

from pipeline import charts
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.events import CollectionFound, RunRequested
from pipeline.outcomes import Stop
from pipeline.runs import Run
from pipeline.settings import Settings


async def run(
    event: RunRequested, settings: Settings, db: StepDatabase, clock: Clock, run: Run
) -> list[CollectionFound] | Stop:
    """Read which genres the user follows; give each a chart for this week."""
    del event
    followed = charts.followed(await db.row("charts.wishes"))
    for trouble in followed.troubles:
        run.log(trouble, level="warning")
    week = charts.monday(clock.now().astimezone(settings.zone).date())
    found = []
    for wish in followed.wishes:
        chart = await db.value("charts.put", genre=wish.genre, week=week)
        name = f"{wish.genre}, week of {week}"
        found.append(CollectionFound(collection="chart", id=chart, name=name))
    return found or Stop("no genre is followed")
