from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.google_books.client import ladder
from pipeline.domain.sources import BookQuery
from pipeline.errors import (
    CircuitOpen,
    NotConfigured,
    QuotaSpent,
    RateLimited,
    ServiceDown,
    ServiceRefused,
)
from pipeline.limits import LocalLimits
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import TITLES, title_of
from pipeline.sandbox.google_books import GoogleBooksStandIn
from pipeline.sandbox.serve import serve
from tests.support.judging import plain_judge

# Some hours before midnight in California, and never past it: what is spent ends by the real clock.
NOON = datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0)


@pytest.fixture
async def google():
    stand_in = GoogleBooksStandIn(TITLES)
    stand_in.remotes = []
    async with serve(stand_in.app) as address:
        stand_in.address = address
        yield stand_in
        for remote in stand_in.remotes:
            await remote.aclose()


def client(google, *, limits=None, key="sandbox-key", daily=100, now=NOON, country="US"):
    remote = Remote("google_books", google.address, limits=limits)
    google.remotes.append(remote)
    return GoogleBooks(remote, api_key=key, daily=daily, country=country, now=lambda: now)


def query_of(name, **known):
    title = title_of(name)
    return BookQuery(title.title, title.authors, **known)


async def describe(source, query):
    return await source.describe(query, plain_judge(query))


def paths(google):
    return [call.path for call in google.calls]


async def test_a_book_costs_one_list_and_one_volume(google):
    answer = await describe(client(google), query_of("She and Allan"))

    assert answer.identifiers == {"google_id": title_of("She and Allan").google_id}
    assert answer.metadata.description.startswith("<p>A hunter asks")
    assert answer.metadata.genres == ("Fiction", "Fantasy", "Adventure")
    assert paths(google) == ["/volumes", f"/volumes/{answer.identifiers['google_id']}"]


async def test_what_was_asked_once_is_known_for_weeks(google):
    limits = LocalLimits()
    await describe(client(google, limits=limits), query_of("She"))
    asked = len(google.calls)

    await describe(client(google, limits=limits), query_of("She"))
    assert len(google.calls) == asked


async def test_an_isbn_is_asked_for_first_and_the_number_alone_next(google):
    known = query_of("She", isbn="9780306406157")

    answer = await describe(client(google), known)

    questions = [call.params.get("q") for call in google.calls]
    assert questions[:3] == [
        "isbn:9780306406157",
        "9780306406157",
        'intitle:"She" inauthor:"Haggard"',
    ]
    assert answer.metadata.title == "She"


def test_the_ladder_asks_for_the_core_title_and_the_last_name():
    query = BookQuery('Raffles: "Further" Adventures', ("Hornung, E. W.",))

    assert list(ladder(query)) == [
        'intitle:"Raffles" inauthor:"Hornung"',
        '"Raffles" E. W. Hornung',
    ]


async def test_a_hit_that_is_not_sure_is_handed_on_as_doubtful(google):
    answer = await describe(client(google), BookQuery("She"))

    assert (answer.band, answer.reason) == ("doubtful", "same title, author unknown")


async def test_an_unknown_book_is_none_and_costs_at_most_four_lists(google):
    unknown = BookQuery("No Such Book", ("Nobody",), isbn="9780306406157")

    assert await describe(client(google), unknown) is None
    assert paths(google) == ["/volumes"] * 4


async def test_a_volume_that_is_gone_is_taken_as_the_list_has_it(google):
    google_id = title_of("She").google_id
    google.faults.gone = frozenset({google_id})

    answer = await describe(client(google), query_of("She"))

    assert answer.metadata.genres == ("Fiction",)


async def test_without_a_key_the_source_is_off_and_asks_nothing(google):
    with pytest.raises(NotConfigured, match="no API key"):
        await describe(client(google, key=""), query_of("She"))

    assert google.calls == []


