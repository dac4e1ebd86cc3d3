"""Run the user's crawler script, unchanged, and say by its traces what came of it.

Takes   RunRequested
Waits   while another crawl is under way
Stops   when the crawler is off, and at the end, with the verdict
"""

from datetime import timedelta

from pipeline import crawls
from pipeline.clock import Clock
from pipeline.crawler import Crawler, CrawlFailed
from pipeline.db import StepDatabase
from pipeline.errors import NotNow
from pipeline.events import RunRequested
from pipeline.limits import Limits
from pipeline.outcomes import Stop, Wait
from pipeline.runs import Run

AT_THE_DOOR = timedelta(milliseconds=200)
COME_BACK = timedelta(minutes=5)


async def run(
    event: RunRequested, crawler: Crawler, limits: Limits, db: StepDatabase, clock: Clock, run: Run
) -> Stop | Wait:
    """Wait for the others to end, run it, index its guides, write down the verdict."""
    del event
    if reason := crawler.obstacle():
        return Stop(reason)
    journal = crawls.Journal(db, run)
    await journal.open()
    started = clock.now()
    try:
        # One in all processes: a second visitor with the same account would draw attention.
        async with limits.exclusive("crawler", patience=AT_THE_DOOR):
            crawl = await crawler.crawl(journal)
    except NotNow as busy:
        return Wait(f"another crawl is under way: {busy}", delay=max(busy.after, COME_BACK))
    await journal.turn()
    indexed = await crawls.index(db, crawler)
    await crawls.record(db, run, crawler, crawl, started, clock.now())
    verdict = crawl.verdict
    run.log(f"script {crawl.sha256[:12]}…: {verdict.word}: {verdict.reason}")
    if not crawl.wanted:
        return Stop("the crawl was cancelled")
    if not verdict.good:
        raise CrawlFailed(f"crawler: {verdict.word}: {verdict.reason}")
    return Stop(
        f"{verdict.word}: {verdict.reason}",
        detail={"verdict": verdict.word, "new": verdict.new, "failed": verdict.failed}
        | {"indexed": indexed, "sha256": crawl.sha256},
    )
