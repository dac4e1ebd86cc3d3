"""How Audiobookshelf 2.36 understands a change of metadata, and what makes it die."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import nh3

from pipeline.sandbox.audiobookshelf_shelf import FLAGS, LISTS, TEXTS, Book, Shelf, now_ms

Event = tuple[str, Any]


class Died(Exception):  # noqa: N818 - it is the server's end, told to whoever serves it
    """An unhandled error ended the server's process; says which."""


@dataclass
class Edit:
    """What one change did: whether anything is another, and the events to tell of it."""

    changed: bool = False
    events: list[Event] = field(default_factory=list)


def new_series(shelf: Shelf, payload: Any) -> set[str]:
    """Return the names of series, in small letters, that *payload* would bring."""
    about = payload.get("metadata") if isinstance(payload, dict) else None
    listed = about.get("series") if isinstance(about, dict) else None
    names = [
        each["name"]
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and isinstance(each.get("name"), str)
    ]
    return {name.lower() for name in names if not shelf.has_series(name)}


def apply(shelf: Shelf, book: Book, payload: Any) -> Edit:
    """Change *book* by *payload*; raises Died, with what was written before it left standing.

    Absent keys stay, null and "" clear, what has the wrong kind or name is silently ignored.
    """
    edit = Edit()
    if not isinstance(payload, dict):
        return edit
    about = payload.get("metadata")
    if isinstance(about, dict):
        _authors(shelf, book, about.get("authors"), edit)
        _series(shelf, book, about.get("series"), edit)
        _fields(book, about, edit)
    tags = payload.get("tags")
    if _is_texts(tags) and tags != book.tags:
        book.tags, edit.changed = list(tags), True
    if edit.changed:
        book.updated_at = max(now_ms(), book.updated_at + 1)
        edit.events.append(("item_updated", shelf.expanded(book)))
    return edit


def forget_unused(shelf: Shelf, edit: Edit) -> None:
    """Remove series and plain authors that no book carries any more."""
    written = {key for book in shelf.books.values() for key in book.authors}
    placed = {key for book in shelf.books.values() for key, _ in book.series}
    for rows, used, name in (
        (shelf.authors, written, "author_removed"),
        (shelf.series, placed, "series_removed"),
    ):
        for key in [each for each in rows if each not in used]:
            if not rows[key].get("asin") and not rows[key].get("description"):
                del rows[key]
                edit.events.append((name, {"id": key, "libraryId": shelf.library_id}))


def _authors(shelf: Shelf, book: Book, listed: Any, edit: Edit) -> None:
    if not isinstance(listed, list):
        return
    if None in listed:
        raise Died("TypeError: Cannot read properties of null (reading 'name')")
    # An entry that is no object has no name: a list of texts removes every author.
    named = [each["name"].strip() for each in listed if _has_name(each)]
    wanted: dict[str, str] = {}
    for name in named:
        if name.lower() in wanted:
            for written in wanted.values():  # the server wrote these before it fell
                _write(shelf, book, written)
            raise Died(f"UNIQUE constraint failed: two authors are called {name!r}")
        wanted[name.lower()] = name
    there = {shelf.authors[key]["name"].lower(): key for key in book.authors}
    if wanted.keys() == there.keys():
        return
    book.authors = [key for name, key in there.items() if name in wanted]
    for lower, name in wanted.items():
        if lower not in there:
            edit.events += _write(shelf, book, name)
    edit.changed = True
    forget_unused(shelf, edit)


def _write(shelf: Shelf, book: Book, name: str) -> list[Event]:
    key, is_new = shelf.author_id(name)
    if key not in book.authors:
        book.authors.append(key)
    return [("author_added", shelf.authors[key])] if is_new else []


def _series(shelf: Shelf, book: Book, listed: Any, edit: Edit) -> None:
    if not isinstance(listed, list):
        return
    if None in listed:
        raise Died("TypeError: Cannot read properties of null (reading 'name')")
    if not all(_has_name(each) for each in listed):
        return  # one entry without a name, and the whole list is ignored
    wanted: dict[str, tuple[str, str | None]] = {}
    for each in listed:
        sequence = each.get("sequence")
        name = wanted.get(each["name"].lower(), (each["name"],))[0]
        wanted[each["name"].lower()] = name, sequence if isinstance(sequence, str) else None
    before = [list(place) for place in book.series]
    there = {shelf.series[str(key)]["name"].lower(): key for key, _ in book.series}
    kept = [[there[lower], wanted[lower][1]] for lower in there if lower in wanted]
    added = [value for lower, value in wanted.items() if lower not in there]
    book.series = [*kept, *([shelf.series_id(name)[0], at] for name, at in added)]
    if book.series != before:
        edit.changed = True
        forget_unused(shelf, edit)


def _fields(book: Book, about: dict[str, Any], edit: Edit) -> None:
    for names, fits, kept in _KINDS:
        for name in names:
            if name in about and fits(about[name]):
                value = kept(about[name])
                if name == "description" and value:
                    value = nh3.clean(value)
                edit.changed |= book.about[name] != value
                book.about[name] = value


def _has_name(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("name"), str)


def _is_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_text(value: Any) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


_KINDS: tuple[tuple[tuple[str, ...], Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    (TEXTS, _is_text, _text),
    (LISTS, _is_texts, list),
    (FLAGS, lambda value: isinstance(value, bool), bool),
)
