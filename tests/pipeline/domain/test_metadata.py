import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.metadata import (
    FIELDS,
    Change,
    changed,
    completeness,
    from_json,
    is_empty,
    same,
    still_valid,
    to_json,
    value,
    values_from_json,
)
from pipeline.domain.models import Metadata, SeriesPlace
from tests.support.books import metadata, values

FULL = Metadata(
    title="The Final Empire",
    authors=("Brandon Sanderson",),
    narrators=("Michael Kramer",),
    publisher="Macmillan Audio",
    published_year="2006",
    description="<p>Ash falls.</p>",
    genres=("Fantasy",),
    language="en",
    isbn="9780765311788",
)


def test_the_fields_are_those_of_the_model():
    assert tuple(field.name for field in fields(Metadata)) == FIELDS


@given(metadata)
def test_metadata_survives_json_byte_for_byte(book):
    assert from_json(json.loads(json.dumps(to_json(book)))) == book


@given(st.sampled_from(FIELDS).flatmap(lambda f: st.tuples(st.just(f), values(f), values(f))))
def test_a_change_survives_json_byte_for_byte(told):
    change = Change(*told, "Goodreads")

    assert Change.from_json(json.loads(json.dumps(change.to_json()))) == change


def test_a_change_of_an_unknown_field_is_refused():
    with pytest.raises(KeyError):
        Change.from_json({"field": "colour", "old": None, "new": "red", "source": "Goodreads"})


def test_fields_that_are_not_told_are_unknown():
    assert from_json({}) == Metadata()
    assert values_from_json({"isbn": None, "colour": "red"}) == {"isbn": None}


def test_null_is_the_empty_list_where_a_field_is_a_list():
    assert from_json({"authors": None, "series": None}) == Metadata()


@pytest.mark.parametrize("nothing", [None, "", " \n", (), ("", " "), (SeriesPlace(" "),)])
def test_blank_values_are_empty(nothing):
    assert is_empty(nothing)


@pytest.mark.parametrize("something", ["x", ("", "x"), (SeriesPlace("x"),)])
def test_values_that_say_something_are_not_empty(something):
    assert not is_empty(something)


@given(metadata, st.lists(st.sampled_from(FIELDS).flatmap(
    lambda f: st.builds(Change, st.just(f), values(f), values(f), st.just("Goodreads"))
)))  # fmt: skip
def test_changes_set_their_fields_and_no_others(book, changes):
    after = changed(book, changes)

    last = {change.field: change.new for change in changes}
    assert all(value(after, f) == last.get(f, value(book, f)) for f in FIELDS)


def test_an_approved_change_holds_only_while_its_old_value_stands():
    title = Change("title", "Final Empire", "The Final Empire", "GoogleBooks")
    year = Change("published_year", None, "2006", "GoogleBooks")

    fresh, stale = still_valid(Metadata(title="My Title"), [title, year])

    assert fresh == (year,)
    assert stale == (title,)


def test_a_whole_book_without_series_and_subtitle_is_complete():
    assert completeness(FULL) == 100.0


def test_a_book_of_which_nothing_is_known_has_no_percent():
    assert completeness(Metadata()) == 0.0


def test_isbn_and_asin_together_count_as_much_as_one():
    asin_only = Metadata(asin="B002V1OF70")
    both = Metadata(asin="B002V1OF70", isbn="9780765311788")

    assert completeness(asin_only) == completeness(both) == 8.0


@given(metadata, st.sampled_from(FIELDS).flatmap(
    lambda f: st.tuples(st.just(f), values(f).filter(lambda v: not is_empty(v)))
))  # fmt: skip
def test_filling_a_field_never_makes_a_book_less_complete(book, filled):
    field, new = filled
    after = changed(book, [Change(field, value(book, field), new, "Goodreads")])

    assert 0.0 <= completeness(book) <= completeness(after) <= 100.0


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ("Dune", " Dune  "),
        (None, ""),
        ("AT&amp;T", "AT&T"),
        ("One two", "<p>One</p>\n<p>two</p>"),
        (("Pratchett", "Gaiman"), ("gaiman", "Pratchett ")),
        ((SeriesPlace("Dune", "1"),), (SeriesPlace("dune ", "1"),)),
        ("e\u0301", "\u00e9"),
    ],
)
def test_what_audiobookshelf_makes_of_a_value_is_the_same_value(shown, asked):
    assert same(shown, asked)


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ("Dune", "Dune Messiah"),
        (("A", "B"), ("A",)),
        ((SeriesPlace("Dune", None),), (SeriesPlace("Dune", "1"),)),
        ("x < 3", "x < 4"),
        ((), ("A",)),
    ],
)
def test_a_write_that_was_not_taken_is_seen(shown, asked):
    assert not same(shown, asked)
