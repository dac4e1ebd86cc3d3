"""Read the newer search page, whose data come only in React's flight stream.

The page holds scripts `self.__next_f.push([1, "…"])`. Their strings, joined, are rows of
`hexid:json` and a line break; a row of text is `hexid:T<length in hex>,` and exactly that many
bytes of UTF-8, with no line break after it. A value "$id:props:children:0" points into a row,
where "props" of an element ["$", type, key, props] is its fourth part.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pipeline.clients.goodreads.blocks import unknown_layout
from pipeline.clients.goodreads.titles import date_of_epoch, id_in
from pipeline.domain.models import SeriesPlace, Work

_PUSH = re.compile(r"self\.__next_f\.push\((\[.*?\])\)\s*</script>", re.DOTALL)
_ROW = re.compile(rb"([0-9a-f]+):")
_TEXT = re.compile(rb"T([0-9a-f]+),")
_POINTER = re.compile(r"^\$([0-9a-f]+)((?::[^:]+)*)$")
_FOUND = re.compile(r"results for", re.IGNORECASE)
_DEEPEST = 20  # pointers to pointers
_PROPS = 3
_ASKED = "a search"


def read_flight_search(text: str) -> tuple[Work, ...]:
    """Read the books in the page's order; robots.txt asks us not to fetch one.

    Raises UnexpectedAnswer when the stream is not there or names results without books.
    """
    stream = "".join(_pushes(text))
    if not stream:
        raise unknown_layout(_ASKED, "no flight stream")
    rows = dict(_rows(stream.encode()))
    books = {str(book.get("legacyId")): book for row in rows.values() for book in _books(row)}
    if not books and _FOUND.search(text) and "No results" not in text:
        raise unknown_layout(_ASKED, "results without books")
    return tuple(_work(_Resolver(rows), book) for book in books.values())


def _pushes(text: str) -> Iterator[str]:
    for push in _PUSH.finditer(text):
        try:
            kind, *rest = json.loads(push[1])
        except ValueError as error:
            raise unknown_layout(_ASKED, "a push that is no JSON") from error
        if kind == 1 and rest:
            yield str(rest[0])


def _rows(stream: bytes) -> Iterator[tuple[str, Any]]:
    """Yield (id, value) of every row; rows that hold no JSON (modules, hints) are passed over."""
    at = 0
    while found := _ROW.match(stream, at):
        name, at = found[1].decode(), found.end()
        if text := _TEXT.match(stream, at):
            end = text.end() + int(text[1], 16)
            yield name, stream[text.end() : end].decode(errors="replace")
            at = end
            continue
        end = stream.find(b"\n", at)
        end = len(stream) if end < 0 else end
        with suppress(ValueError):  # "I[…]" loads a module, "HL[…]" hints at a font: not ours
            yield name, json.loads(stream[at:end])
        at = end + 1


def _books(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every whole book inside a row, in the order of the page."""
    if isinstance(value, Mapping):
        if value.get("__typename") == "Book" and value.get("legacyId") and value.get("title"):
            yield value
        for part in value.values():
            yield from _books(part)
    elif isinstance(value, list):
        for part in value:
            yield from _books(part)


class _Resolver:
    """Follows the stream's pointers."""

    def __init__(self, rows: Mapping[str, Any]) -> None:
        self._rows = rows

    def __call__(self, value: Any, deep: int = 0) -> Any:
        """Return what *value* points at, or itself; None when it leads nowhere."""
        pointer = _POINTER.match(value) if isinstance(value, str) else None
        if pointer is None:
            return value
        if deep > _DEEPEST or pointer[1] not in self._rows:
            return None
        found = self._rows[pointer[1]]
        for step in filter(None, pointer[2].split(":")):
            found = self._step(self(found, deep + 1), step)
        return self(found, deep + 1)

    @staticmethod
    def _step(value: Any, step: str) -> Any:
        if isinstance(value, Mapping):
            return value.get(step)
        if isinstance(value, list):
            is_element = step == "props" and len(value) > _PROPS and value[0] == "$"
            at = _PROPS if is_element else int(step) if step.isdigit() else len(value)
            return value[at] if at < len(value) else None
        return None

    def part(self, value: Any, *steps: str) -> Any:
        """Return value[step][step]…, pointers followed on the way."""
        for step in steps:
            value = self._step(self(value), step)
        return self(value)


def _work(resolve: _Resolver, book: Mapping[str, Any]) -> Work:
    edges = [
        book.get("primaryContributorEdge"),
        *(resolve(book.get("secondaryContributorEdges")) or []),
    ]
    people = [
        (resolve.part(edge, "node", "name"), resolve.part(edge, "role")) for edge in edges if edge
    ]
    return Work(
        title=str(resolve(book["title"])),
        authors=tuple(str(name) for name, role in people if name and role == "Author"),
        series=tuple(_places(resolve, book)),
        goodreads_work=str(resolve.part(book, "work", "legacyId") or "") or None,
        goodreads_book=str(book["legacyId"]),
        published=date_of_epoch(resolve.part(book, "details", "publicationTime")),
        ratings=int(resolve.part(book, "work", "stats", "ratingsCount") or 0),
    )


def _places(resolve: _Resolver, book: Mapping[str, Any]) -> Iterator[SeriesPlace]:
    for entry in resolve(book.get("bookSeries")) or []:
        name, at = resolve.part(entry, "series", "title"), resolve.part(entry, "seriesPlacement")
        if name and id_in(resolve.part(entry, "series", "webUrl")):
            yield SeriesPlace(str(name), str(at) if at else None)
