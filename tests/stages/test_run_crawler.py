"""The stage runs the crawler once, keeps what came of it, and lets go when it is cancelled."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from pipeline import runs
from pipeline.clock import SystemClock
from pipeline.crawler import Crawler, CrawlFailed
from pipeline.db import StepDatabase
from pipeline.events import RunRequested
from pipeline.limits import Limits
from pipeline.outcomes import Stop, Wait
from pipeline.runs import Run
from pipeline.sandbox.guides import GUIDES, GuidesStandIn
from pipeline.sandbox.serve import serve
from stages import run_crawler
from tests.support.crawling import scripted, setup
from tests.support.household import look

PASSWORD = "sandbox-guides"
HANGS = "print('hanging', flush=True)\ntime.sleep(600)\n"


@pytest.fixture
async def step(pool, user_id, database_url):
    """The first step of a run of MAM, as a worker holds it."""
    started = await runs.start(pool, user_id, "MAM")
    number = look(database_url, "UPDATE steps SET lease = 7 RETURNING id")[0][0]
    return Run(started.id, user_id, "MAM", number, 1)


@pytest.fixture
def call(pool, user_id, step):
    """Call the stage with a crawler."""

    async def called(crawler):
        limits = Limits(pool)
        try:
            return await run_crawler.run(
                RunRequested(), crawler, limits, StepDatabase(pool, user_id), SystemClock(), step
            )
        finally:
            await limits.aclose()

    return called


@asynccontextmanager
async def site(**faults):
    stand_in = GuidesStandIn()
    for name, value in faults.items():
        setattr(stand_in.faults, name, value)
    async with serve(stand_in.app) as address:
        yield address


async def test_a_crawl_is_indexed_and_its_verdict_kept(call, step, tmp_path, database_url):
    async with site() as address:
        outcome = await call(Crawler(setup(tmp_path, address)))

    assert isinstance(outcome, Stop)
    assert outcome.reason == f"completed: {len(GUIDES)} new guides"
    assert outcome.detail["indexed"] == len(GUIDES)
    titles = look(database_url, "SELECT title, category FROM guides ORDER BY url")
    assert titles == [(title, category) for title, category, *_ in GUIDES]
    crawl = look(database_url, "SELECT run_id, verdict, new_guides, length(sha256) FROM crawls")
    assert crawl == [(step.run_id, "completed", len(GUIDES), 64)]


async def test_the_output_is_in_the_runs_log_while_the_script_still_runs(
    call, pool, step, tmp_path, database_url
):
    running = asyncio.create_task(call(scripted(tmp_path, HANGS)))
    await until(lambda: ("hanging",) in look(database_url, "SELECT line FROM task_log"))
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_guide_is_known_by_its_address_not_by_its_file(call, tmp_path, database_url):
    async with site() as address:
        crawler = Crawler(setup(tmp_path, address))
        await call(crawler)
        one = next(crawler.guides.glob("Covers.md"))
        renamed = one.read_text().replace("# Covers", "# Covers, Again")
        one.rename(one.with_name("Other.md")).write_text(renamed)
        await call(crawler)

    rows = look(database_url, "SELECT title, path FROM guides WHERE title LIKE 'Covers%%'")
    assert rows == [("Covers, Again", "Other.md")]
    assert look(database_url, "SELECT count(*) FROM guides") == [(len(GUIDES),)]


async def test_a_failed_crawl_fails_the_step_and_is_kept(call, tmp_path, database_url):
    async with site(refuses=True) as address:
        with pytest.raises(CrawlFailed, match="failed: the tracker did not accept the login"):
            await call(Crawler(setup(tmp_path, address)))

    assert look(database_url, "SELECT verdict FROM crawls") == [("failed",)]


async def test_an_unproved_crawl_fails_the_step_but_its_guides_are_indexed(
    call, tmp_path, database_url
):
    writes = "Path('guides_output/one.md').write_text('# One\\n**URL:** http://x/1\\n')\n"
    with pytest.raises(CrawlFailed, match="unknown: its log does not say"):
        await call(scripted(tmp_path, writes))

    assert look(database_url, "SELECT url, title FROM guides") == [("http://x/1", "One")]


async def test_a_crawler_that_is_off_says_so_and_runs_nothing(call, tmp_path, database_url):
    outcome = await call(Crawler(setup(tmp_path / "new", "http://127.0.0.1:9", username="")))

    assert outcome == Stop("the crawler is off: its username and password are not set")
    assert not (tmp_path / "new").exists()
    assert look(database_url, "SELECT count(*) FROM crawls") == [(0,)]


async def test_a_second_crawl_waits_for_the_first_wherever_it_runs(call, pool, tmp_path):
    elsewhere = Limits(pool)
    async with elsewhere.exclusive("crawler"):
        outcome = await call(scripted(tmp_path, "print('never')\n"))
    await elsewhere.aclose()

    assert isinstance(outcome, Wait)
    assert outcome.delay >= timedelta(minutes=5)


@pytest.mark.parametrize("how", ["cancelled", "taken over"])
async def test_a_step_that_is_no_longer_ours_ends_the_script(
    how, call, pool, user_id, step, tmp_path, database_url
):
    running = asyncio.create_task(call(scripted(tmp_path, HANGS)))
    await until(lambda: ("hanging",) in look(database_url, "SELECT line FROM task_log"))
    if how == "cancelled":
        assert await runs.cancel(pool, user_id, step.run_id)
    else:
        look(database_url, "UPDATE steps SET lease = 8 RETURNING id")

    async with asyncio.timeout(5):
        assert await running == Stop("the crawl was cancelled")


async def test_no_credential_is_in_any_row(call, tmp_path, database_url):
    says = "print(os.environ['MAM_PASSWORD'], os.environ['MAM_USERNAME'], 'said')\n"
    leaks = (
        "p = os.environ['MAM_PASSWORD']\n"
        "Path('guides_output/one.md').write_text('# ' + p + '\\n**URL:** http://x/' + p + '\\n')\n"
        "sys.exit(p)\n"
    )
    with pytest.raises(CrawlFailed) as failure:
        await call(scripted(tmp_path, says + leaks, username="an-account-name"))

    everything = str(failure.value) + dump(database_url)
    assert "*** *** said" in everything
    assert PASSWORD not in everything
    assert "an-account-name" not in everything


def dump(url):
    """Every row of every table, as text."""
    names = look(url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200")
    rows = (look(url, f'SELECT t::text FROM "{name}" t') for (name,) in names)  # noqa: S608  # ours
    return "\n".join(map(str, rows))


async def until(true):
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.05)
