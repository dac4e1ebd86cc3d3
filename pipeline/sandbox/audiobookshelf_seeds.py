"""Puts the books that the sandbox's user owns on the disk and on the Audiobookshelf's shelf."""

from collections.abc import Mapping
from typing import Any

from pipeline.sandbox.audio import write_m4b
from pipeline.sandbox.audiobookshelf_folders import Found, audio_files
from pipeline.sandbox.audiobookshelf_shelf import TEXTS, Book, Shelf, now_ms
from pipeline.sandbox.catalogue import Title

LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
SIZE = 150_000  # bytes on the shelf's disk for each book; nobody listens to it
# Our names of a title's fields that the server calls otherwise.
NAMES = {"published_year": "publishedYear"}


def rel_path(title: Title) -> str:
    """Return the folder of *title* as its owner filed it."""
    name = (title.shelf_title or title.title).replace("/", "-").replace(":", " -")
    folder = title.authors[0]
    if title.series:
        series, sequence = title.series[0]
        folder += f"/{series}"
        name = f"{sequence} - {name}" if sequence else name
    return f"{folder}/{name}"


def metadata(title: Title) -> dict[str, Any]:
    """Return what the shelf shows of *title*: without what its owner lacks."""
    about: dict[str, Any] = {
        "title": title.shelf_title or title.title,
        "subtitle": title.subtitle,
        "authors": list(title.authors),
        "narrators": list(title.narrators),
        "series": [list(place) for place in title.series],
        "publisher": title.publisher,
        "publishedYear": str(title.year),
        "description": title.description or None,
        "genres": list(title.genres),
        "language": LANGUAGES.get(title.language, title.language),
        "isbn": title.isbn,
        "asin": title.asin,
    }
    lists = {"authors", "narrators", "series", "genres"}
    for lacking in title.shelf_lacks:
        name = NAMES.get(lacking, lacking)
        about[name] = [] if name in lists else None
    return about


def put(shelf: Shelf, title: Title, folder: str | None, changes: Mapping[str, Any]) -> Book:
    """Write *title* to the disk and shelve it; *changes* (the server's names) win over the truth.

    Authors are names, series are [name, sequence].
    """
    at = folder or rel_path(title)
    path = shelf.root / at
    name = f"{(title.shelf_title or title.title).replace('/', '-')}.m4b"
    if not (path / name).exists():
        tags = {"title": title.title, "album": title.title, "artist": ", ".join(title.authors)}
        write_m4b(path / name, seconds=title.minutes * 60, size=_size(title), tags=tags)
    found = Found(path, at, is_file=False, audio=(path / name,))
    return shelve(shelf, found, metadata(title) | dict(changes))


def shelve(shelf: Shelf, found: Found, about: Mapping[str, Any]) -> Book:
    """Make an item of a folder that was found, with that metadata."""
    # Added one after the other: lists in order of addition have no second key.
    last = max((book.added_at for book in shelf.books.values()), default=0)
    now = max(now_ms(), last + 1)
    book = Book(found.rel_path, found.ino, found.is_file, found.times, now, now, last_scan=now)
    book.files = audio_files(found, f"{shelf.mounted_at}/{found.rel_path}")
    for name in (*TEXTS, "genres", "narrators", "explicit", "abridged"):
        if name in about:
            book.about[name] = about[name]
    book.authors = [shelf.author_id(name)[0] for name in about.get("authors", [])]
    book.series = [[shelf.series_id(name)[0], at] for name, at in about.get("series", [])]
    book.tags = list(about.get("tags", []))
    shelf.books[book.id] = book
    return book


def _size(title: Title) -> int:
    return SIZE + 8 * title.minutes * 60  # the table of samples grows with the playing time
