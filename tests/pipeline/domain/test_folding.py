"""Spellings of one text come out alike."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain.folding import fold, numeral, roman, title_key

LATIN = st.text(st.characters(codec="latin-1", categories=["L", "Nd", "Zs", "Po"]))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The Hobbit", "Hobbit, The"),
        ("L\u2019\u00c9tranger", "l'etranger"),
        ("Salt & Smoke", "Salt and Smoke"),
        ("Nineteen Eighty-Four", "1984"),
        ("Twenty Thousand Leagues", "20,000 Leagues"),
        ("Part II", "Part Two"),
        ("Book 07", "Book 7"),
        ("The Colour of Harbours", "The Color of Harbors"),
        ("Stra\u00dfe", "STRASSE"),
        ("\uff34he \uff33alt", "the salt"),
    ],
)
def test_two_spellings_have_one_key(one, two):
    assert title_key(one) == title_key(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [("Part 1", "Part 2"), ("Little Women", "Little Men"), ("\u767d\u94f6", "\u9752\u94dc")],
)
def test_two_titles_have_two_keys(one, two):
    assert title_key(one) != title_key(two)


def test_a_script_that_does_not_fold_keeps_its_own_letters():
    assert fold("\u06a9\u062a\u0627\u0628") != ""


@pytest.mark.parametrize(
    ("word", "value"), [("iv", 4), ("xxxix", 39), ("ix", 9), ("vi", 6), ("mix", None), ("", None)]
)
def test_roman_numerals_up_to_39_are_numbers(word, value):
    assert roman(word) == value


@pytest.mark.parametrize(("word", "value"), [("7", 7), ("seven", 7), ("third", 3), ("salt", None)])
def test_a_word_that_is_a_number_has_its_value(word, value):
    assert numeral(word) == value


@given(st.text())
def test_only_what_has_no_letter_or_digit_folds_to_nothing(text):
    assert bool(fold(text)) or not any(c.isalnum() and c.isascii() for c in text)


@given(LATIN)
def test_case_makes_no_difference(text):
    assert title_key(text.upper()) == title_key(text.lower())


@given(st.text())
@example("aaechang")
@example("haemours llller")
def test_a_key_is_its_own_key(text):
    once = title_key(text)

    assert title_key(once) == once
