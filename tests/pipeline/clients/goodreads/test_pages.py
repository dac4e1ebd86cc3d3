"""Every reader over pages of our own making, laid out as Goodreads lays them out."""

import json

import pytest

from pipeline.clients.goodreads import (
    EmptyPage,
    challenge,
    read_author,
    read_author_list,
    read_book,
    read_editions,
    read_flight_search,
    read_list,
    read_search,
    read_series,
    read_suggestions,
)
from pipeline.clients.goodreads.titles import date_in_words, date_of_epoch, split_title
from pipeline.domain.models import SeriesPlace
from pipeline.errors import UnexpectedAnswer
from pipeline.sandbox import goodreads_pages as pages
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES, title_of

SHE = title_of("She and Allan")
OZ = [title for title in TITLES if "Oz" in dict(title.series)]


def test_a_book_is_read_and_not_the_stub_beside_it():
    page = read_book(pages.book(SHE, SERIES_IDS, AUTHOR_IDS))

    assert page.work.title == "She and Allan"
    assert page.work.authors == ("H. Rider Haggard",)
    assert page.work.goodreads_work == SHE.work_id
    assert page.work.goodreads_book == SHE.goodreads_id
    assert page.work.isbns == (SHE.isbn,)
    assert page.work.published == "1921-01-01"
    assert page.metadata.series == (
        SeriesPlace("Ayesha", "3"),
        SeriesPlace("Allan Quatermain", "11"),
    )
    assert page.series_ids == (("Ayesha", "410007"), ("Allan Quatermain", "410008"))
    assert page.metadata.published_year == "1921"
    assert page.metadata.language == "en"
    assert page.metadata.description.startswith("A hunter asks whether the dead live on")
    assert page.edition_published == "2011-05-06"


def with_details(**details):
    text = pages.book(SHE, SERIES_IDS, AUTHOR_IDS)
    begin, end = text.index("{"), text.rindex("}") + 1
    data = json.loads(text[begin:end])
    state = data["props"]["pageProps"]["apolloState"]
    state[f"Book:kca://book/{SHE.goodreads_id}"]["details"] |= details
    return pages.next_page("x", data)


def test_the_asin_of_a_paper_book_or_a_kindle_is_not_the_audiobooks():
    paper = read_book(with_details(asin="B0AAAAAAAA", format="Kindle Edition"))
    audio = read_book(with_details(asin="B0AAAAAAAA", format="Audible Audio"))

    assert (paper.metadata.asin, paper.asin_printed) == (None, "B0AAAAAAAA")
    assert audio.metadata.asin == "B0AAAAAAAA"


def test_the_older_name_of_a_place_is_read_too():
    text = pages.book(SHE, SERIES_IDS, AUTHOR_IDS).replace("seriesPlacement", "userPosition")

    assert read_book(text).work.series[0] == SeriesPlace("Ayesha", "3")


def test_contributors_with_another_role_are_no_authors():
    edge = '"secondaryContributorEdges": [{"role": "Narrator", "node": {"name": "Ada Quill"}}]'
    text = pages.book(SHE, SERIES_IDS, AUTHOR_IDS).replace('"secondaryContributorEdges": []', edge)

    page = read_book(text)

    assert page.work.authors == ("H. Rider Haggard",)
    assert page.metadata.narrators == ("Ada Quill",)


def test_a_frame_without_its_content_is_a_time_out_and_not_a_missing_book():
    with pytest.raises(EmptyPage):
        read_book(pages.empty_book(SHE))


def test_the_layout_of_before_2023_is_named():
    with pytest.raises(UnexpectedAnswer, match="before 2023"):
        read_book(pages.old_book(SHE))


@pytest.mark.parametrize(
    "read",
    [
        read_book,
        read_series,
        read_editions,
        read_author,
        read_author_list,
        read_list,
        read_search,
        read_flight_search,
        read_suggestions,
    ],
)
@pytest.mark.parametrize("text", ["", "<html></html>", pages.shell("Goodreads", "<p>new</p>")])
def test_a_page_that_nobody_knows_is_an_error_and_never_nothing(read, text):
    with pytest.raises(UnexpectedAnswer, match="Goodreads: "):
        read(text)


