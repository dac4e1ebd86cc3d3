"""Ask Goodreads for books, series and authors, slowly, through the pages that robots.txt allows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from pydantic import TypeAdapter

from pipeline.clients.goodreads.book import BookPage, read_book
from pipeline.clients.goodreads.door import Door, Kind
from pipeline.clients.goodreads.editions import Edition, EditionsPage, read_editions
from pipeline.clients.goodreads.narration import narration_of
from pipeline.clients.goodreads.rows import ListPage, read_author_list
from pipeline.clients.goodreads.series import SeriesPage, read_series
from pipeline.clients.goodreads.suggestions import Suggestion, read_suggestions
from pipeline.clients.goodreads.titles import split_title
from pipeline.domain.candidates import Candidate, ranked
from pipeline.domain.keys import series_key
from pipeline.domain.models import Field, Metadata, Work
from pipeline.domain.people import OTHER, SAME, agree, people
from pipeline.domain.positions import parse
from pipeline.domain.sources import (
    AuthorListing,
    BookQuery,
    Judge,
    SeriesListing,
    SourceAnswer,
    SourceName,
)
from pipeline.domain.title_parts import take_apart
from pipeline.errors import UnexpectedAnswer
from pipeline.remote import Remote

BOOK = Kind("book", read_book, TypeAdapter(BookPage), timedelta(days=30))
SERIES = Kind("series", read_series, TypeAdapter(SeriesPage), timedelta(days=7))
AUTHOR = Kind("author", read_author_list, TypeAdapter(ListPage), timedelta(days=7))
EDITIONS = Kind("editions", read_editions, TypeAdapter(EditionsPage), timedelta(days=30))
SUGGESTIONS = Kind(
    "suggestions", read_suggestions, TypeAdapter(tuple[Suggestion, ...]), timedelta(days=7)
)
MOST_PAGES_OF_A_SERIES = 10  # of 100 works
MOST_PAGES_OF_AN_AUTHOR = 5  # of 100 books
MOST_LOOKS = 2  # book pages opened for one book
MOST_KNOWN = 3  # owned books over which a series is looked for
MOST_BRANCHES = 2  # suggestions followed for each of them
_AUDIO_FIELDS: frozenset[Field] = frozenset({"narrators", "asin"})


class Goodreads:
    """Goodreads as a visitor without an account sees it.

    It may be switched off (*enabled*); it answers one request at a time. Its search page and all
    that robots.txt disallows is left alone: the suggestions of the search box lead to the books.
    """

    name: SourceName = "Goodreads"

    def __init__(self, remote: Remote, *, enabled: bool = True, jitter: float = 1.0) -> None:
        self._door = Door(remote, enabled=enabled, jitter=jitter)

    async def suggestions(self, words: str) -> tuple[Suggestion, ...]:
        """Return at most 20 books for a title, a title with author, an ISBN or an ASIN."""
        path = "book/auto_complete"
        return await self._door.page(SUGGESTIONS, path, format="json", q=words) or ()

    async def book(self, book_id: str) -> BookPage | None:
        """Return the page of an edition; None when there is none of that id."""
        return await self._door.page(BOOK, f"book/show/{_number(book_id)}")

    async def audio_editions(self, work_id: str) -> tuple[Edition, ...]:
        """Return the work's editions on Audible, at most 100."""
        page = await self._door.page(
            EDITIONS,
            f"work/editions/{_number(work_id)}",
            expanded="true",
            filter_by_format="Audible Audio",
            per_page=100,
        )
        return page.editions if page else ()

    async def series(self, series_id: str) -> SeriesListing:
        """Return the whole list of a series; raises UnexpectedAnswer when there is none."""
        pages: list[SeriesPage] = []
        for number in range(1, MOST_PAGES_OF_A_SERIES + 1):
            page = await self._door.page(SERIES, f"series/{_number(series_id)}", page=number)
            if page is None:
                break
            pages.append(page)
            if page.is_last:
                break
        if not pages:
            raise UnexpectedAnswer(f"Goodreads: /series/{series_id}: there is no such series")
        return listing(series_id, pages)

    async def find_series(
        self, name: str, author: str | None, known: Sequence[str]
    ) -> SeriesListing | None:
        """Return the series of that name, found over books that belong to it, or None.

        *known* are titles of it, best ones first; the first three are tried, and the series' own
        name when they do not lead there. The names must agree, since a book may be in several
        series; the listing may bear another name when the book's title names it otherwise.
        """
        for title in (*known[:MOST_KNOWN], name):
            series_id = await self._series_of(title, name, author)
            if series_id:
                return await self.series(series_id)
        return None

    async def author(
        self, author_id: str, *, most_pages: int = MOST_PAGES_OF_AN_AUTHOR
    ) -> AuthorListing | None:
        """Return the author's books, most popular first; None when there is no such author."""
        works: dict[str | None, Work] = {}
        path, name, complete = f"author/list/{_number(author_id)}", "", False
        for number in range(1, most_pages + 1):
            page = await self._door.page(AUTHOR, path, page=number, per_page=100, sort="popularity")
            if page is None:
                break
            name = page.heading
            works |= {work.goodreads_work or work.goodreads_book: work for work in page.works}
            if not page.has_next:
                complete = True
                break
        if not name:
            return None
        return AuthorListing("Goodreads", name, tuple(works.values()), author_id, complete)

    async def find_author(self, name: str, known: Sequence[str] = ()) -> str | None:
        """Return the id of the author of that name, found over books of theirs, or None."""
        asked = people((name,))
        for title in (*known[:MOST_KNOWN], ""):
            for found in await self.suggestions(f"{title} {name}".strip()):
                if found.author_id and agree(asked, people(found.work.authors)) == SAME:
                    return found.author_id
        return None

    async def describe(self, query: BookQuery, judge: Judge) -> SourceAnswer | None:
        """Return what Goodreads knows of the book, or None when none of its books is it.

        Narrators and Audible's ASIN cost a page of their own, opened when they are wanted. Raises
        NotConfigured, ServiceBlocked, EmptyPage, ServiceDown, NotNow, UnexpectedAnswer.
        """
        doubtful: SourceAnswer | None = None
        looks = MOST_LOOKS
        for words in questions(query):
            rows = await self.suggestions(words)
            found = ranked(query, judge, _as_asked(query, words, rows))
            for candidate in found[:looks]:
                if doubtful and candidate.verdict.band != "same":
                    break
                looks -= 1
                answer = await self._closer(query, judge, candidate)
                if answer and answer.band == "same":
                    return answer
                doubtful = doubtful or answer
        return doubtful

    async def _closer(
        self, query: BookQuery, judge: Judge, candidate: Candidate
    ) -> SourceAnswer | None:
        """Open the book's page and judge again by what it says."""
        page = await self.book(str(candidate.work.goodreads_book))
        if page is None:
            return None
        seen = replace(page.work, isbns=(*candidate.work.isbns, *page.work.isbns))
        seen = replace(seen, asin=candidate.work.asin)
        again = ranked(query, judge, [(seen, page.metadata)])
        if not again:
            return None
        metadata = await self._with_narration(query, page)
        verdict = again[0].verdict
        return SourceAnswer(
            metadata=metadata,
            score=verdict.score,
            band=verdict.band,
            reason=verdict.reason,
            identifiers=dict(_identifiers(page)),
            audio_fields=frozenset(f for f in _AUDIO_FIELDS if getattr(metadata, f)),
        )

    async def _with_narration(self, query: BookQuery, page: BookPage) -> Metadata:
        """Add narrators and ASIN from the work's audio editions, when they are wanted."""
        work_id = page.work.goodreads_work
        if not work_id or not query.wants("narrators", "asin"):
            return page.metadata
        told = narration_of(query, await self.audio_editions(work_id))
        return replace(
            page.metadata,
            narrators=told.narrators or page.metadata.narrators,
            asin=told.asin or page.metadata.asin,
        )

    async def _series_of(self, title: str, name: str, author: str | None) -> str | None:
        """Return the id of the series *name* by way of one of its books."""
        asked = people((author,) if author else ())
        wanted = series_key(name)
        rows = [
            row.work
            for row in await self.suggestions(f"{title} {author or ''}".strip())
            if not asked or agree(asked, people(row.work.authors)) != OTHER
        ]
        rows.sort(key=lambda work: wanted not in {series_key(p.name) for p in work.series})
        for work in rows[:MOST_BRANCHES]:
            page = await self.book(str(work.goodreads_book))
            series_id = series_on(page, wanted) if page else None
            if series_id:
                return series_id
        return None


