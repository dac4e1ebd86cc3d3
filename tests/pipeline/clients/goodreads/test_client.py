from dataclasses import replace

import pytest

from pipeline.clients.goodreads import SeriesPage, read_book
from pipeline.clients.goodreads.client import listing, series_on
from pipeline.domain.keys import series_key
from pipeline.domain.models import SeriesPlace
from pipeline.domain.sources import BookQuery
from pipeline.errors import UnexpectedAnswer
from pipeline.limits import LocalLimits
from pipeline.sandbox import goodreads_pages as pages
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES, title_of
from tests.support.judging import plain_judge


def query_of(name, **known):
    title = title_of(name)
    return BookQuery(title.title, title.authors, **known)


async def describe(source, query):
    return await source.describe(query, plain_judge(query))


async def test_a_book_is_described_with_narrator_and_audibles_asin(site):
    she = title_of("She and Allan")

    answer = await describe(site.client(), query_of("She and Allan", language="en"))

    assert answer.metadata.narrators == she.narrators
    assert answer.metadata.asin == she.asin
    assert answer.metadata.series == (
        SeriesPlace("Ayesha", "3"),
        SeriesPlace("Allan Quatermain", "11"),
    )
    assert answer.audio_fields == {"narrators", "asin"}
    assert answer.identifiers == {
        "goodreads_book": she.goodreads_id,
        "goodreads_work": she.work_id,
        "goodreads_series": SERIES_IDS["Ayesha"],
    }
    assert site.paths == [
        "/book/auto_complete",
        f"/book/show/{she.goodreads_id}",
        f"/work/editions/{she.work_id}",
    ]


async def test_editions_are_left_alone_when_nobody_wants_narrator_or_asin(site):
    query = query_of("She", wanted=frozenset({"description"}))

    answer = await describe(site.client(), query)

    assert answer.metadata.description
    assert answer.audio_fields == frozenset()
    assert not any("editions" in path for path in site.paths)


async def test_an_isbn_leads_to_the_book_that_bears_it(site):
    black_mask = title_of("The Black Mask")
    query = BookQuery("Further Adventures", ("E.W. Hornung",), isbn=black_mask.isbn)

    answer = await describe(site.client(), query)

    assert answer.identifiers["goodreads_book"] == black_mask.goodreads_id
    assert answer.reason == "same ISBN"


async def test_a_very_short_title_finds_its_book_and_not_its_sequels(site):
    answer = await describe(site.client(), query_of("She"))

    assert answer.metadata.title == "She"


async def test_another_languages_recording_is_not_ours(site):
    english = await describe(site.client(), query_of("The Sign of Four", language="en"))

    assert english.metadata.narrators == title_of("The Sign of Four").narrators


async def test_of_two_recordings_neither_is_guessed(site):
    answer = await describe(site.client(), query_of("The Sign of Four"))

    assert answer.metadata.narrators == ()
    assert answer.metadata.asin is None


async def test_our_own_narrator_tells_the_recording(site):
    query = query_of("The Sign of Four", narrators=("Karl Beispiel",))

    answer = await describe(site.client(), query)

    assert answer.metadata.narrators == ("Karl Beispiel",)
    assert answer.metadata.asin.startswith("B0GERMAN")


async def test_a_book_that_nobody_knows_is_none(site):
    assert await describe(site.client(), BookQuery("No Such Book", ("Nobody",))) is None


async def test_a_book_that_was_merged_into_another_is_found_there(site):
    she, ayesha = title_of("She"), title_of("Ayesha: The Return of She")
    site.faults.moved = {she.goodreads_id: ayesha.goodreads_id}

    page = await site.client().book(she.goodreads_id)

    assert page.work.title == "Ayesha: The Return of She"


async def test_a_series_is_found_over_a_book_of_it_and_read_to_its_end(site):
    found = await site.client().find_series("Oz", "L. Frank Baum", ["Ozma of Oz"])

    expected = [title for title in TITLES if "Oz" in dict(title.series)]
    assert found.goodreads_id == SERIES_IDS["Oz"]
    assert [work.title for work in found.works] == [title.title for title in expected]
    assert (found.printed_primary, found.printed_total, found.warning) == (14, 15, None)
    assert site.paths.count(f"/series/{found.goodreads_id}") == 2


