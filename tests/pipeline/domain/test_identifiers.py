"""Identifiers are checked, made one form, and told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.identifiers import asin_kind, edition_ids, isbn13


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("0-306-40615-2", "9780306406157"),
        ("9780306406157", "9780306406157"),
        ("978-0-306-40615-7", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("0306406153", None),
        ("9780306406158", None),
        ("9770306406157", None),
        ("", None),
        (None, None),
    ],
)
def test_both_forms_of_an_isbn_are_one_number(printed, number):
    assert isbn13(printed) == number


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("B0ABCDEF12", "amazon"),
        ("b0abcdef12", "amazon"),
        ("0306406152", "isbn"),
        ("X", ""),
        (None, ""),
    ],
)
def test_an_asin_is_classified(printed, kind):
    assert asin_kind(printed) == kind


def test_an_isbn_in_the_asin_field_is_an_isbn():
    assert edition_ids("9780306406157", "0306406152") == {"isbn:9780306406157"}


@given(st.text())
def test_any_text_is_read_without_raising(text):
    assert edition_ids(text, text) is not None
