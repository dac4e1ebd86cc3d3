"""The public-domain books that the sandbox knows: what is owned, listed, offered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A release that the sandbox's indexers offer; its torrent holds `files` (path, bytes).

    `minutes` is the playing time of the audio inside, which a bad release understates. `fault`
    names what is wrong with it: "", "stalled" (never gets data), "dead" (tracker refuses it),
    "executable" (holds one), "short" (plays far too short).
    """

    tid: int
    title: str
    authors: tuple[str, ...]
    narrators: tuple[str, ...]
    series: tuple[tuple[str, str], ...]
    filetype: str
    size: int
    minutes: int
    seeders: int
    snatched: int
    files: tuple[tuple[str, int], ...]
    category: int = 42
    language: str = "ENG"
    freeleech: bool = False
    vip: bool = False
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """One work and what every source says of it."""

    work_id: str
    goodreads_id: str
    title: str
    authors: tuple[str, ...]
    year: int
    minutes: int
    series: tuple[tuple[str, str | None], ...] = ()
    subtitle: str | None = None
    isbn: str | None = None
    asin: str | None = None
    google_id: str | None = None
    publisher: str | None = None
    description: str = ""
    genres: tuple[str, ...] = ()
    language: str = "en"
    narrators: tuple[str, ...] = ()
    released: bool = True
    owned: bool = False
    offers: tuple[Offer, ...] = ()


TITLES: tuple[Title, ...] = ()
SERIES_IDS: dict[str, str] = {}  # name -> Goodreads id
AUTHOR_IDS: dict[str, str] = {}  # name -> Goodreads id
