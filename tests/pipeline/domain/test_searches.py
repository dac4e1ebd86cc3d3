"""A book is searched for under each source's identity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.models import SeriesPlace, WantedBook
from pipeline.domain.searches import ORDER, queries

BOOK = WantedBook(
    1,
    "The Salt Road: A Novel",
    ("Ada Marlow", "Thomas Reed"),
    series=(SeriesPlace("Harbour Lights", "3"),),
    isbn="0-306-40615-2",
    alternative_titles=("White Desert",),
)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("MAM", ("The Salt Road Ada Marlow", "White Desert Ada Marlow")),
        (
            "Google",
            (
                "The Salt Road A Novel Ada Marlow Thomas Reed",
                "The Salt Road Marlow",
                "9780306406157",
            ),
        ),
        ("Goodreads", ("The Salt Road Harbour Lights", "Harbour Lights 3 Marlow", "The Salt Road")),
    ],
)
def test_a_book_is_asked_for_as_a_source_knows_it(source, asked):
    assert queries(BOOK, source) == asked


def test_what_search_engines_read_as_operators_is_left_out():
    assert queries(WantedBook(1, 'Salt! -Road "x"', ("O'Neil",)), "MAM") == ("Salt Road x O'Neil",)


@given(st.text(), st.text(), st.sampled_from(ORDER))
def test_any_book_has_queries_without_blanks_at_their_ends(title, author, source):
    for text in queries(WantedBook(1, title, (author,)), source):
        assert text == text.strip() != ""
