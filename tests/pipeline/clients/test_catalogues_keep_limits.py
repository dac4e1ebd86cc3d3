"""What the two catalogues' clients promise holds across processes, in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.domain.sources import BookQuery
from pipeline.errors import CircuitOpen, QuotaSpent, ServiceBlocked
from pipeline.limits import Limits
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES
from pipeline.sandbox.goodreads import GoodreadsStandIn
from pipeline.sandbox.google_books import GoogleBooksStandIn
from pipeline.sandbox.serve import serve
from tests.support.judging import plain_judge

SHE = BookQuery("She", ("H. Rider Haggard",))
THURSDAY = BookQuery("The Man Who Was Thursday", ("G.K. Chesterton",))


@pytest.fixture
async def processes(pool):
    """Limits of two processes on one database."""
    both = Limits(pool), Limits(pool)
    yield both
    for limits in both:
        await limits.aclose()


async def test_the_days_quota_of_google_outlives_a_process(processes):
    google = GoogleBooksStandIn(TITLES)
    noon = datetime(2026, 11, 22, 20, tzinfo=UTC)
    async with serve(google.app) as address:
        for limits in processes:
            async with Remote("google_books", address, limits=limits) as remote:
                source = GoogleBooks(remote, api_key="sandbox-key", daily=2, now=lambda: noon)
                assert (await source.describe(SHE, plain_judge(SHE))).band == "same"
        async with Remote("google_books", address, limits=processes[1]) as remote:
            source = GoogleBooks(remote, api_key="sandbox-key", daily=2, now=lambda: noon)
            with pytest.raises(QuotaSpent):
                await source.describe(THURSDAY, plain_judge(THURSDAY))

    assert len(google.calls) == 2


async def test_a_challenge_of_goodreads_closes_the_door_for_every_process(processes):
    site = GoodreadsStandIn(TITLES, SERIES_IDS, AUTHOR_IDS)
    async with (
        serve(site.app) as address,
        Remote("goodreads", address, limits=processes[0]) as one,
        Remote("goodreads", address, limits=processes[1]) as two,
    ):
        known = await Goodreads(one, jitter=0.0).series(SERIES_IDS["Oz"])
        site.faults.challenge_after = 0
        with pytest.raises(ServiceBlocked) as blocked:
            await Goodreads(one, jitter=0.0).suggestions("She")
        with pytest.raises(CircuitOpen):
            await Goodreads(two, jitter=0.0).suggestions("She")

        assert blocked.value.after > timedelta(hours=5.9)
        assert await Goodreads(two, jitter=0.0).series(SERIES_IDS["Oz"]) == known
        assert len(site.calls) == 2
