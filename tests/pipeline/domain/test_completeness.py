"""Exactly the gaps are missing, and every work says why it is or is not."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.completeness import compare
from pipeline.domain.models import OwnedBook, Preferences, SeriesPlace, Work

TODAY = date(2026, 11, 22)
MARLOW = ("Ada Marlow",)


def work(title, position="", **more):
    return Work(title, MARLOW, series=(SeriesPlace("Harbour", position or None),), **more)


def owned(title, sequence="", **more):
    series = (SeriesPlace("Harbour", sequence),) if sequence else ()
    return OwnedBook(more.pop("book_id", 1), title, MARLOW, series=series, **more)


def statuses(listing, books, preferences=None, **more):
    done = compare(
        listing, books, preferences or Preferences(), today=TODAY, series="Harbour", **more
    )
    return {entry.work.title: entry.status for entry in done.entries}


VOLUMES = [work("First Light", "1"), work("The Lantern Keeper", "2"), work("The Salt Road", "3")]


def test_what_is_not_owned_is_missing():
    done = compare(VOLUMES, [owned("Lantern Keeper")], Preferences(), today=TODAY, series="Harbour")

    assert [gap.position for gap in done.gaps] == ["1", "3"]
    assert (done.total, done.owned, done.missing) == (3, 1, 2)


def test_a_book_owned_under_another_title_at_its_number_is_never_missing():
    assert statuses(VOLUMES, [owned("Le sel", "3")])["The Salt Road"] == "owned"


def test_a_wrong_number_does_not_make_another_book_owned():
    said = statuses(VOLUMES, [owned("First Light", "3")])

    assert said["First Light"] == "owned"
    assert said["The Salt Road"] == "missing"


def test_an_omnibus_covers_its_numbers_and_not_the_novella_between():
    listing = [*VOLUMES, work("A Lamp", "1.5"), work("Harbour 1-2", "1-2")]
    said = statuses(listing, [owned("Harbour: Books 1-2", "1-2")])

    assert said["First Light"] == said["The Lantern Keeper"] == "covered"
    assert said["The Salt Road"] == said["A Lamp"] == "missing"


def test_an_omnibus_is_covered_by_its_volumes_and_otherwise_ignored():
    listing = [*VOLUMES, work("Harbour Boxed Set", "1-2")]
    books = [owned("First Light"), owned("The Lantern Keeper", book_id=2)]

    assert statuses(listing, books)["Harbour Boxed Set"] == "covered"
    assert statuses(listing, [])["Harbour Boxed Set"] == "ignored"


def test_one_part_does_not_fill_a_volume_but_all_parts_do():
    listing = [work("Ash", "1"), work("Ash, Part 1", "1, Part 1 of 2"), work("Smoke", "1 part 2/2")]
    one, two = owned("Ash, Part 1"), owned("Smoke", book_id=2)

    assert statuses(listing, [one])["Ash"] == "missing"
    assert statuses(listing, [one, two])["Ash"] == "covered"


@pytest.mark.parametrize(
    ("published", "status"),
    [
        ("2026", "missing"),
        ("2027", "unreleased"),
        ("2026-12", "unreleased"),
        ("2026-11-22", "missing"),
    ],
)
def test_a_book_of_the_future_waits_for_its_date(published, status):
    assert statuses([work("Beyond", "4", published=published)], [])["Beyond"] == status


def test_a_work_that_the_catalogue_calls_unreleased_is_not_missing():
    assert statuses([work("Beyond", "4", released=False)], [])["Beyond"] == "unreleased"


def test_novellas_count_by_preference():
    listing = [work("A Lamp", "1.5"), work("The Beginning", "0")]

    assert set(statuses(listing, []).values()) == {"missing"}
    assert set(statuses(listing, [], Preferences(novellas=False)).values()) == {"ignored"}


def test_unnumbered_works_count_only_when_wanted():
    listing = [work("The Atlas")]

    assert statuses(listing, [])["The Atlas"] == "ignored"
    assert statuses(listing, [], Preferences(unnumbered=True))["The Atlas"] == "missing"


@pytest.mark.parametrize(
    "unwanted",
    [
        work("Das Salz", "3", language="de"),
        work("The Salt Road [Dramatized Adaptation]", "3"),
        work("The Salt Road (Abridged)", "3"),
        work("Summary of The Salt Road", "3"),
        work("The Salt Road: The Graphic Novel", "3"),
        work("A Companion to Harbour", "4", kind="companion"),
        work("The Bell", "prologue for 4"),
    ],
    ids=lambda one: one.title,
)
def test_what_nobody_wants_is_not_missing_and_says_why(unwanted):
    done = compare([unwanted], [], Preferences(), today=TODAY, series="Harbour")

    assert done.entries[0].status == "ignored"
    assert done.entries[0].note


def test_of_two_works_at_one_number_the_known_one_is_missing():
    listing = [work("Das Salz", "3", ratings=10), work("The Salt Road", "3", ratings=5000)]

    assert statuses(listing, []) == {"Das Salz": "ignored", "The Salt Road": "missing"}


def test_a_work_listed_twice_counts_once():
    twice = [work("Ash", "1", goodreads_work="7"), work("Ash", "1", goodreads_work="7")]

    assert compare(twice, [], Preferences(), today=TODAY, series="Harbour").missing == 1


def test_works_without_an_identifier_are_all_kept():
    done = compare(VOLUMES, [], Preferences(), today=TODAY, series="Harbour")

    assert len(done.entries) == 3


def test_an_abridged_book_is_owned_and_says_so():
    done = compare(VOLUMES[:1], [owned("First Light", abridged=True)], Preferences(), today=TODAY)

    assert done.entries[0].status == "owned"
    assert "abridged" in done.entries[0].note


def test_a_book_that_may_be_owned_is_not_missing_but_asked_about():
    done = compare(VOLUMES, [OwnedBook(1, "The Salt Road")], Preferences(), today=TODAY)

    assert done.entries[2].status == "ignored"
    assert "look" in done.warning


def test_a_count_that_disagrees_is_a_warning():
    done = compare(VOLUMES, [], Preferences(), today=TODAY, series="Harbour", printed_count=4)

    assert "counts 4" in done.warning


def test_an_author_s_books_are_all_wanted_once():
    listing = [
        Work("Ash", MARLOW),
        Work("Ash and Other Stories Boxed Set", MARLOW),
        Work("Salt", MARLOW),
    ]
    done = compare(listing, [owned("Salt")], Preferences(), today=TODAY)

    assert [gap.work.title for gap in done.gaps] == ["Ash"]


@given(
    st.lists(st.tuples(st.text(), st.text()), max_size=6),
    st.lists(st.tuples(st.text(), st.text()), max_size=6),
)
def test_any_listing_and_library_are_compared_without_raising(listing, books):
    works = [work(title, position) for title, position in listing]
    library = [owned(t, s, book_id=n) for n, (t, s) in enumerate(books)]
    done = compare(works, library, Preferences(), today=TODAY, series="Harbour")

    assert done.total == done.owned + done.missing


def test_an_owned_library_lacks_nothing_of_itself():
    books = [
        owned(one.title, one.series[0].sequence or "", book_id=n) for n, one in enumerate(VOLUMES)
    ]

    assert compare(VOLUMES, books, Preferences(), today=TODAY, series="Harbour").missing == 0


def test_a_long_series_is_compared_quickly(figure):
    listing = [work(f"Harbour Night {n}", str(n)) for n in range(1, 501)]
    books = [owned(f"Harbour Night {n}", str(n), book_id=n) for n in range(1, 501, 2)]
    started = time.perf_counter()
    done = compare(listing, books, Preferences(), today=TODAY, series="Harbour")
    took = time.perf_counter() - started

    figure(f"a series of 500 volumes against 250 books: {took * 1000:.0f} ms")
    assert done.missing == 250
    assert took < 5
