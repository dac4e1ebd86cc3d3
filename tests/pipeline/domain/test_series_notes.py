"""A name tells its place in a series in many ways, and some only look like it."""

import pytest

from pipeline.domain.series_notes import bare_number, part_number, read_note, read_notes


@pytest.mark.parametrize(
    ("piece", "name", "place"),
    [
        ("Harbour Lights, #3", "Harbour Lights", "3"),
        ("Harbour Lights #3, Part 1 of 2", "Harbour Lights", "3 part 1/2"),
        ("Harbour Lights, Book Three", "Harbour Lights", "3"),
        ("Book Three of Harbour Lights", "Harbour Lights", "3"),
        ("The Iron Saga, Part 2", "The Iron Saga", "2"),
        ("Harbour Lights, Novella 2", "Harbour Lights", "2"),
        ("Harbour Lights Series", "Harbour Lights Series", ""),
        ("Volume 2", "", "2"),
    ],
)
def test_a_place_is_told(piece, name, place):
    note = read_note(piece)

    assert (note.name, note.position.printed) == (name, place)


@pytest.mark.parametrize(
    "piece", ["Tell No One", "The Salt Road", "Part Time", "#3 Marsh: Low Water"]
)
def test_what_only_looks_like_one_is_none(piece):
    assert read_note(piece) is None


def test_several_places_stand_in_one_bracket():
    notes = read_notes("Harbour, #3; Universe, #10")

    assert [(note.name, note.position.printed) for note in notes] == [
        ("Harbour", "3"),
        ("Universe", "10"),
    ]


def test_a_bare_number_is_a_volume_but_no_king():
    assert bare_number("Discworld 08").position.printed == "8"
    assert bare_number("Henry V") is None
    assert bare_number("Chapter 4") is None


def test_no_part_is_part_nought():
    assert part_number(None) == 0