def test_a_series_is_read_in_its_order_with_positions_as_printed():
    page = read_series(pages.series("Oz", OZ, AUTHOR_IDS))

    assert page.name == "Oz"
    assert [work.title for work in page.works] == [title.title for title in OZ]
    assert [work.series[0].sequence for work in page.works][5:8] == ["6", "6.5", "7"]
    assert (page.printed_primary, page.printed_total, page.listed) == (14, 15, 15)
    assert page.is_last


def test_a_series_keeps_the_places_that_its_books_have_elsewhere():
    ayesha = [title for title in TITLES if "Ayesha" in dict(title.series)]

    page = read_series(pages.series("Ayesha", ayesha, AUTHOR_IDS))

    assert page.works[2].series == (
        SeriesPlace("Ayesha", "3"),
        SeriesPlace("Allan Quatermain", "11"),
    )


def test_an_announced_book_is_listed_as_not_released():
    raffles = [title for title in TITLES if "A.J. Raffles" in dict(title.series)]

    announced = read_series(pages.series("A.J. Raffles", raffles, AUTHOR_IDS)).works[-1]

    assert not announced.released
    assert announced.published is None


def test_a_series_title_may_name_its_author():
    text = pages.series("Oz", OZ, AUTHOR_IDS).replace(
        "Oz Series&quot;", "Oz by L. Frank Baum&quot;"
    )

    assert read_series(text).name == "Oz"


def test_a_series_that_counts_works_and_lists_none_has_a_new_layout():
    text = pages.series("Oz", OZ, AUTHOR_IDS).replace("SeriesList", "SeriesGrid")

    with pytest.raises(UnexpectedAnswer, match="none of 15 works"):
        read_series(text)


def test_editions_tell_narrators_and_audibles_identifiers():
    page = read_editions(pages.editions(SHE, AUTHOR_IDS))
    paper, audio = page.editions[:2]

    assert (paper.format, paper.isbn, paper.asin) == ("Paperback", SHE.isbn, None)
    assert not paper.is_audio
    assert (audio.format, audio.pages, audio.asin) == ("Audible Audio", 11, SHE.asin)
    assert audio.is_audio
    assert audio.narrators == SHE.narrators
    assert audio.authors == SHE.authors
    assert (audio.published, audio.publisher) == ("2011-05-06", SHE.publisher)
    assert audio.language == "en"


def test_a_filter_that_leaves_no_edition_is_no_changed_layout():
    page = read_editions(pages.editions(SHE, AUTHOR_IDS, only="Audio Cassette"))

    assert page.editions == ()


def test_an_authors_books_are_read_page_by_page():
    first = read_author_list(pages.author_list("L. Frank Baum", OZ, AUTHOR_IDS, per_page=10))
    last = read_author_list(pages.author_list("L. Frank Baum", OZ, AUTHOR_IDS, page=2, per_page=10))

    assert first.heading == "L. Frank Baum"
    assert (len(first.works), first.has_next) == (10, True)
    assert (len(last.works), last.has_next) == (5, False)
    assert first.works[6].series == (SeriesPlace("Oz", "6.5"),)
    assert first.works[0].goodreads_work == OZ[0].work_id
    assert first.works[0].published == "1900"
    assert first.works[0].ratings == OZ[0].ratings


def test_an_authors_page_names_them_and_the_way_to_their_books():
    page = read_author(pages.author("L. Frank Baum", OZ, AUTHOR_IDS))

    assert (page.name, page.author_id) == ("L. Frank Baum", AUTHOR_IDS["L. Frank Baum"])
    assert len(page.works) == 10


def test_roles_are_told_from_authors_in_a_row():
    helper = pages.person("Ken Reader", AUTHOR_IDS, "Narrator")
    row = pages.row(SHE, AUTHOR_IDS).replace("</span><span class", f"{helper}</span><span class")

    work = read_list(pages.shell("x", f"<table>{row}</table>")).works[0]

    assert work.authors == ("H. Rider Haggard",)


