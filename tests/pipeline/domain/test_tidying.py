import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.metadata import FIELDS, is_empty, value
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.domain.tidying import agree, description, genres, people, plain, tidy, tidy_value
from tests.support.books import metadata, values

MESSY = st.text(
    st.sampled_from("aB c<>&;/\"'p=#()[]-,.|\n\t\u202e\u00e9e\u0301 0123") | st.characters(),
    max_size=60,
)


PRINTED = st.lists(
    st.sampled_from(
        [
            " - translator",
            " (Author)",
            "[Narrator]",
            "by ",
            ", Jr.",
            ", ",
            " A",
            "B ",
            "#",
            "book 2",
        ]
    ),
    max_size=6,
).map("".join)


@given(metadata)
def test_tidying_twice_changes_nothing_more(book):
    assert tidy(tidy(book)) == tidy(book)


@given(MESSY)
def test_a_tidy_description_stays_as_it_is(text):
    clean = description(text)

    assert clean is None or description(clean) == clean


@given(st.lists(MESSY | PRINTED, max_size=4), st.booleans())
def test_tidy_names_stay_as_they_are(names, writers_only):
    clean = people(names, writers_only=writers_only)

    assert people(clean, writers_only=writers_only) == clean


@given(PRINTED, PRINTED)
def test_a_tidy_place_in_a_series_stays_as_it_is(name, sequence):
    clean = tidy_value("series", (SeriesPlace(name, sequence),))

    assert tidy_value("series", clean) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Plain text.", "Plain text."),
        ("<p>Ash <b>falls</b>.</p>", "<p>Ash <b>falls</b>.</p>"),
        ("<p onclick='x()'>Hi<script>alert(1)</script></p>", "<p>Hi</p>"),
        ('<a href="javascript:x()">y</a>', "<a>y</a>"),
        ('<a href="https://x.org/" style="a">y</a>', '<a href="https://x.org/">y</a>'),
        ("<h1>Big</h1><iframe src='//x'></iframe>", "Big"),
        ("One.\r\n\r\n\r\n\r\nTwo.  Three.", "One.\n\nTwo. Three."),
        ("Tom & Jerry", "Tom &amp; Jerry"),
        ("<p> &nbsp; </p>", None),
        ("", None),
    ],
)
def test_a_description_keeps_harmless_markup_only(text, clean):
    assert description(text) == clean


def test_a_description_without_end_is_cut():
    clean = description("<p>" + "word " * 10_000)

    assert clean is not None
    assert len(plain(clean)) <= 20_000
    assert clean.endswith("</p>")


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        (["Brandon Sanderson"], ("Brandon Sanderson",)),
        (["Tolkien, J.R.R."], ("J.R.R. Tolkien",)),
        (["Robin Hobb", "robin  hobb"], ("Robin Hobb",)),
        (["Dan Brown (Author)", "Paul Michael (Narrator)"], ("Dan Brown",)),
        (["Ovid", "A. D. Melville - translator"], ("Ovid",)),
        (["Ovid", "E. J. Kenney - introduction, notes"], ("Ovid",)),
        (["by Ursula K. Le Guin"], ("Ursula K. Le Guin",)),
        (["Martin Luther King, Jr."], ("Martin Luther King, Jr.",)),
        (["Charlaine Harris [Creator]"], ("Charlaine Harris",)),
        (["", " ", "(Narrator)"], ()),
    ],
)
def test_authors_are_names_without_roles(names, authors):
    assert people(names, writers_only=True) == authors


def test_a_narrator_is_a_narrator_whatever_role_is_printed():
    names = ["Tim Robbins (Narrator)", "Neil Gaiman (Author)", "read by Roy Dotrice"]

    assert people(names, writers_only=False) == ("Tim Robbins", "Neil Gaiman", "Roy Dotrice")


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (
            ["Fiction / Fantasy / Epic", "Fiction / Fantasy / General"],
            ("Fiction", "Fantasy", "Epic"),
        ),
        (["science fiction", "Science Fiction"], ("Science Fiction",)),
        (["YA", "FANTASY"], ("YA", "Fantasy")),
        (["Mystery|Thriller; Crime"], ("Mystery", "Thriller", "Crime")),
        (["Biography & Autobiography"], ("Biography & Autobiography",)),
        (["Audiobook", "General", ""], ()),
        ([f"Genre {n}" for n in range(20)], tuple(f"Genre {n}" for n in range(10))),
    ],
)
def test_genres_are_split_and_said_once(given_, expected):
    assert genres(given_) == expected


@pytest.mark.parametrize(
    ("field", "told", "expected"),
    [
        ("title", "  The\u200b  Way\tof Kings \u202e", "The Way of Kings"),
        ("title", "Cafe\u0301", "Caf\u00e9"),
        ("title", " ", None),
        ("isbn", "0-441-01359-7", "9780441013593"),
        ("isbn", "ISBN 978 0 441 01359 3", "9780441013593"),
        ("isbn", "080442957X", "9780804429573"),
        ("isbn", "9780441013594", None),
        ("isbn", "STANFORD:36105", None),
        ("asin", "b002v1of70", "B002V1OF70"),
        ("asin", "0441013597", None),
        ("asin", "B00", None),
        ("published_year", "2018-05-09T00:00:00+01:00", "2018"),
        ("published_year", "c1965", "1965"),
        ("published_year", "12345", None),
        ("language", "English", "en"),
        ("language", "klingonish", None),
        ("publisher", "Tor\nBooks", "Tor Books"),
        ("series", (SeriesPlace(" Dune ", "#2"),), (SeriesPlace("Dune", "2"),)),
        ("series", (SeriesPlace("Dune", "Book 1.5"),), (SeriesPlace("Dune", "1.5"),)),
        (
            "series",
            (SeriesPlace("Dune"), SeriesPlace("DUNE", "1-3"), SeriesPlace("")),
            (SeriesPlace("Dune", "1-3"),),
        ),
    ],
)
def test_each_field_has_one_form(field, told, expected):
    assert tidy_value(field, told) == expected


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("language", "English", "en"),
        ("isbn", "0-441-01359-7", "9780441013593"),
        ("title", "DUNE", "Dune"),
        ("authors", ("Gaiman, Neil", "Terry Pratchett"), ("Terry Pratchett", "Neil Gaiman")),
        ("description", "One. Two.", "<p>One.</p>\n<p>Two.</p>"),
        ("genres", ("Fantasy", "Epic"), ("epic", "fantasy")),
        ("subtitle", None, ""),
    ],
)
def test_values_that_mean_the_same_agree(field, one, other):
    assert agree(field, one, other)
    assert agree(field, other, one)


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("title", "Dune", "Dune Messiah"),
        ("isbn", "not an isbn", "9780441013593"),
        ("isbn", "not an isbn", None),
        ("series", (SeriesPlace("Dune", "1"),), (SeriesPlace("Dune", None),)),
        ("language", "en", None),
    ],
)
def test_values_that_mean_something_else_disagree(field, one, other):
    assert not agree(field, one, other)


@given(st.sampled_from(FIELDS).flatmap(lambda f: st.tuples(st.just(f), values(f))))
def test_a_value_agrees_with_its_tidy_form_wherever_it_has_one(told):
    field, known = told
    clean = tidy_value(field, known)

    assert is_empty(clean) or agree(field, known, clean)


def test_what_a_source_does_not_say_stays_unsaid():
    assert all(is_empty(value(tidy(Metadata()), field)) for field in FIELDS)