def series_on(page: BookPage, wanted: str) -> str | None:
    """Return the id of the series with the key *wanted* that a book's page names.

    A series may go by another name in the book's title, "(The Lord of the Rings, #1)", than in its
    own list, "Middle Earth": the only series of such a book is the one that is meant.
    """
    for name, series_id in page.series_ids:
        if series_key(name) == wanted:
            return series_id
    in_title = {series_key(place.name) for place in split_title(page.title_complete)[1]}
    return page.series_ids[0][1] if len(page.series_ids) == 1 and wanted in in_title else None


def listing(series_id: str, pages: Sequence[SeriesPage]) -> SeriesListing:
    """Join the pages of a series; a work that two pages show is one work."""
    first = pages[0]
    works = {
        work.goodreads_work or work.goodreads_book: work for page in pages for work in page.works
    }
    return SeriesListing(
        goodreads_id=series_id,
        name=first.name,
        works=tuple(works.values()),
        printed_primary=first.printed_primary,
        printed_total=first.printed_total,
        warning="; ".join(_doubts(pages, tuple(works.values()))) or None,
    )


def questions(query: BookQuery) -> Iterator[str]:
    """Yield what to ask the search box about a book, the most exact one first."""
    if query.isbn:
        yield query.isbn
    if query.asin:
        yield query.asin
    title = take_apart(query.title).main or query.title
    if query.authors:
        yield f"{title} {query.authors[0]}"
    yield title


