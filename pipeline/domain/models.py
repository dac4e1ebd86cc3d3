"""The nouns of the trade: books, works, series places, releases, metadata."""

from dataclasses import dataclass
from typing import Literal

Field = Literal[
    "title",
    "subtitle",
    "authors",
    "narrators",
    "series",
    "publisher",
    "published_year",
    "description",
    "genres",
    "language",
    "isbn",
    "asin",
]


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """A book's place in a series; `sequence` as printed: "2", "2.5", "1-3", "1, Part 1 of 2"."""

    name: str
    sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """The twelve fields that we keep correct; None or empty means unknown.

    `language` is an ISO 639-1 code, `isbn` an ISBN-13 without hyphens, `published_year` four
    digits as text, `description` sanitised HTML or plain text.
    """

    title: str | None = None
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    publisher: str | None = None
    published_year: str | None = None
    description: str | None = None
    genres: tuple[str, ...] = ()
    language: str | None = None
    isbn: str | None = None
    asin: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A book as a catalogue lists it; the edition does not matter.

    `published` is as exact as the catalogue says: "1965", "1965-08" or "1965-08-01". `kind` is
    what the catalogue itself calls it beside the series ("companion", "prequel"), "" mostly.
    """

    title: str
    authors: tuple[str, ...] = ()
    subtitle: str | None = None
    series: tuple[SeriesPlace, ...] = ()
    isbns: tuple[str, ...] = ()
    asin: str | None = None
    goodreads_work: str | None = None
    goodreads_book: str | None = None
    google_id: str | None = None
    language: str | None = None
    published: str | None = None
    released: bool = True
    alternative_titles: tuple[str, ...] = ()
    ratings: int = 0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class OwnedBook:
    """A book of the library, as far as comparing needs to know it."""

    book_id: int
    title: str
    authors: tuple[str, ...] = ()
    subtitle: str | None = None
    series: tuple[SeriesPlace, ...] = ()
    isbn: str | None = None
    asin: str | None = None
    goodreads_work: str | None = None
    language: str | None = None
    abridged: bool = False


@dataclass(frozen=True, slots=True)
class WantedBook:
    """A missing book, with all that helps to find the right release of it.

    `duration_seconds` is the expected playing time, when some catalogue knows it.
    """

    book_id: int
    title: str
    authors: tuple[str, ...]
    subtitle: str | None = None
    series: tuple[SeriesPlace, ...] = ()
    isbn: str | None = None
    asin: str | None = None
    narrators: tuple[str, ...] = ()
    language: str | None = None
    duration_seconds: float | None = None
    alternative_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """One offer of an indexer. `download_url` may hold a credential: never log or show it.

    `size` in bytes. `authors`, `narrators`, `series`, `language`, `filetypes` only where the
    indexer states them apart from the title. `files` are (path, bytes) where they are known.
    """

    guid: str
    title: str
    indexer: str
    indexer_id: int | None = None
    size: int = 0
    seeders: int | None = None
    leechers: int | None = None
    grabs: int | None = None
    published_at: str | None = None
    download_url: str | None = None
    magnet_url: str | None = None
    info_url: str | None = None
    infohash: str | None = None
    freeleech: bool = False
    vip: bool = False
    snatched: bool = False
    categories: tuple[int, ...] = ()
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    language: str | None = None
    filetypes: tuple[str, ...] = ()
    files: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one user wants; the defaults are what most people mean.

    Sizes are bytes per hour of playing time; a release outside them is implausible.
    """

    languages: tuple[str, ...] = ("en",)
    formats: tuple[str, ...] = ("m4b", "m4a", "mp3")
    narrators: tuple[str, ...] = ()
    narrator_required: bool = False
    abridged: bool = False
    dramatised: bool = False
    novellas: bool = True
    unnumbered: bool = False
    minimum_seeders: int = 1
    smallest_per_hour: int = 5_000_000
    largest_per_hour: int = 400_000_000
    overwrite: tuple[Field, ...] = ()
