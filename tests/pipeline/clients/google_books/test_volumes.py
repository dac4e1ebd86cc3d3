import json
from collections import Counter

import pytest

from pipeline.clients.google_books import metadata_of, read_volumes, work_of
from pipeline.clients.google_books.volumes import printed_date
from pipeline.domain.models import SeriesPlace
from pipeline.errors import UnexpectedAnswer
from pipeline.sandbox.catalogue import title_of
from pipeline.sandbox.google_books import as_listed, volumes_of
from tests.support.shared import shared


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("1887-10-05", "1887-10-05"),
        ("1887-10", "1887-10"),
        ("1887", "1887"),
        ("2018-05-09T00:00:00+01:00", "2018-05-09"),
        ("2018-05-09T00:00:00Z", "2018-05-09"),
        ("1887-13", "1887"),
        ("1887*", "1887"),
        ("19??", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_as_exact_as_it_is_printed(printed, read):
    assert printed_date(printed) == read


def volume(**info):
    return {"id": "x", "volumeInfo": {"title": "She", **info}}


def test_a_volume_is_read_with_its_identifiers_and_without_other_peoples():
    identifiers = [
        {"type": "OTHER", "identifier": "STANFORD:36105"},
        {"type": "ISBN_10", "identifier": "0306406152"},
        {"type": "ISBN_13", "identifier": "9780306406157"},
    ]

    work = work_of(volume(industryIdentifiers=identifiers, language="pt-BR", authors=["A. B."]))

    assert work.isbns == ("9780306406157",)
    assert work.language == "pt"
    assert work.google_id == "x"


def test_a_series_is_read_from_the_title_and_leaves_it():
    told = metadata_of(volume(title="The Chessmen of Mars (Barsoom, Book 5)"))

    assert told.title == "The Chessmen of Mars"
    assert told.series == (SeriesPlace("Barsoom", "5"),)


def test_a_year_in_brackets_stays_in_the_title():
    assert metadata_of(volume(title="Frankenstein (1818)")).title == "Frankenstein (1818)"


def test_categories_become_genres_and_html_stays_html():
    told = metadata_of(volume(categories=["Fiction / Fantasy / Epic"], description="<p>One</p>"))

    assert told.genres == ("Fiction", "Fantasy", "Epic")
    assert told.description == "<p>One</p>"


def test_narrators_and_asin_are_unknown_to_google():
    told = metadata_of(next(volumes_of(title_of("She and Allan"))))

    assert told.narrators == ()
    assert told.asin is None
    assert told.isbn == title_of("She and Allan").isbn


def test_nothing_found_has_no_items_at_all():
    assert read_volumes({"kind": "books#volumes", "totalItems": 0}) == ()


@pytest.mark.parametrize("answer", [[], {}, {"items": [{}]}, {"items": "x"}, "x"])
def test_what_is_no_list_of_volumes_is_not_nothing(answer):
    with pytest.raises(UnexpectedAnswer):
        read_volumes(answer)


def test_a_list_tells_less_than_the_volume():
    full = next(volumes_of(title_of("She and Allan")))

    assert metadata_of(as_listed(full)).genres == ("Fiction",)
    assert "Fantasy" in metadata_of(full).genres


def test_every_saved_answer_is_read_with_what_it_holds(figure):
    found, volumes = Counter(), 0
    for path in sorted(shared("facts", "google_books").glob("*.json")):
        if path.name == "discovery.json":
            continue
        answer = json.loads(path.read_text())
        listed = "items" in answer or "totalItems" in answer
        for each in read_volumes(answer if listed else {"items": [answer]}):
            info, work, told = each["volumeInfo"], work_of(each), metadata_of(each)
            volumes += 1
            found.update(name for name in told.__slots__ if getattr(told, name))
            kinds = {i["type"] for i in info.get("industryIdentifiers", [])}
            assert bool(work.isbns) == bool(kinds & {"ISBN_13", "ISBN_10"})
            assert bool(work.published) == ("publishedDate" in info)
            assert bool(work.language) == ("language" in info)
            assert len(told.authors) <= len(info.get("authors", []))
    figure(f"Google Books: {volumes} volumes: {dict(found)}")

    assert volumes >= 88
    assert found["title"] == volumes
    assert found["authors"] >= 87
    assert found["description"] >= 79
