import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.clients.audiobookshelf import payloads
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import BadInput


def sent(change):
    return payloads.element("x", payloads.cleaned(change))["mediaPayload"]["metadata"]


def test_authors_are_objects_trimmed_and_never_twice_the_same():
    names = ["Dup A", " dup a ", "", "DUP\u00a0A", "Stanisław Lem", "José", "Jose"]

    assert sent({"authors": names}) == {
        "authors": [{"name": "Dup A"}, {"name": "Stanisław Lem"}, {"name": "José"}]
    }


def test_a_sequence_is_text_and_a_missing_one_is_left_out():
    series = [SeriesPlace(" Mistborn ", "2.5"), SeriesPlace("Cosmere"), SeriesPlace("COSMERE", "1")]

    assert sent({"series": series}) == {
        "series": [{"name": "Mistborn", "sequence": "2.5"}, {"name": "Cosmere"}]
    }


def test_a_sequence_that_came_as_a_number_is_sent_as_text():
    assert sent({"series": [SeriesPlace("Mistborn", 3)]}) == {
        "series": [{"name": "Mistborn", "sequence": "3"}]
    }


def test_only_the_fields_that_are_named_are_sent_under_the_servers_names():
    change = {"published_year": 1965, "isbn": "", "genres": ["A", "A", "a"]}

    assert sent(change) == {"publishedYear": "1965", "genres": ["A", "a"], "isbn": None}


def test_what_cannot_be_sent_is_dropped():
    assert sent({"title": "A\x00B\ud800C", "description": "one\ntwo"}) == {
        "title": "A B C",
        "description": "one\ntwo",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"tags": ["x"]},
        {"authors": "A"},
        {"authors": [None]},
        {"authors": [{"name": "A"}]},
        {"series": [None]},
        {"series": ["A #1"]},
        {"series": "A"},
        {"title": ["A"]},
        {"title": True},
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(change):
    with pytest.raises(BadInput, match="audiobookshelf: update"):
        payloads.cleaned(change)


@pytest.mark.parametrize(
    ("field", "wanted", "shown"),
    [
        ("authors", ["B", "a"], ("A", "B")),
        ("series", [SeriesPlace("b", "1"), SeriesPlace("A")], "A;B #1"),
        ("description", "<p>A &amp; B</p>", "<p>A & B</p><br>"),
        ("title", " A ", "A"),
        ("subtitle", "", None),
        ("genres", ["x"], ("x",)),
    ],
)
def test_a_value_that_the_server_shows_in_its_own_way_did_take(field, wanted, shown):
    if field == "series":
        shown = (SeriesPlace("A"), SeriesPlace("B", "1"))

    assert payloads.untaken(payloads.cleaned({field: wanted}), Metadata(**{field: shown})) == ()


@pytest.mark.parametrize(
    ("field", "wanted", "shown"),
    [
        ("authors", ["A"], ("A", "B")),
        ("series", [SeriesPlace("A", "1")], (SeriesPlace("A"),)),
        ("series", [SeriesPlace("A", "1")], (SeriesPlace(" A ", "1"),)),
        ("description", "one", "two"),
        ("title", "a", "A"),
        ("genres", ["x", "y"], ("y", "x")),
    ],
)
def test_a_value_that_is_another_did_not_take(field, wanted, shown):
    change = payloads.cleaned({field: wanted})

    assert payloads.untaken(change, Metadata(**{field: shown})) == (field,)


@given(st.lists(st.one_of(st.text(max_size=8), st.text("aAäÄ \ufeff\n", max_size=2)), max_size=6))
def test_no_two_authors_ever_share_their_name_in_small_letters(names):
    listed = [each["name"] for each in sent({"authors": names})["authors"]]

    assert len({name.strip().lower() for name in listed}) == len(listed)
    assert all(name.strip() == name != "" for name in listed)
    assert all(name.encode() for name in listed)
    assert payloads.cleaned({"authors": listed})["authors"] == tuple(listed)