@pytest.mark.parametrize("series", list(SERIES_IDS))
async def test_each_series_of_the_sandbox_is_found_over_what_its_owner_has(site, series):
    owned = [t for t in TITLES if series in dict(t.series) and t.owned]
    titles = [title.shelf_title for title in owned]

    found = await site.client().find_series(series, owned[0].authors[0], titles)

    assert found.name == series
    assert found.goodreads_id == SERIES_IDS[series]


async def test_a_book_in_two_series_leads_to_the_one_that_was_asked_for(site):
    client, haggard = site.client(), "H. Rider Haggard"

    one = await client.find_series("Ayesha", haggard, ["She and Allan"])
    two = await client.find_series("Allan Quatermain", haggard, ["She and Allan"])

    assert (one.name, two.name) == ("Ayesha", "Allan Quatermain")


def test_a_series_may_go_by_another_name_in_the_titles_of_its_books():
    page = read_book(pages.book(title_of("She"), SERIES_IDS, AUTHOR_IDS))
    renamed = replace(page, title_complete="She (She Who Must Be Obeyed, #1)")
    both = replace(renamed, series_ids=(*page.series_ids, ("Elsewhere", "9")))

    assert series_on(renamed, series_key("She Who Must Be Obeyed")) == SERIES_IDS["Ayesha"]
    assert series_on(renamed, series_key("Ayesha")) == SERIES_IDS["Ayesha"]
    assert series_on(both, series_key("She Who Must Be Obeyed")) is None
    assert series_on(renamed, series_key("Barsoom")) is None


async def test_a_series_that_goodreads_does_not_know_is_none(site):
    client = site.client()

    assert await client.find_series("No Such Cycle", "L. Frank Baum", ["Ozma of Oz"]) is None


async def test_a_series_whose_counts_do_not_fit_its_list_carries_a_warning(site):
    found = await site.client().series(SERIES_IDS["The d'Artagnan Romances"])
    page = SeriesPage(found.name, found.works, 5, 9, 9, 1, 100)

    assert found.warning is None
    assert listing("1", [page]).warning == (
        "it lists 7 works and says 9; it says 5 primary works and numbers 7"
    )


async def test_a_series_that_is_gone_is_an_error_and_no_empty_list(site):
    with pytest.raises(UnexpectedAnswer, match="no such series"):
        await site.client().series("999")


async def test_an_author_is_found_by_name_and_listed_page_by_page(site):
    client = site.client()

    author_id = await client.find_author("L. Frank Baum")
    found = await client.author(author_id)

    assert author_id == AUTHOR_IDS["L. Frank Baum"]
    assert found.name == "L. Frank Baum"
    assert len(found.works) == sum("L. Frank Baum" in title.authors for title in TITLES)
    assert found.complete


async def test_an_unknown_author_is_none(site):
    assert await site.client().find_author("Nobody At All") is None
    assert await site.client().author("999") is None


async def test_what_was_read_once_is_kept(site):
    limits = LocalLimits()
    query = query_of("She")
    first = await describe(site.client(limits=limits), query)
    asked = len(site.paths)

    second = await describe(site.client(limits=limits), query)

    assert second == first
    assert len(site.paths) == asked


async def test_only_pages_that_robots_may_read_are_asked_for(site):
    client = site.client()
    await describe(client, query_of("She"))
    await client.find_series("Oz", "L. Frank Baum", ["Ozma of Oz"])
    await client.author(AUTHOR_IDS["L. Frank Baum"])

    allowed = ("/book/auto_complete", "/book/show/", "/series/", "/author/list/", "/work/editions/")
    assert all(path.startswith(allowed) for path in site.paths)
    assert all(call.agent.startswith("Bookrunner/") for call in site.stand_in.calls)
    assert all("me@here.test" in call.agent for call in site.stand_in.calls)


async def test_an_id_that_is_none_never_becomes_an_address(site):
    with pytest.raises(UnexpectedAnswer):
        await site.client().book("../search?q=x")

    assert site.paths == []
