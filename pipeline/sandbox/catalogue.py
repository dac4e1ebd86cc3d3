"""The public-domain books that the sandbox knows: what is owned, listed, offered.

`TITLES` holds every work, `TRUTH` what a flawless SERIES run finds and fetches; both are computed
from the tables in `works.py` and `offers.py`.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from pipeline.sandbox.offers import offer_rows
from pipeline.sandbox.works import marks_of, work_rows

Kind = Literal[
    "novel", "novella", "omnibus", "box set", "part", "duplicate", "announced", "standalone"
]
BYTES_PER_HOUR = {"m4b": 28_000_000, "mp3": 57_600_000}
NARRATORS = ("Ada Quill", "Basil Thorne", "Clara Winnow", "Desmond Hale", "Edith Marlowe")
PUBLISHERS = ("Lantern & Sons", "Harbour Editions", "The Quarto Room")
FAULTS = ("stalled", "dead", "executable", "short")
LANGUAGES = ("FRE", "GER")
PART_MINUTES = 60
SHORT_MINUTES = 120
FIRST_TID = 500_001


@dataclass(frozen=True, slots=True)
class Offer:
    """A release that the sandbox's indexers offer; its torrent holds `files` (path, bytes).

    `minutes` is the playing time of the audio inside, which a bad release understates. `fault`
    names what is wrong with it: "", "stalled" (never gets data), "dead" (tracker refuses it),
    "executable" (holds one), "short" (plays far too short). `refuse` says why a judge must not
    take it for the work that it is filed under ("" when it is that work); `tags` are further
    words by which a full text search finds it; `pack` the titles inside, when there are several.
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
    refuse: str = ""
    tags: str = ""
    pack: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it is the whole work, can be had, and may enter the library."""
        return not self.fault and not self.refuse and self.seeders > 0


@dataclass(frozen=True, slots=True)
class Title:
    """One work and what every source says of it.

    `series` are (name, position as printed). An owned work is in the library as `shelf_title`,
    without the fields named in `shelf_lacks` (names of `pipeline.domain.models.Field`). Google
    Books knows neither narrators nor series nor ASIN of anything, nor the `google_lacks` of this
    one, and nothing at all when `google_id` is None. Goodreads knows everything.
    """

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
    kind: Kind = "novel"
    ratings: int = 0
    shelf_title: str | None = None
    shelf_lacks: tuple[str, ...] = ()
    google_lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What a flawless SERIES run finds, by title, in the order of the lists.

    Novellas count as missing (the default preference). A work in two series is missing in both
    and fetched once. `listed` are titles on a series' list that are neither owned nor missing,
    with the reason; `refused` are missing works without a good offer, with the reasons of their
    offers; `second_choice` are downloadable works whose best-looking offer fails after its
    hand-over, so that another one has to be tried.
    """

    owned: tuple[str, ...] = ()
    owned_in_series: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    unreleased: tuple[str, ...] = ()
    downloadable: tuple[str, ...] = ()
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    second_choice: dict[str, str] = field(default_factory=dict)


def title_of(work: str) -> Title:
    """Return the work of that title; raises KeyError."""
    for title in TITLES:
        if title.title == work:
            return title
    raise KeyError(work)


def _isbn(group: str, number: int) -> str:
    """Return a well-formed ISBN-13 of the prefix 979-9, which no agency has been given."""
    digits = f"9799{group}{number:06d}"
    total = sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _places(
    series: str, position: str, marks: dict[str, str]
) -> tuple[tuple[str, str | None], ...]:
    """Return the work's places, the second one from its `also` mark."""
    places: list[tuple[str, str | None]] = [(series, position or None)] if series else []
    if "also" in marks:
        name, _, number = marks["also"].rpartition(" #")
        places.append((name, number))
    return tuple(places)


def _kind(series: str, marks: dict[str, str]) -> Kind:
    kinds: tuple[Kind, ...] = ("novella", "omnibus", "box set", "part", "duplicate", "announced")
    return next((kind for kind in kinds if kind in marks), "novel" if series else "standalone")


def _title(number: int, head: list[str], work: list[str], description: str) -> Title:
    """Make one work of its row; *number* seeds its identifiers."""
    series, author, group, genres = head
    position, name, year, minutes, *rest = work
    marks = marks_of(rest[0] if rest else "")
    kind = _kind(series, marks)
    known = kind not in ("duplicate", "announced") and "no google" not in marks
    return Title(
        work_id=str(7_000_000 + number),
        goodreads_id=str(3_000_000 + 17 * number),
        title=name,
        authors=(author,),
        year=int(year),
        minutes=int(minutes),
        series=_places(series, position, marks),
        isbn=None if kind == "announced" else _isbn(group, number),
        asin=None if kind == "announced" else f"B0SANDBX{number:02d}",
        google_id=f"sandbox{number:05d}" if known else None,
        publisher=PUBLISHERS[number % len(PUBLISHERS)],
        description=description,
        genres=tuple(genres.split(", ")),
        language="fr" if kind == "duplicate" else "en",
        narrators=() if kind == "announced" else (NARRATORS[int(group) % len(NARRATORS)],),
        released=kind != "announced",
        owned="owned" in marks,
        kind=kind,
        ratings=0 if kind == "announced" else 900_000 // number,
        shelf_title=marks.get("as", name) if "owned" in marks else None,
        shelf_lacks=tuple(marks.get("lacks", "").split()),
        google_lacks=tuple(marks.get("google lacks", "").split()),
    )


