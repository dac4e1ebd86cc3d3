"""Two descriptions are one work or not, whatever they are written like."""

# ruff: noqa: SIM905  lists of words read better as words

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.matching import comparable, compare, of_name, of_owned, of_work
from pipeline.domain.models import OwnedBook, SeriesPlace, Work
from pipeline.domain.titles import read

WORDS = st.sampled_from(
    (
        "salt road lantern keeper ember crown harbour light ashes vint 3 part two complete summary"
    ).split()
)
TITLES = st.lists(WORDS, min_size=1, max_size=5).map(lambda words: " ".join(words).title())
NAMES = st.sampled_from(
    ["Ada Marlow", "Thomas Reed", "T. Reed", "Zo\u00eb M. Brand", "Quillon", ""]
)
NOISE = st.sampled_from(
    [" (Unabridged)", " [Audiobook]", ": A Novel", " (10th Anniversary Edition)", " [64kbps]", ""]
)


def verdict(one, two):
    return compare(comparable(*one), comparable(*two))


def test_the_same_goodreads_work_is_one_work_under_any_title():
    one = of_work(Work("Le sel", ("Ada Marlow",), goodreads_work="77"))
    two = of_owned(OwnedBook(1, "The Salt Road", ("A. Marlow",), goodreads_work="77"))

    assert compare(one, two).band == "auto"


def test_the_same_isbn_in_either_form_is_one_work():
    one = of_work(Work("Le sel", ("Ada Marlow",), isbns=("0-306-40615-2",)))
    two = of_owned(OwnedBook(1, "The Salt Road", ("Ada Marlow",), isbn="9780306406157"))

    assert compare(one, two).band == "auto"


def test_an_isbn_under_another_author_is_doubted():
    one = of_work(Work("The Salt Road", ("Ada Marlow",), isbns=("0306406152",)))
    two = of_owned(OwnedBook(1, "The Salt Road", ("Thomas Reed",), isbn="0306406152"))

    assert compare(one, two).band == "review"


def test_two_goodreads_works_of_nearly_one_title_are_two_works():
    one = of_work(Work("Ember: Ash and the Long Way Down", ("Ada Marlow",), goodreads_work="1"))
    two = of_owned(OwnedBook(1, "Ember: The Tale of a Fire", ("Ada Marlow",), goodreads_work="2"))

    assert compare(one, two).band == "reject"


def test_another_title_that_the_catalogue_knows_is_one_work():
    one = of_work(Work("Le sel", ("Ada Marlow",), alternative_titles=("The Salt Road",)))

    assert compare(one, comparable("Salt Road", "Ada Marlow")).band == "auto"


def test_a_doubtful_title_is_sure_at_the_same_place_of_the_series():
    place = (SeriesPlace("Ember", "2"),)
    one = comparable("Ember: Ash and the Long Way Down", "Ada Marlow", series=place)
    two = comparable("Ember: The Story of a Long Fire", "Ada Marlow", series=place)

    assert compare(one, two).band == "auto"
    assert "same place" in compare(one, two).reason


def test_the_same_title_at_another_place_is_doubted():
    one = comparable("The Salt Road", "Ada Marlow", series=(SeriesPlace("Harbour", "3"),))
    two = comparable("The Salt Road", "Ada Marlow", series=(SeriesPlace("Harbour", "4"),))

    assert compare(one, two).band == "review"


def test_a_title_that_is_the_series_name_at_another_place_is_another_work():
    one = comparable("Harbour", "Ada Marlow", series=(SeriesPlace("Harbour", "3"),))
    two = comparable("Harbour", "Ada Marlow", series=(SeriesPlace("Harbour", "4"),))

    assert compare(one, two).band == "reject"


@pytest.mark.parametrize("author", ["", "Various", "Unknown"])
def test_an_unknown_author_is_never_sure(author):
    assert verdict(("The Salt Road", author), ("The Salt Road", "Ada Marlow")).band == "review"


def test_every_verdict_says_why():
    pairs = [("Salt", "Ash"), ("Salt", "Salt"), ("Salt, Part 1", "Salt"), ("It", "It Ends")]

    assert all(verdict((a, "Ada Marlow"), (b, "Ada Marlow")).reason for a, b in pairs)


def test_a_release_name_is_compared_as_what_it_says():
    name = of_name(read("Ada Marlow - Harbour 03 - The Salt Road (Unabridged) [MP3]"))

    assert compare(name, comparable("The Salt Road", "Ada Marlow")).band == "auto"


@given(TITLES, NAMES, TITLES, NAMES)
def test_a_verdict_has_no_direction(title_a, author_a, title_b, author_b):
    one, two = comparable(title_a, author_a), comparable(title_b, author_b)

    assert compare(one, two) == compare(two, one)


@given(TITLES, NAMES, TITLES, NAMES)
def test_case_and_accents_make_no_difference(title_a, author_a, title_b, author_b):
    plain = verdict((title_a, author_a), (title_b, author_b))
    loud = verdict((title_a.upper(), author_a.upper()), (title_b, author_b))
    accented = verdict((title_a.replace("o", "\u00f3"), author_a), (title_b, author_b))

    assert loud.band == plain.band
    assert accented == plain


@given(TITLES, TITLES, st.permutations(["Ada Marlow", "Thomas Reed", "Rosa Dalton"]))
def test_the_order_of_authors_makes_no_difference(title_a, title_b, authors):
    two = comparable(title_b, ["Thomas Reed", "Quillon"])

    assert compare(comparable(title_a, authors), two) == compare(
        comparable(title_a, sorted(authors)), two
    )


@given(TITLES, NAMES, TITLES, NAMES, NOISE)
def test_edition_noise_makes_no_difference(title_a, author_a, title_b, author_b, noise):
    plain = verdict((title_a, author_a), (title_b, author_b))

    assert verdict((title_a + noise, author_a), (title_b, author_b)).band == plain.band


@given(TITLES, NAMES.filter(bool))
def test_a_book_is_itself(title, author):
    assert verdict((title, author), (title, author)).band == "auto"


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_is_compared_without_raising(title_a, author_a, title_b, author_b):
    assert 0 <= verdict((title_a, author_a), (title_b, author_b)).score <= 100


def test_twenty_thousand_pairs_a_second_are_judged(figure):
    books = [
        comparable(f"{word} {n}: The Tale of {n % 7}", f"Author{n % 9} Name{n % 5}")
        for n, word in enumerate(["Salt", "Ember", "Harbour", "Ash", "Vint"] * 60)
    ]
    started, count = time.process_time(), 0
    for one in books:
        for two in books:
            compare(one, two)
            count += 1
    speed = count / (time.process_time() - started)

    figure(f"{speed:,.0f} pair verdicts per second of one processor (goal 20,000)")
    assert speed > 20_000
