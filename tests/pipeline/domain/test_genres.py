"""A genre is told from the name of a series, which no list of words can hold."""

import pytest

from pipeline.domain.genres import GENRE, is_generic, is_genre, is_subtitle, only_genre


@pytest.mark.parametrize(
    "told", ["A Novel", "A LitRPG Adventure", "An Isekai Harem Fantasy", "A LootRPG Series"]
)
def test_a_genre_behind_a_dash_is_a_subtitle(told):
    assert is_subtitle(told)


@pytest.mark.parametrize("told", ["Ghost Story", "A Court of Salt and Sand", "The Salt Road", ""])
def test_a_title_behind_a_dash_is_none(told):
    assert not is_subtitle(told)


def test_what_only_describes_names_no_series():
    assert is_generic("Small-Town Cozy")
    assert is_generic("Dark Fantasy LitRPG")
    assert not is_generic("Harbour Lights")


def test_a_long_text_is_told_in_no_time():
    assert GENRE.match("a " + "very " * 5000 + "long tale of") is None


@pytest.mark.parametrize("told", ["A Cozy Mystery", "Epic Fantasy Romance", "The Novel"])
def test_a_genre_is_one(told):
    assert is_genre(told)


@pytest.mark.parametrize("told", ["Ghost Story", "Cultivation", "Problematic Summer Romance"])
def test_a_title_that_ends_like_a_genre_is_none(told):
    assert not is_genre(told)


def test_a_person_called_like_a_genre_is_a_person():
    assert not only_genre("Joshua Story")
    assert only_genre("A Fantasy LitRPG Series")