CATEGORIES = {
    "Mystery": 87,
    "Science Fiction": 47,
    "Fantasy": 41,
    "Classics": 45,
    "Historical Fiction": 98,
    "Adventure": 39,
}


def _files(
    stem: str, filetype: str, size: int, minutes: int, fault: str
) -> tuple[tuple[str, int], ...]:
    """Return what the torrent holds: one m4b, or a folder with a cover and an mp3 an hour."""
    if filetype == "m4b" and fault != "executable":
        return ((f"{stem}/{stem}.m4b", size), (f"{stem}/cover.jpg", 180_000))
    count = max(1, minutes // PART_MINUTES) if filetype == "mp3" else 1
    parts = [(f"{stem}/{stem} - {at + 1:02d}.{filetype}", size // count) for at in range(count)]
    if fault == "executable":
        parts.append((f"{stem}/Codec Setup.exe", 2_400_000))
    return (*parts, (f"{stem}/cover.jpg", 180_000))


def _offer(tid: int, of: Title, row: list[str]) -> Offer:
    """Make one offer of its row."""
    name, filetype, seeders, snatched, *rest = row
    marks = marks_of(rest[0] if rest else "")
    claimed = int(marks.get("minutes", of.minutes))
    fault = next((fault for fault in FAULTS if fault in marks), "")
    size = BYTES_PER_HOUR[filetype] * claimed // 60
    authors = (marks["by"],) if "by" in marks else of.authors
    stem = f"{authors[0]} - {name} [{filetype.upper()}]".replace(":", "")
    same = "refuse" not in marks
    return Offer(
        tid=tid,
        title=name,
        authors=authors,
        narrators=of.narrators,
        series=tuple((series, at) for series, at in of.series if at) if same else (),
        filetype=filetype,
        size=size,
        minutes=SHORT_MINUTES if fault == "short" else claimed,
        seeders=int(seeders),
        snatched=int(snatched),
        files=_files(stem, filetype, size, claimed, fault),
        category=next((CATEGORIES[genre] for genre in of.genres if genre in CATEGORIES), 42),
        language=next((language for language in LANGUAGES if language in marks), "ENG"),
        freeleech="freeleech" in marks,
        vip="vip" in marks,
        fault=fault,
        refuse=marks.get("refuse", ""),
        tags=marks.get("tags", ""),
        pack=tuple(filter(None, marks.get("pack", "").split("; "))),
    )


def _assemble() -> tuple[Title, ...]:
    """Join works and offers."""
    titles = {
        title.goodreads_id: title
        for title in (_title(at, *row) for at, row in enumerate(work_rows(), start=1))
    }
    by_name = {title.title: title for title in titles.values()}
    for of, row in offer_rows():
        work = titles[by_name[of].goodreads_id]
        tid = FIRST_TID + sum(len(title.offers) for title in titles.values())
        offers = (*work.offers, _offer(tid, work, row))
        titles[work.goodreads_id] = replace(work, offers=offers)
    return tuple(titles.values())


TITLES: tuple[Title, ...] = _assemble()
# Name -> Goodreads id
SERIES_IDS: dict[str, str] = {
    name: str(410_000 + at)
    for at, name in enumerate(
        dict.fromkeys(name for title in TITLES for name, _ in title.series), start=1
    )
}
AUTHOR_IDS: dict[str, str] = {
    name: str(8_800 + at)
    for at, name in enumerate(
        dict.fromkeys(name for title in TITLES for name in title.authors), start=1
    )
}


def _covered(series: str) -> dict[str, str]:
    """Return position -> omnibus for what owned omnibuses of *series* hold."""
    covered: dict[str, str] = {}
    for title in TITLES:
        at = dict(title.series).get(series) or ""
        if title.owned and (span := re.fullmatch(r"(\d+)-(\d+)", at)):
            first, last = int(span[1]), int(span[2])
            covered |= {str(number): title.title for number in range(first, last + 1)}
    return covered


def _why_listed(title: Title, at: str | None, covered: dict[str, str]) -> str | None:
    """Say why a listed work that is not owned is not missing either; None when it is missing."""
    if not title.released:
        return "not yet published"
    if title.kind not in ("novel", "novella"):
        return f"a {title.kind}"
    return f"covered by {covered[at]}" if at in covered else None


def _truth() -> Truth:
    """Work the truth out of the tables."""
    missing: dict[str, tuple[str, ...]] = {}
    owned: dict[str, tuple[str, ...]] = {}
    listed: dict[str, str] = {}
    for series in SERIES_IDS:
        covered = _covered(series)
        members = [
            (title, dict(title.series)[series]) for title in TITLES if series in dict(title.series)
        ]
        owned[series] = tuple(title.title for title, _ in members if title.owned)
        reasons = {t.title: _why_listed(t, at, covered) for t, at in members if not t.owned}
        missing[series] = tuple(name for name, why in reasons.items() if why is None)
        listed |= {name: why for name, why in reasons.items() if why is not None}
    wanted = [title for title in TITLES if any(title.title in names for names in missing.values())]
    had = [title for title in wanted if any(offer.good for offer in title.offers)]
    return Truth(
        owned=tuple(title.title for title in TITLES if title.owned),
        owned_in_series=owned,
        missing=missing,
        listed=listed,
        unreleased=tuple(title.title for title in TITLES if not title.released),
        downloadable=tuple(title.title for title in had),
        refused={
            title.title: tuple(offer.refuse for offer in title.offers)
            for title in wanted
            if title not in had
        },
        second_choice={
            title.title: offer.fault for title in had for offer in title.offers if offer.fault
        },
    )


TRUTH: Truth = _truth()
