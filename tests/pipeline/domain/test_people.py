"""A person is known by any writing of the name, and by no other name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.people import (
    MAYBE,
    OTHER,
    SAME,
    agree,
    listed,
    people,
    person,
    same_person,
    split,
)


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("Ada Marlow", ("Ada Marlow",)),
        ("Marlow, Ada", ("Ada Marlow",)),
        ("Marlow, A. J.", ("A. J. Marlow",)),
        ("Marlow, J. R.", ("J. R. Marlow",)),
        ("Le Roy, Ada M.", ("Ada M. Le Roy",)),
        ("Kolk, Bessel van der", ("Bessel van der Kolk",)),
        ("Card, Orson Scott", ("Orson Scott Card",)),
        ("Quillon, Ada Marlow", ("Quillon", "Ada Marlow")),
        ("Ada Marlow, Tobias Lind", ("Ada Marlow", "Tobias Lind")),
        ("Ada Marlow & Tobias Lind", ("Ada Marlow", "Tobias Lind")),
        ("Ada Marlow; Tobias Lind and Rosa Dalton", ("Ada Marlow", "Tobias Lind", "Rosa Dalton")),
        ("Ada Marlow, Tobias Lind, and 11 more", ("Ada Marlow", "Tobias Lind")),
        ("Thomas Reed, Jr.", ("Thomas Reed, Jr.",)),
        ("Homer, Ian Johns - translator", ("Homer",)),
        ("Rosa Dalton (Narrator), Ada Marlow", ("Ada Marlow",)),
        ("", ()),
    ],
)
def test_a_list_of_people_is_read_as_printed(printed, names):
    assert split(printed) == names


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        ("Homer, Virgil", ("Homer", "Virgil")),
        ("Simon & Schuster", ("Simon & Schuster",)),
        ("Ada Marlow & Tobias Lind", ("Ada Marlow", "Tobias Lind")),
        ("Thomas Reed, Jr., Ada Marlow", ("Thomas Reed, Jr.", "Ada Marlow")),
        ("Ada Marlow (Editor), and 17 more", ("Ada Marlow",)),
        ("", ()),
    ],
)
def test_in_an_indexer_s_list_a_comma_parts_persons(printed, names):
    assert listed(printed) == names


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("J.R.R. Marlow", "JRR Marlow"),
        ("J. R. R. Marlow", "John Ronald Marlow"),
        ("JRMarlow", "J.R. Marlow"),
        ("Thomas E. Reed", "Thomas Reed"),
        ("Sir Thomas Reed", "Reed, Thomas"),
        ("Conan Reed", "Arthur Conan Reed"),
        ("Jo Nesb\u00f8k", "Jo Nesbok"),
        ("Fyodor Malinovsky", "Fyodor Malinovskiy"),
        ("Wang Xiaoming", "Xiaoming Wang"),
        ("Ada Marlow, Some Reader", "Ada Marlow"),
    ],
)
def test_one_person_is_known_by_either_writing(one, two):
    assert agree(people(one), people(two)) == SAME


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("James Hollow", "Jane Hollow"),
        ("James Hollow", "James Holder"),
        ("Ada Marlow", "Thomas Reed"),
        ("Ann Lee", "Ann Leo"),
    ],
)
def test_two_persons_are_kept_apart(one, two):
    assert agree(people(one), people(two)) == OTHER


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Marlow", "Ada Marlow"),
        ("\u041c\u0438\u0445\u0430\u0438\u043b \u041e\u0440\u043b\u043e\u0432", "Mike Orlov"),
    ],
)
def test_what_only_resembles_is_never_enough(one, two):
    assert agree(people(one), people(two)) == MAYBE


@pytest.mark.parametrize("name", ["Various", "V.A.", "Unknown", "Full Cast", ""])
def test_nobody_is_nobody(name):
    assert people(name) == ()


@given(st.text(), st.text())
def test_agreement_has_no_direction_and_never_raises(one, two):
    first, second = person(one), person(two)

    if first and second:
        assert same_person(first, second) == same_person(second, first)
