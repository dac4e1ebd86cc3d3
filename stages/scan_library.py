"""Ask Audiobookshelf to look through the library's folders for what is new.

Takes   RunRequested
Waits   while another scan is under way
Stops   when the scan has begun; what it finds comes as events of new items
"""

from datetime import timedelta

from pipeline.events import RunRequested
from pipeline.library import Library
from pipeline.outcomes import Stop, Wait

BETWEEN = timedelta(seconds=15)
LONGEST = timedelta(hours=6)


async def run(event: RunRequested, library: Library) -> Stop | Wait:
    """Start the scan; one that is under way may have passed what is new already."""
    del event
    if await library.audiobookshelf.scan(await library.id()):
        return Stop("Audiobookshelf scans the library")
    return Wait("Audiobookshelf is at another scan", delay=BETWEEN, deadline=LONGEST)
