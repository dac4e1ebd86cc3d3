"""A person is told from a title by initials, given names and what no name holds."""

import pytest

from pipeline.domain.likeness import SURE, authorship, likeness, pen_name


@pytest.mark.parametrize(
    "text",
    [
        "Ada Marlow",
        "A. B. Quench",
        "A G Quench",
        "Jean-Paul Quench",
        "Neil deGrasse Quench",
        "Quench, Ada",
    ],
)
def test_a_person_is_sure_by_a_given_name_or_initials(text):
    assert authorship(text) >= SURE


@pytest.mark.parametrize(
    "text",
    ["Winter's End", "Lamps & Lanterns", "The Salt Road", "Catch 31", "Who Goes There?", "Mr Hale"],
)
def test_a_title_is_never_sure(text):
    assert authorship(text) < SURE


def test_a_pen_name_may_stand_among_persons():
    assert authorship("Shirtaloon, Ada Marlow") >= SURE
    assert authorship("Salt & Iron") < SURE


@pytest.mark.parametrize("name", ["TheFirstReader", "nobody103", "pirateada"])
def test_a_pen_name_of_the_web_is_known_by_its_spelling(name):
    assert pen_name(name)


@pytest.mark.parametrize("name", ["Marlow", "The Salt Road", "1984", "II"])
def test_a_word_is_no_pen_name(name):
    assert not pen_name(name)


def test_nobody_is_named_by_nothing():
    assert likeness("") == 0


@pytest.mark.parametrize("text", ["Tourist Season", "Quantum Dragons", "Sometimes I Lie", "Night"])
def test_a_word_of_titles_is_in_no_name(text):
    assert authorship(text) == 0


def test_a_given_name_before_such_a_word_is_doubtful():
    assert 0 < authorship("Ada Dragon") < SURE


def test_two_single_words_are_no_two_authors():
    assert authorship("Marsh & Harrow") < 1
