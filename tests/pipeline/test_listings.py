"""Which source a chart and an author come from, and what is said when one is out of reach."""

import contextlib
from datetime import UTC, datetime

import pytest

from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import Prowlarr
from pipeline.errors import BadInput, ServiceDown
from pipeline.events import CollectionFound
from pipeline.limits import LocalLimits
from pipeline.listings import Listings
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES
from pipeline.sandbox.goodreads import GoodreadsStandIn
from pipeline.sandbox.google_books import GoogleBooksStandIn
from pipeline.sandbox.mam import MamStandIn
from pipeline.sandbox.prowlarr import ProwlarrStandIn
from pipeline.sandbox.serve import serve


class Session:
    """A session that lives in memory."""

    def __init__(self, mam_id: str) -> None:
        self.mam_id = mam_id

    async def load(self) -> str:
        return self.mam_id

    async def save(self, mam_id: str) -> None:
        self.mam_id = mam_id


class Rows:
    """Answers the two queries that an author's list asks."""

    async def row(self, query, **_):
        return {"id": 1, "name": "Anthony Trollope", "external_ids": {}}

    async def rows(self, query, **_):
        return [{"title": "The Warden"}]


@pytest.fixture
async def town():
    """The four sources of lists, served, and the lists over them."""
    standins = {
        "goodreads": GoodreadsStandIn(TITLES, SERIES_IDS, AUTHOR_IDS),
        "google_books": GoogleBooksStandIn(TITLES),
        "mam": MamStandIn(),
        "prowlarr": ProwlarrStandIn(),
    }
    async with contextlib.AsyncExitStack() as stack:
        remotes = {}
        for name, standin in standins.items():
            url = await stack.enter_async_context(serve(standin.app))
            remotes[name] = await stack.enter_async_context(Remote(name, url, limits=LocalLimits()))
        session = Session(standins["mam"].mam_id)
        lists = Listings(
            Goodreads(remotes["goodreads"], jitter=0.0),
            GoogleBooks(remotes["google_books"], api_key=standins["google_books"].api_key),
            Mam(remotes["mam"], session),
            Prowlarr(remotes["prowlarr"], standins["prowlarr"].api_key),
        )
        yield standins, lists, session


def today():
    return datetime.now(UTC).date()


async def test_a_chart_is_ranked_by_the_tracker_itself(town):
    standins, lists, _ = town

    ranking = await lists.chart("Fantasy", today())

    assert (ranking.ranked_by, ranking.warning) == ("snatches", "")
    grabs = [release.grabs for release in ranking.releases]
    assert grabs == sorted(grabs, reverse=True)
    [asked] = standins["mam"].calls.log
    assert asked.body["tor"]["sortType"] == "snatchedDesc"
    assert not standins["prowlarr"].calls.log


@pytest.mark.parametrize("without", ["no session", "a session that is refused"])
async def test_without_a_session_prowlarr_ranks_by_grabs_and_the_chart_says_so(town, without):
    standins, lists, session = town
    if without == "no session":
        session.mam_id = ""
    standins["mam"].faults.refuses = True

    ranking = await lists.chart("Mystery", today())

    assert ranking.ranked_by == "grabs"
    assert ranking.warning.startswith("ranked by grabs among the newest that Prowlarr lists")
    grabs = [release.grabs for release in ranking.releases]
    assert grabs
    assert grabs == sorted(grabs, reverse=True)
    assert all(100_087 in release.categories for release in ranking.releases)


async def test_a_tracker_that_is_down_is_tried_again_not_replaced(town):
    standins, lists, _ = town
    standins["mam"].faults.down = True

    with pytest.raises(ServiceDown):
        await lists.chart("Fantasy", today())


async def test_a_genre_that_nobody_knows_is_refused(town):
    _, lists, _ = town

    with pytest.raises(BadInput, match="no genre"):
        await lists.chart("Cloud Watching", today())


async def test_an_author_is_listed_by_three_sources(town):
    _, lists, _ = town
    event = CollectionFound(collection="author", id=1, name="Anthony Trollope")

    found = await lists.author(event, Rows())

    assert found.troubles == ()
    assert found.goodreads.external_id == AUTHOR_IDS["Anthony Trollope"]
    assert {"The Way We Live Now", "The Warden"} <= {w.title for w in found.goodreads.works}
    assert found.google_books.works
    assert {"The Last Chronicle of Barset"} <= {release.title for release in found.releases}


async def test_what_only_adds_to_the_catalogue_may_be_out_of_reach(town):
    standins, lists, _ = town
    standins["google_books"].faults.spent_after = 0
    standins["mam"].faults.down = True
    event = CollectionFound(collection="author", id=1, name="Anthony Trollope")

    found = await lists.author(event, Rows())

    assert found.goodreads.works
    assert len(found.troubles) == 2
    assert "budget" in found.troubles[0]


async def test_a_catalogue_that_is_down_is_never_an_empty_list(town):
    standins, lists, _ = town
    standins["goodreads"].faults.down = 9
    event = CollectionFound(collection="author", id=1, name="Anthony Trollope")

    with pytest.raises(ServiceDown):
        await lists.author(event, Rows())
