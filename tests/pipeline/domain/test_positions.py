"""Places in a series are read as printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.positions import parse


@pytest.mark.parametrize(
    ("printed", "numbers", "part", "common"),
    [
        ("1", (1,), 0, "1"),
        ("01", (1,), 0, "1"),
        ("2.5", (2.5,), 0, "2.5"),
        ("\u00bd", (0.5,), 0, "0.5"),
        ("1\u00bd", (1.5,), 0, "1.5"),
        ("0,5", (0.5,), 0, "0.5"),
        ("0", (0,), 0, "0"),
        ("1-3", (1, 2, 3), 0, "1-3"),
        ("1 \u2013 3", (1, 2, 3), 0, "1-3"),
        ("Books 1-3", (1, 2, 3), 0, "1-3"),
        ("1 & 2", (1, 2), 0, "1-2"),
        ("1, 2, 5", (1, 2, 5), 0, "1, 2, 5"),
        ("1-3 + 2.5", (1, 2, 2.5, 3), 0, "1-3"),
        ("Book Two", (2,), 0, "2"),
        ("Vol. III", (3,), 0, "3"),
        ("2 of 5", (2,), 0, "2"),
        ("1, Part 1 of 2", (1,), 1, "1 part 1/2"),
        ("1 pt. 2/2", (1,), 2, "1 part 2/2"),
        ("1p1", (1,), 1, "1 part 1"),
        ("2-1", (2,), 1, "2 part 1"),
        ("2, Dramatized Adaptation", (2,), 0, "2"),
        ("Novella", (), 0, ""),
        ("prologue for 9", (), 0, ""),
        ("part of #9", (), 0, ""),
        ("1-99999", (), 0, ""),
        ("", (), 0, ""),
        (None, (), 0, ""),
    ],
)
def test_a_place_is_read_as_printed(printed, numbers, part, common):
    place = parse(printed)

    assert (place.numbers, place.part, place.printed) == (numbers, part, common)


def test_only_a_whole_volume_has_a_single_number():
    assert [parse(text).single for text in ("3", "1-3", "3 part 1", "")] == [3, None, None, None]


def test_words_instead_of_a_number_are_told_from_no_place():
    assert parse("reference").wordy
    assert not parse("").wordy


@given(st.text())
def test_any_text_is_read_without_raising(text):
    assert parse(text).text == text.strip()
