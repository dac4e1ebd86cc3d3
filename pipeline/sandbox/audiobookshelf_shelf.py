"""The books that the Audiobookshelf stand-in holds, and the shapes in which it shows them."""

import html
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TEXTS = (
    "title",
    "subtitle",
    "publishedYear",
    "publishedDate",
    "publisher",
    "description",
    "isbn",
    "asin",
    "language",
)
LISTS = ("genres", "narrators")
FLAGS = ("explicit", "abridged")
PREFIXES = ("the ", "a ")  # those that the server ignores in sorting, as delivered


def new_id() -> str:
    """Return a UUID of version 4, as every id of the server is."""
    return str(uuid.uuid4())


def now_ms() -> int:
    """Return the time as the server tells it: milliseconds since 1970."""
    return int(time.time() * 1000)


def blank() -> dict[str, Any]:
    """Return the metadata of a book of which nothing is known."""
    return (
        dict.fromkeys(TEXTS)
        | {name: [] for name in LISTS}
        | dict.fromkeys(FLAGS, False)  # the rest of the fields stand in tables of their own
    )


@dataclass
class Book:
    """One item; `series` are [series id, sequence], `files` are shown as they are kept."""

    rel_path: str
    ino: str
    is_file: bool
    times: dict[str, int]  # mtimeMs, ctimeMs, birthtimeMs
    added_at: int
    updated_at: int
    id: str = field(default_factory=new_id)
    media_id: str = field(default_factory=new_id)
    about: dict[str, Any] = field(default_factory=blank)
    authors: list[str] = field(default_factory=list)
    series: list[list[str | None]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    cover_path: str | None = None
    last_scan: int | None = None
    is_missing: bool = False
    is_invalid: bool = False

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(each["metadata"]["size"] for each in self.files)

    @property
    def duration(self) -> float:
        """Seconds of all its audio."""
        return float(sum(each["duration"] for each in self.files))


class Shelf:
    """One library of books whose folder is *root*, which the server sees as *mounted_at*."""

    def __init__(self, root: Path, mounted_at: str, name: str, version: str) -> None:
        self.root, self.version = root, version
        self.books: dict[str, Book] = {}
        self.authors: dict[str, dict[str, Any]] = {}
        self.series: dict[str, dict[str, Any]] = {}
        self.library_id, self.folder_id = new_id(), new_id()
        self.name, self.mounted_at, self.created = name, mounted_at.rstrip("/"), now_ms()

    def author_id(self, name: str) -> tuple[str, bool]:
        """Return the id of the author of that name, and whether it was made for this."""
        return self._named(self.authors, name, {"asin": None, "imagePath": None})

    def series_id(self, name: str) -> tuple[str, bool]:
        """Return the id of the series of that name, and whether it was made for this."""
        return self._named(self.series, name, {"nameIgnorePrefix": ignoring_prefix(name)})

    def has_series(self, name: str) -> bool:
        """Whether a series of that name exists, ignoring case."""
        return any(each["name"].lower() == name.lower() for each in self.series.values())

    def _named(
        self, rows: dict[str, dict[str, Any]], name: str, more: dict[str, Any]
    ) -> tuple[str, bool]:
        for key, row in rows.items():
            if row["name"].lower() == name.lower():
                return key, False
        key, now = new_id(), now_ms()
        rows[key] = {"id": key, "name": name, "description": None, **more} | {
            "libraryId": self.library_id,
            "addedAt": now,
            "updatedAt": now,
        }
        return key, True

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON can write it; the parts are the shelf's own, not copies."""
        kept = {name: getattr(self, name) for name in _KEPT}
        return kept | {"books": [vars(book) for book in self.books.values()]}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        for name in _KEPT:
            setattr(self, name, state[name])
        self.books = {book["id"]: Book(**book) for book in state["books"]}

    def library(self) -> dict[str, Any]:
        """Return the library as the server shows it."""
        folder = {"id": self.folder_id, "fullPath": self.mounted_at}
        return {
            "id": self.library_id,
            "name": self.name,
            "folders": [folder | {"libraryId": self.library_id, "addedAt": self.created}],
            "displayOrder": 1,
            "icon": "audiobookshelf",
            "mediaType": "book",
            "provider": "audible",
            "settings": {"coverAspectRatio": 1, "disableWatcher": False},
            "lastScan": None,
            "lastScanVersion": None,
            "createdAt": self.created,
            "lastUpdate": self.created,
        }

    def minified(self, book: Book) -> dict[str, Any]:
        """Return the book as lists show it: joined names and no ids of authors and series."""
        shown, about = self._standing(book), self._about(book)
        for name in ("authors", "narrators", "series"):
            del about[name]
        media = {
            "id": book.media_id,
            "metadata": about | self._joined(book),
            "coverPath": book.cover_path,
            "tags": book.tags,
            **self._counts(book),
        }
        return shown | {"media": media, "numFiles": len(book.files), "size": book.size}

    def plain(self, book: Book) -> dict[str, Any]:
        """Return the book as GET and PATCH of one item show it: no joined names, no duration."""
        media = {
            "id": book.media_id,
            "libraryItemId": book.id,
            "metadata": self._about(book),
            "coverPath": book.cover_path,
            "tags": book.tags,
            "audioFiles": book.files,
            "chapters": [],
            "ebookFile": None,
        }
        scanned = {"lastScan": book.last_scan, "scanVersion": self.version}
        return self._standing(book) | scanned | {"media": media, "libraryFiles": self._files(book)}

    def expanded(self, book: Book) -> dict[str, Any]:
        """Return the book as batches, searches and events show it: everything."""
        shown = self.plain(book)
        text = book.about["description"]
        bare = None if text is None else html.unescape(re.sub(r"<[^>]+>", "", text))
        shown["media"]["metadata"] |= self._joined(book) | {"descriptionPlain": bare}
        shown["media"] |= self._counts(book) | {"tracks": self._tracks(book)}
        return shown | {"numFiles": len(book.files), "size": book.size}

    def _standing(self, book: Book) -> dict[str, Any]:
        return {
            "id": book.id,
            "ino": book.ino,
            "oldLibraryItemId": None,
            "libraryId": self.library_id,
            "folderId": self.folder_id,
            "path": f"{self.mounted_at}/{book.rel_path}",
            "relPath": book.rel_path,
            "isFile": book.is_file,
            **book.times,
            "addedAt": book.added_at,
            "updatedAt": book.updated_at,
            "isMissing": book.is_missing,
            "isInvalid": book.is_invalid,
            "mediaType": "book",
        }

    def _about(self, book: Book) -> dict[str, Any]:
        series = [
            {"id": key, "name": self.series[str(key)]["name"], "sequence": sequence}
            for key, sequence in book.series
        ]
        authors = [{"id": key, "name": self.authors[key]["name"]} for key in book.authors]
        return book.about | {"authors": authors, "series": series}

    def _joined(self, book: Book) -> dict[str, Any]:
        names = [self.authors[key]["name"] for key in book.authors]
        places = [(self.series[str(key)]["name"], sequence) for key, sequence in book.series]
        return {
            "titleIgnorePrefix": ignoring_prefix(book.about["title"] or ""),
            "authorName": ", ".join(names),
            "authorNameLF": ", ".join(map(last_first, names)),
            "narratorName": ", ".join(book.about["narrators"]),
            "seriesName": ", ".join(f"{name} #{at}" if at else name for name, at in places),
        }

    def _counts(self, book: Book) -> dict[str, Any]:
        number = len(book.files)
        counts = {"numTracks": number, "numAudioFiles": number, "numChapters": 0}
        return counts | {"duration": book.duration, "size": book.size}

    def _tracks(self, book: Book) -> list[dict[str, Any]]:
        tracks, start = [], 0.0
        for each in book.files:
            address = f"/api/items/{book.id}/file/{each['ino']}"
            place = {"title": each["metadata"]["filename"], "startOffset": start}
            tracks.append(each | place | {"contentUrl": address})
            start += each["duration"]
        return tracks

    def _files(self, book: Book) -> list[dict[str, Any]]:
        return [
            {
                "ino": each["ino"],
                "metadata": each["metadata"],
                "isSupplementary": None,
                "addedAt": each["addedAt"],
                "updatedAt": each["updatedAt"],
                "fileType": "audio",
            }
            for each in book.files
        ]


_KEPT = ("library_id", "folder_id", "created", "authors", "series")


def ignoring_prefix(title: str) -> str:
    """Return "Final Empire, The" for "The Final Empire"."""
    for prefix in PREFIXES:
        if title.lower().startswith(prefix):
            return f"{title[len(prefix) :]}, {title[: len(prefix) - 1]}"
    return title


def last_first(name: str) -> str:
    """Return "Sanderson, Brandon" for "Brandon Sanderson"."""
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if first else name


SORTS: dict[str, Callable[[Book], Any]] = {
    "addedAt": lambda book: book.added_at,
    "size": lambda book: book.size,
    "birthtimeMs": lambda book: book.times["birthtimeMs"],
    "mtimeMs": lambda book: book.times["mtimeMs"],
    "media.duration": lambda book: book.duration,
    "media.metadata.title": lambda book: (book.about["title"] or "").lower(),
    "media.metadata.publishedYear": lambda book: book.about["publishedYear"] or "",
}


def sorted_books(books: Iterable[Book], sort: str | None, *, descending: bool) -> list[Book]:
    """Return *books* in order; a sort that the server does not know is silently ignored."""
    listed = list(books)
    if sort in SORTS:
        listed.sort(key=SORTS[sort], reverse=descending)
    return listed
