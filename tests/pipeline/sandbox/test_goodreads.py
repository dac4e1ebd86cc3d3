import httpx
import pytest

from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.domain.judging import judge
from pipeline.domain.models import SeriesPlace
from pipeline.domain.sources import BookQuery
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES, title_of
from pipeline.sandbox.goodreads import GoodreadsStandIn
from pipeline.sandbox.google_books import GoogleBooksStandIn
from pipeline.sandbox.serve import serve


@pytest.fixture
def stand_in():
    return GoodreadsStandIn(TITLES, SERIES_IDS, AUTHOR_IDS)


@pytest.fixture
async def ask(stand_in):
    transport = httpx.ASGITransport(stand_in.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://goodreads.test") as client:

        async def get(path, **params):
            return await client.get(path, params=params)

        yield get


async def test_suggestions_fit_all_words_the_best_known_title_first(ask):
    rows = (await ask("/book/auto_complete", q="she haggard")).json()

    assert rows[0]["title"] == "She (Ayesha, #1)"
    assert {row["bookTitleBare"] for row in rows} >= {"She", "She and Allan"}


async def test_a_series_stands_in_the_order_of_its_positions(ask):
    text = (await ask(f"/series/{SERIES_IDS['Allan Quatermain']}-allan-quatermain")).text

    assert text.index("Maiwa") < text.index("She and Allan")


async def test_what_does_not_exist_is_404(ask):
    for path in (
        "/book/show/1",
        "/series/1",
        "/author/show/1",
        "/author/list/1",
        "/work/editions/1",
    ):
        assert (await ask(path)).status_code == 404


async def test_from_some_request_on_everything_is_a_challenge(stand_in, ask):
    stand_in.faults.challenge_after = 1
    first, second = [await ask("/book/auto_complete", q="she") for _ in range(2)]

    assert (first.status_code, second.status_code) == (200, 202)
    assert second.headers["x-amzn-waf-action"] == "challenge"
    assert "gokuProps" in second.text


async def test_robots_are_told_to_leave_the_search_alone(ask):
    assert "Disallow: /search" in (await ask("/robots.txt")).text


@pytest.fixture
async def sources(stand_in):
    google = GoogleBooksStandIn(TITLES)
    async with (
        serve(stand_in.app) as one,
        serve(google.app) as two,
        Remote("goodreads", one) as readers,
        Remote("google_books", two) as books,
    ):
        yield Goodreads(readers, jitter=0.0), GoogleBooks(books, api_key=google.api_key)


def as_shelved(title):
    known = {name: getattr(title, name) for name in ("isbn", "asin") if title.owned}
    return BookQuery(
        title.shelf_title or title.title,
        title.authors,
        tuple(SeriesPlace(*place) for place in title.series),
        language="en",
        **{name: value for name, value in known.items() if name not in title.shelf_lacks},
    )


@pytest.mark.slow
async def test_each_book_that_is_owned_or_missing_is_told_by_both_sources(sources, figure):
    goodreads, google = sources
    kinds = ("novel", "novella", "omnibus", "standalone")
    titles = [title for title in TITLES if title.kind in kinds]
    wrong = []
    for title in titles:
        query = as_shelved(title)
        here = await goodreads.describe(query, judge(query))
        there = await google.describe(query, judge(query))
        if here is None or here.identifiers["goodreads_book"] != title.goodreads_id:
            wrong.append(("Goodreads", title.title))
        if (there.identifiers["google_id"] if there else None) != title.google_id:
            wrong.append(("Google Books", title.title))
    figure(f"sandbox: {len(titles)} books asked of two sources, {len(wrong)} told wrongly")

    assert wrong == []


async def test_goodreads_fills_what_google_lacks(sources):
    goodreads, google = sources
    query = as_shelved(title_of("His Last Bow"))

    there = await google.describe(query, judge(query))
    here = await goodreads.describe(query, judge(query))

    assert there.metadata.description is None
    assert here.metadata.description.startswith("Eight reminiscences")
    assert here.metadata.narrators == title_of("His Last Bow").narrators