def test_both_layouts_of_the_search_page_are_read_alike():
    old = read_search(pages.search("oz", OZ, AUTHOR_IDS))
    new = read_flight_search(pages.flight_search("oz", OZ, SERIES_IDS, AUTHOR_IDS))

    assert [work.title for work in old] == [work.title for work in new]
    assert [work.series for work in old] == [work.series for work in new]
    assert [work.goodreads_work for work in old] == [work.goodreads_work for work in new]
    assert new[0].authors == ("L. Frank Baum",)


def test_a_search_that_found_nothing_says_so():
    assert read_search(pages.shell("Search", "<h3>No results.</h3>")) == ()
    assert read_search(pages.search("x", [], AUTHOR_IDS)) == ()


def test_a_search_that_names_results_and_shows_none_has_a_new_layout():
    text = pages.search("oz", OZ, AUTHOR_IDS).replace("schema.org/Book", "schema.org/Thing")

    with pytest.raises(UnexpectedAnswer, match="says 15"):
        read_search(text)


def test_suggestions_are_read_with_the_authors_id():
    rows = read_suggestions(json.dumps([pages.suggestion(SHE, AUTHOR_IDS)]))

    assert rows[0].author_id == AUTHOR_IDS["H. Rider Haggard"]
    assert rows[0].work.title == "She and Allan"
    assert rows[0].work.goodreads_work == SHE.work_id
    assert read_suggestions("[]") == ()


@pytest.mark.parametrize(
    ("status", "headers", "text"),
    [
        (202, {}, ""),
        (202, {"x-amzn-waf-action": "challenge"}, "x" * 9000),
        (200, {"x-amzn-waf-action": "captcha"}, ""),
        (200, {}, pages.CHALLENGE),
        (405, {}, "<html>Human Verification</html>"),
        (403, {}, "Forbidden"),
        (200, {}, "<html><head><title>Sign in</title></head></html>"),
    ],
)
def test_a_challenge_is_known_in_all_its_dresses(status, headers, text):
    assert challenge(status, headers, text)


def test_pages_are_no_challenges():
    assert challenge(200, {}, pages.book(SHE, SERIES_IDS, AUTHOR_IDS)) is None
    assert challenge(404, {}, "<title>Page not found</title>") is None


@pytest.mark.parametrize(
    ("printed", "bare", "places"),
    [
        ("She", "She", []),
        ("She (Ayesha, #1)", "She", [("Ayesha", "1")]),
        ("She (Ayesha #1)", "She", [("Ayesha", "1")]),
        ("A (B, #1; C, #2.5)", "A", [("B", "1"), ("C", "2.5")]),
        ("A (B: The D, #3 part 1/2)", "A", [("B: The D", "3 part 1/2")]),
        ("Frankenstein (1818)", "Frankenstein (1818)", []),
    ],
)
def test_a_title_is_split_from_its_places(printed, bare, places):
    assert split_title(printed) == (bare, tuple(SeriesPlace(*place) for place in places))


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("Published October 14th 2008", "2008-10-14"),
        ("Published May 1903", "1903-05"),
        ("Published 1887", "1887"),
        ("Expected publication March 3rd 2031", "2031-03-03"),
        ("Published", None),
    ],
)
def test_a_date_in_words_is_as_exact_as_printed(printed, read):
    assert date_in_words(printed) == read


@pytest.mark.parametrize("day", [(1813, 1, 28), (1883, 6, 1), (1969, 12, 31), (2026, 7, 4)])
def test_a_moment_becomes_the_day_that_california_had(day):
    year, month, number = day

    assert date_of_epoch(pages.epoch(*day)) == f"{year}-{month:02d}-{number:02d}"


def test_a_moment_outside_the_calendar_is_no_date():
    assert date_of_epoch(-1e17) is None
    assert date_of_epoch(None) is None
