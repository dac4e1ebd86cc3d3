"""Every reader over the real pages that were saved; how much of each field they yield."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.clients.goodreads import (
    challenge,
    read_author,
    read_author_list,
    read_book,
    read_editions,
    read_flight_search,
    read_list,
    read_search,
    read_series,
)
from pipeline.clients.goodreads.book import read_state
from pipeline.errors import UnexpectedAnswer
from tests.support.shared import shared


def saved(kind: str) -> list[tuple[Path, str]]:
    found = sorted(shared("facts", "goodreads", kind).glob("*.html"))
    return [(path, path.read_text(encoding="utf-8", errors="replace")) for path in found]


@pytest.fixture
def figures(figure: Callable) -> Callable:
    """Count the records that hold each field, and show the counts."""

    def count(kind: str, records: list, **fields: Callable) -> dict[str, int]:
        counts = {name: sum(bool(has(r)) for r in records) for name, has in fields.items()}
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        figure(f"Goodreads, {kind}: {len(records)} records: {told}")
        return counts

    return count


def test_every_saved_book_is_read(figures):
    books = []
    for _, text in saved("book"):
        if "__NEXT_DATA__" not in text:
            with pytest.raises(UnexpectedAnswer, match="layout has changed"):
                read_book(text)
            continue
        books.append(read_book(text))
    counts = figures(
        "book",
        books,
        id=lambda b: b.work.goodreads_book,
        work=lambda b: b.work.goodreads_work,
        title=lambda b: b.work.title,
        title_complete=lambda b: b.title_complete,
        authors=lambda b: b.work.authors,
        format=lambda b: b.format,
        pages=lambda b: b.pages,
        publisher=lambda b: b.metadata.publisher,
        language=lambda b: b.work.language,
        edition_date=lambda b: b.edition_published,
        rated=lambda b: b.work.ratings,
        cover=lambda b: b.cover,
        description=lambda b: b.metadata.description,
        genres=lambda b: b.metadata.genres,
        isbn=lambda b: b.work.isbns,
        series=lambda b: b.work.series,
    )

    assert len(books) >= 11
    sometimes = {"description", "genres", "isbn", "series"}
    assert {name for name in counts if counts[name] < len(books)} <= sometimes
    assert counts["description"] >= len(books) - 1
    assert counts["genres"] >= len(books) - 1
    assert all(len(b.series_ids) == len(b.work.series) for b in books)
    assert counts["isbn"] >= len(books) // 2


def test_every_saved_series_is_read(figures):
    listed = [read_series(text) for _, text in saved("series")]
    works = [work for page in listed for work in page.works]
    counts = figures(
        "series",
        works,
        id=lambda w: w.goodreads_book,
        work=lambda w: w.goodreads_work,
        title=lambda w: w.title,
        author=lambda w: w.authors,
        position=lambda w: w.series[0].sequence,
        year=lambda w: w.published,
        rated=lambda w: w.ratings,
    )

    assert len(listed) >= 4
    assert all(page.printed_primary and page.printed_total and page.listed for page in listed)
    assert all(len(page.works) == min(page.per_page, page.listed) for page in listed)
    for name in ("id", "work", "title", "author"):
        assert counts[name] == len(works)
    assert counts["position"] >= len(works) - len(listed)
    assert counts["year"] >= 0.87 * len(works)
    assert not any(page.name.endswith("Series") for page in listed)


def test_every_saved_list_of_books_is_read(figures):
    found = {
        "author_list": [
            w for _, text in saved("author_list") for w in read_author_list(text).works
        ],
        "author_show": [w for _, text in saved("author_show") for w in read_author(text).works],
        "search": [w for _, text in saved("search") for w in read_search(text)],
        "list": [w for _, text in saved("list") for w in read_list(text).works],
    }
    for kind, works in found.items():
        counts = figures(
            kind,
            works,
            id=lambda w: w.goodreads_book,
            title=lambda w: w.title,
            authors=lambda w: w.authors,
            rated=lambda w: w.ratings,
            work=lambda w: w.goodreads_work,
            year=lambda w: w.published,
            series=lambda w: w.series,
        )
        for name in ("id", "title", "authors"):
            assert counts[name] == len(works), (kind, name)
        if kind == "search":
            assert counts["work"] == len(works)

    assert [len(found[kind]) for kind in ("author_list", "author_show", "search", "list")] >= [
        49,
        80,
        37,
        496,
    ]


def test_every_saved_authors_page_leads_to_their_books(figures):
    authors = [read_author(text) for _, text in saved("author_show")]
    counts = figures(
        "author show",
        authors,
        name=lambda a: a.name,
        list=lambda a: a.author_id,
        works=lambda a: len(a.works) == 10,
        genres=lambda a: a.genres,
        born=lambda a: a.born,
        image=lambda a: a.image,
    )

    assert counts["name"] == counts["list"] == counts["works"] == counts["image"] == len(authors)


def test_every_saved_page_of_editions_is_read(figures):
    listed = [read_editions(text) for _, text in saved("editions")]
    editions = [edition for page in listed for edition in page.editions]
    counts = figures(
        "editions",
        editions,
        id=lambda e: e.book_id,
        title=lambda e: e.title,
        format=lambda e: e.format,
        published=lambda e: e.published,
        publisher=lambda e: e.publisher,
        authors=lambda e: e.authors,
        language=lambda e: e.language,
        asin=lambda e: e.asin,
        isbn=lambda e: e.isbn,
        audio=lambda e: e.is_audio,
        narrators=lambda e: e.narrators,
    )

    assert len(editions) >= 62
    assert all(page.listed >= len(page.editions) for page in listed)
    for name in ("id", "title"):
        assert counts[name] == len(editions), name
    assert counts["format"] >= len(editions) - 1
    assert counts["authors"] >= len(editions) - 1
    assert counts["published"] >= len(editions) - 2
    assert counts["language"] >= 0.95 * len(editions)


def test_the_newer_search_is_read_through_its_pointers_and_text_rows(figures):
    books = [book for _, text in saved("search_rsc") for book in read_flight_search(text)]
    counts = figures(
        "search, newer",
        books,
        id=lambda b: b.goodreads_book,
        work=lambda b: b.goodreads_work,
        title=lambda b: b.title,
        authors=lambda b: b.authors,
        series=lambda b: b.series,
        rated=lambda b: b.ratings,
    )

    assert len(books) == 3
    assert set(counts.values()) == {3}


def test_the_state_of_a_book_is_read_wherever_it_was_saved():
    import json  # noqa: PLC0415  # only this page is bare JSON

    for path in shared("facts", "goodreads", "json").glob("*next_data*.json"):
        page = read_state(json.loads(path.read_text()))

        assert page.work.title
        assert page.work.goodreads_work


def test_challenges_are_told_from_all_other_pages(figure):
    walls = saved("waf")
    kinds = ("author_list", "author_show", "book", "editions", "list", "search", "series")
    content = [(path, text) for kind in kinds for path, text in saved(kind)]

    caught = [path.name for path, text in walls if challenge(200, {}, text)]
    false_alarms = [path.name for path, text in content if challenge(200, {}, text)]
    figure(
        f"Goodreads, challenges: {len(caught)} of {len(walls)} caught,"
        f" {len(false_alarms)} false alarms on {len(content)} pages"
    )

    assert len(caught) == len(walls)
    assert false_alarms == []
