"""Read a page of a series: the list lies in the properties of its React components."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from pipeline.clients.goodreads.blocks import load_json, unknown_layout
from pipeline.clients.goodreads.titles import id_in, split_title
from pipeline.domain.keys import series_key
from pipeline.domain.models import SeriesPlace, Work

_COMPONENT = "ReactComponents."
_ASKED = "a series' page"
_NUMBER = re.compile(r"([\d,]+)\s+(primary|total)\s+works?")
_HEADER = re.compile(r"^Book\s+", re.IGNORECASE)
_SERIES = re.compile(r"\s+Series$")

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """One page of a series, at most `per_page` of about `listed` works.

    `printed_primary` and `printed_total` come from the header. The page does not say which works
    are primary, and its three counts often differ: none of them is a truth.
    """

    name: str
    works: tuple[Work, ...]
    printed_primary: int | None
    printed_total: int | None
    listed: int
    page: int
    per_page: int

    @property
    def is_last(self) -> bool:
        """Whether no further page follows."""
        return not self.works or self.page * self.per_page >= self.listed


def read_series(text: str) -> SeriesPage:
    """Read the page; raises UnexpectedAnswer when it is not laid out as we know it."""
    tree = LexborHTMLParser(text)
    header = next(_props(tree, "SeriesHeader"), None)
    if header is None or not header.get("title"):
        raise unknown_layout(_ASKED, "no header")
    paging = next(_props(tree, "FullPagePaginationControls"), {})
    entries = [entry for part in _props(tree, "SeriesList") for entry in _entries(part)]
    listed = int(paging.get("numWorks") or len(entries))
    if not entries and listed:
        raise unknown_layout(_ASKED, f"none of {listed} works found")
    counts = {kind: int(number.replace(",", "")) for number, kind in _counts(header)}
    name = _name(str(header["title"]), entries)
    return SeriesPage(
        name=name,
        works=tuple(_work(book, position, name) for book, position in entries),
        printed_primary=counts.get("primary"),
        printed_total=counts.get("total"),
        listed=listed,
        page=int(paging.get("currentPageNumber") or 1),
        per_page=int(paging.get("perPage") or 100),
    )


def _props(tree: LexborHTMLParser, component: str) -> Iterator[Json]:
    """Yield the properties of every such component, in the page's order."""
    for node in tree.css(f'[data-react-class="{_COMPONENT}{component}"]'):
        props = load_json(node.attributes.get("data-react-props") or "{}", _ASKED)
        if isinstance(props, Mapping):
            yield props


def _counts(header: Json) -> list[tuple[str, str]]:
    return _NUMBER.findall(str(header.get("subtitle") or ""))


def _entries(part: Json) -> Iterator[tuple[Json, str | None]]:
    """Yield (book, position as printed); the list of headers may be shorter or null."""
    headers = part.get("seriesHeaders") or []
    for at, entry in enumerate(part.get("series") or []):
        book = entry.get("book") if isinstance(entry, Mapping) else None
        if not isinstance(book, Mapping) or not book.get("bookId"):
            raise unknown_layout(_ASKED, "an entry without a book")
        header = headers[at] if at < len(headers) else None
        yield book, _HEADER.sub("", str(header).strip()) or None if header else None


def _name(title: str, entries: list[tuple[Json, str | None]]) -> str:
    """Return "Barsoom" of "Barsoom Series" and of "Barsoom by Edgar Rice Burroughs"."""
    authors = {str((book.get("author") or {}).get("name") or "") for book, _ in entries}
    for author in filter(None, authors):
        title = title.removesuffix(f" by {author}")
    return _SERIES.sub("", title.strip())


def _work(book: Json, position: str | None, series: str) -> Work:
    bare, others = split_title(str(book.get("title") or ""))
    other = tuple(place for place in others if series_key(place.name) != series_key(series))
    author = (book.get("author") or {}).get("name")
    return Work(
        title=str(book.get("bookTitleBare") or bare).strip(),
        authors=(str(author),) if author else (),
        series=(SeriesPlace(series, position), *other),
        goodreads_work=str(book["workId"])
        if book.get("workId")
        else id_in(book.get("editionsUrl")),
        goodreads_book=str(book["bookId"]),
        published=str(book.get("publicationDate") or "").strip() or None,
        released=not book.get("toBePublished"),
        ratings=int(book.get("ratingsCount") or 0),
    )