def _doubts(pages: Sequence[SeriesPage], works: Sequence[Work]) -> Iterator[str]:
    """Say where the list and the counts printed on it differ."""
    first = pages[0]
    if not pages[-1].is_last:
        yield f"only the first {len(works)} of {first.listed} works were read"
    elif len(works) < first.listed:
        yield f"it lists {len(works)} works and says {first.listed}"
    numbered = sum(_is_primary(work) for work in works)
    if first.printed_primary is not None and numbered != first.printed_primary:
        yield f"it says {first.printed_primary} primary works and numbers {numbered}"


def _is_primary(work: Work) -> bool:
    """Whether a work stands at one whole number from 1 on, which mostly means a primary work."""
    at = parse(work.series[0].sequence) if work.series else None
    return (
        at is not None
        and not at.part
        and len(at.numbers) == 1
        and at.numbers[0] >= 1
        and at.numbers[0] == int(at.numbers[0])
    )


def _as_asked(
    query: BookQuery, words: str, rows: Sequence[Suggestion]
) -> Iterable[tuple[Work, Metadata]]:
    """Yield the suggested works; the only one for an identifier is the one that bears it."""
    sole = len(rows) == 1
    for row in rows:
        work = row.work
        if sole and words == query.isbn:
            work = replace(work, isbns=(words,))
        elif sole and words == query.asin:
            work = replace(work, asin=words)
        yield work, Metadata(title=work.title, authors=work.authors, series=work.series)


def _identifiers(page: BookPage) -> Iterator[tuple[str, str]]:
    if page.work.goodreads_book:
        yield "goodreads_book", page.work.goodreads_book
    if page.work.goodreads_work:
        yield "goodreads_work", page.work.goodreads_work
    if page.series_ids:
        yield "goodreads_series", page.series_ids[0][1]


def _number(identifier: str) -> str:
    """Return the id, when it is one; it becomes part of an address."""
    if not identifier.isdecimal():
        raise UnexpectedAnswer(f"Goodreads: {identifier!r} is none of its ids")
    return identifier
