"""A printed title comes apart into title, subtitle, series, part and kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.title_parts import take_apart


@pytest.mark.parametrize(
    ("printed", "main", "subtitle", "series"),
    [
        ("The Salt Road", "The Salt Road", "", []),
        ("The Salt Road: A Novel", "The Salt Road", "", []),
        ("The Salt Road: A Desert Crossing", "The Salt Road", "A Desert Crossing", []),
        ("The Salt Road (Harbour Lights, #3)", "The Salt Road", "", [("Harbour Lights", "3")]),
        ("The Salt Road: Harbour Lights, Book 3", "The Salt Road", "", [("Harbour Lights", "3")]),
        ("The Salt Road: Book Three of Harbour", "The Salt Road", "", [("Harbour", "3")]),
        ("Salt (A, #8; B Universe, #10)", "Salt", "", [("A", "8"), ("B Universe", "10")]),
        ("Harbour Lights III: The Salt Road", "The Salt Road", "", [("Harbour Lights", "3")]),
        ("Harbour: Lights 1: First Light", "First Light", "", [("Harbour: Lights", "1")]),
        ("Harbour Lights: Salt (Harbour Lights, #1)", "Salt", "", [("Harbour Lights", "1")]),
        ("Ember Crown 4: A LitRPG Adventure", "Ember Crown 4", "", [("Ember Crown", "4")]),
        ("Ember Crown: Book 4", "Ember Crown 4", "", [("Ember Crown", "4")]),
        ("Salt Road, Harbour Book 3", "Salt Road", "", [("Harbour", "3")]),
        ("Apollo 113: The Fall", "Apollo 113", "The Fall", []),
        ("10:04", "10:04", "", []),
    ],
)
def test_a_title_comes_apart(printed, main, subtitle, series):
    parts = take_apart(printed)

    assert (parts.main, parts.subtitle) == (main, subtitle)
    assert [(note.name, note.position.printed) for note in parts.series] == series


@pytest.mark.parametrize(
    ("printed", "part"),
    [
        ("Salt, Part 2", 2),
        ("Salt (1 of 5)", 1),
        ("Salt, Act II", 2),
        ("Parting Ways", 0),
        ("Part 1", 0),
    ],
)
def test_a_part_of_a_volume_is_told(printed, part):
    assert take_apart(printed).part == part


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("Harbour Lights Boxed Set", "omnibus"),
        ("Harbour Lights: Books 1-3", "omnibus"),
        ("Summary of The Salt Road", "summary"),
        ("The Salt Road: The Graphic Novel", "comic"),
        ("The Complete Robot", ""),
        ("The Salt Road", ""),
    ],
)
def test_what_is_no_book_of_its_own_is_told(printed, kind):
    assert take_apart(printed).kind == kind


@given(st.text(), st.text())
def test_any_text_comes_apart_without_raising(title, subtitle):
    parts = take_apart(title, subtitle)

    assert parts.main or not title.strip()