async def test_what_google_never_knows_is_not_asked(google):
    query = query_of("She", wanted=frozenset({"narrators", "asin"}))

    assert await describe(client(google), query) is None
    assert google.calls == []


async def test_the_days_quota_is_ours_to_keep(google):
    limits = LocalLimits()
    source = client(google, limits=limits, daily=2)
    await describe(source, query_of("She"))

    with pytest.raises(QuotaSpent) as stopped:
        await describe(source, query_of("Wisdom's Daughter"))
    tomorrow = client(google, limits=limits, daily=2, now=NOON + timedelta(hours=12, minutes=1))
    await describe(tomorrow, query_of("Wisdom's Daughter"))

    assert len(google.calls) == 4
    assert "2 requests" in str(stopped.value)
    assert (await source.usage()).used == 2


async def test_two_users_of_one_key_share_its_budget_and_two_keys_do_not(google):
    limits = LocalLimits()
    await describe(client(google, limits=limits, daily=2), query_of("She"))

    other = client(google, limits=limits, daily=2, key="another")
    with pytest.raises(ServiceRefused):
        await describe(other, query_of("Wisdom's Daughter"))
    with pytest.raises(QuotaSpent):
        await describe(client(google, limits=limits, daily=2), query_of("Wisdom's Daughter"))


async def test_googles_own_word_that_the_day_is_spent_is_believed_until_midnight(google):
    limits = LocalLimits()
    google.faults.spent_after = 0
    with pytest.raises(QuotaSpent):
        await describe(client(google, limits=limits), query_of("She"))

    with pytest.raises(QuotaSpent):
        await describe(client(google, limits=limits), query_of("Wisdom's Daughter"))
    assert len(google.calls) == 1


async def test_a_minutes_limit_is_a_short_wait_for_everybody(google):
    limits = LocalLimits()
    google.faults.per_minute = 1
    with pytest.raises(RateLimited) as slow:
        await describe(client(google, limits=limits), query_of("She"))

    assert slow.value.retry_after == timedelta(seconds=60)
    with pytest.raises(CircuitOpen):
        await describe(client(google, limits=limits), query_of("She"))
    assert len(google.calls) == 1


async def test_a_failing_backend_is_service_down_and_then_answers(google):
    google.faults.down = 1
    source = client(google)
    with pytest.raises(ServiceDown):
        await describe(source, query_of("She"))

    assert (await describe(source, query_of("She"))).metadata.title == "She"


@pytest.mark.parametrize(
    ("fault", "advice"),
    [("key", "create one"), ("quota", "key of your own"), ("country", "set the country")],
)
async def test_what_a_person_has_to_mend_says_how(google, fault, advice):
    google.faults.quota = 0 if fault == "quota" else 1000
    google.faults.needs_country = fault == "country"
    source = client(
        google,
        key="wrong-key-of-somebody" if fault == "key" else "sandbox-key",
        country=None if fault == "country" else "US",
    )

    with pytest.raises(ServiceRefused, match=advice) as refused:
        await describe(source, query_of("She"))
    assert "wrong-key-of-somebody" not in str(refused.value)


async def test_every_request_names_country_and_fields_and_never_a_language(google):
    await describe(client(google, country="AT"), query_of("She"))

    assert {call.params["country"] for call in google.calls} == {"AT"}
    assert all("industryIdentifiers" in call.params["fields"] for call in google.calls)
    assert not any("langRestrict" in call.params for call in google.calls)


async def test_an_authors_volumes_are_read_page_by_page(google):
    found = await client(google).by_author("L. Frank Baum")

    expected = [t for t in TITLES if "L. Frank Baum" in t.authors and t.google_id]
    assert {work.google_id for work in found.works} == {title.google_id for title in expected}
    assert found.complete


async def test_an_authors_volumes_are_capped_and_say_so(google):
    found = await client(google).by_author("L. Frank Baum", most=5)

    assert len(found.works) == 5
    assert not found.complete
