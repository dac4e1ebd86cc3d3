"""Read a book's page: one edition, its work, its series; all of it JSON of a Next.js page."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.clients.goodreads.blocks import EmptyPage, load_json, unknown_layout
from pipeline.clients.goodreads.titles import date_of_epoch, id_in
from pipeline.domain import tidying
from pipeline.domain.identifiers import isbn13
from pipeline.domain.languages import language_code
from pipeline.domain.models import Metadata, SeriesPlace, Work

_DATA = re.compile(r'<script[^>]*\bid="__NEXT_DATA__"[^>]*>(.*?)</script>', re.DOTALL)
_OLD_LAYOUT = re.compile(r'id="(?:bookTitle|bookMeta|metacol)"')
_AUDIO = re.compile(r"audi(?:o|ble)|\bCD\b|cassette|\bMP3\b", re.IGNORECASE)
_ASKED = "a book's page"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BookPage:
    """What a book's page says.

    `work` speaks of the work (its `published` is the first publication), `metadata` of the shown
    edition, but for the year, which is the work's: an old book in a new edition is an old book.
    `series_ids` are (name, Goodreads id) in the order of `metadata.series`. The page's ASIN is the
    Kindle's or the paper book's, so it is only taken when the edition is an audiobook. `ratings`
    lies in the work.
    """

    work: Work
    metadata: Metadata
    series_ids: tuple[tuple[str, str], ...] = ()
    title_complete: str = ""
    format: str | None = None
    pages: int | None = None
    edition_published: str | None = None
    cover: str | None = None
    asin_printed: str | None = None

    @property
    def is_audio(self) -> bool:
        """Whether the edition that the page shows is an audiobook."""
        return is_audio(self.format)


def is_audio(edition_format: str | None) -> bool:
    """Whether an edition is to be heard, in whatever form it was sold."""
    return bool(_AUDIO.search(edition_format or ""))


def read_book(text: str) -> BookPage:
    """Read the page's JSON.

    Raises EmptyPage when the frame came without the book (a time-out of theirs, never "not
    found"), UnexpectedAnswer when it is laid out in a way that we do not know, as it was in 2022.
    """
    data = _DATA.search(text)
    if not data:
        old = "this is the one of before 2023" if _OLD_LAYOUT.search(text) else "no __NEXT_DATA__"
        raise unknown_layout(_ASKED, old)
    return read_state(load_json(data[1], _ASKED))


def read_state(data: Json) -> BookPage:
    """Read the JSON of a page's `__NEXT_DATA__`; raises as `read_book` does."""
    props = (data.get("props") or {}).get("pageProps")
    if not isinstance(props, Mapping):
        raise unknown_layout(_ASKED, "no pageProps")
    state = props.get("apolloState") or {}
    book = _shown_book(state)
    if not book.get("title"):
        raise EmptyPage(f"Goodreads: {_ASKED}: came without the book")
    return _page(state, book)


def _shown_book(state: Json) -> Json:
    """Return the book that the page is about; it holds stubs of others, some with a title."""
    root = state.get("ROOT_QUERY") or {}
    for key, value in root.items():
        if key.startswith("getBookByLegacyId(") and isinstance(value, Mapping):
            return _resolved(state, value)
    return {}


def _resolved(state: Json, value: Any) -> Json:
    """Follow {"__ref": key}; an empty mapping when it leads nowhere."""
    if not isinstance(value, Mapping):
        return {}
    found = state.get(value["__ref"]) if "__ref" in value else value
    return found if isinstance(found, Mapping) else {}


def _page(state: Json, book: Json) -> BookPage:
    details = book.get("details") or {}
    edition_published = date_of_epoch(details.get("publicationTime"))
    work = _work(state, book, edition_published)
    edition_format = details.get("format")
    printed = _text(details.get("asin"))
    return BookPage(
        work=work,
        metadata=_metadata(state, book, work, printed if is_audio(edition_format) else None),
        series_ids=tuple((place.name, series) for place, series in _series(state, book) if series),
        title_complete=str(book.get("titleComplete") or book["title"]),
        format=edition_format,
        pages=_number(details.get("numPages")),
        edition_published=edition_published,
        cover=book.get("imageUrl"),
        asin_printed=printed,
    )


def _metadata(state: Json, book: Json, work: Work, asin: str | None) -> Metadata:
    """Return the twelve fields; a subtitle is part of the title here."""
    details = book.get("details") or {}
    raw = Metadata(
        title=work.title,
        authors=work.authors,
        narrators=tuple(name for name, role in _people(state, book) if role == "Narrator"),
        series=work.series,
        publisher=details.get("publisher"),
        published_year=work.published,
        description=book.get("description"),
        genres=tuple(_genres(book)),
        language=work.language,
        isbn=work.isbns[0] if work.isbns else None,
        asin=asin,
    )
    return tidying.tidy(raw)


def _work(state: Json, book: Json, edition_published: str | None) -> Work:
    details, work = book.get("details") or {}, _resolved(state, book.get("work"))
    about = work.get("details") or {}
    people = list(_people(state, book))
    authors = tuple(name for name, role in people if role == "Author")
    original = _text(about.get("originalTitle"))
    isbns = (isbn13(details[name]) for name in ("isbn13", "isbn") if details.get(name))
    return Work(
        title=str(book["title"]).strip(),
        authors=authors or tuple(name for name, _ in people[:1]),
        series=tuple(place for place, _ in _series(state, book)),
        isbns=tuple(dict.fromkeys(number for number in isbns if number)),
        goodreads_work=_text(work.get("legacyId")),
        goodreads_book=_text(book.get("legacyId")),
        language=language_code((details.get("language") or {}).get("name")),
        published=date_of_epoch(about.get("publicationTime")) or edition_published,
        alternative_titles=(original,) if original and original != book["title"] else (),
        ratings=_number((work.get("stats") or {}).get("ratingsCount")) or 0,
    )


def _people(state: Json, book: Json) -> Iterator[tuple[str, str]]:
    """Yield (name, role) of every contributor, the primary one first."""
    edges = [book.get("primaryContributorEdge"), *(book.get("secondaryContributorEdges") or [])]
    for edge in edges:
        if isinstance(edge, Mapping):
            name = _resolved(state, edge.get("node")).get("name")
            if name:
                yield str(name), str(edge.get("role") or "")


def _series(state: Json, book: Json) -> Iterator[tuple[SeriesPlace, str | None]]:
    """Yield every place with the series' id; `userPosition` is the older `seriesPlacement`."""
    for entry in book.get("bookSeries") or []:
        series = _resolved(state, entry.get("series"))
        if series.get("title"):
            at = entry.get("seriesPlacement") or entry.get("userPosition")
            place = SeriesPlace(str(series["title"]).strip(), _text(at))
            yield place, id_in(series.get("webUrl"))


def _genres(book: Json) -> Iterator[str]:
    for entry in book.get("bookGenres") or []:
        name = (entry.get("genre") or {}).get("name")
        if name:
            yield str(name)


def _text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
