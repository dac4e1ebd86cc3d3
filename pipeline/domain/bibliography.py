"""Join what several sources list of one author, and compare it with the library, series by series.

Goodreads is the catalogue. Google Books and the tracker mix editions, study guides and namesakes
into their lists, so a work that neither Goodreads nor both of them list is never missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from pipeline.domain import completeness, matching
from pipeline.domain.completeness import Entry
from pipeline.domain.keys import series_key
from pipeline.domain.library import Library
from pipeline.domain.matching import Comparable
from pipeline.domain.models import OwnedBook, Preferences, Work
from pipeline.domain.people import SAME, agree, people

GOODREADS: Final = "Goodreads"
GOOGLE_BOOKS: Final = "GoogleBooks"
MAM: Final = "MAM"
Scope = Literal["series", "all"]


@dataclass(frozen=True, slots=True)
class Listed:
    """A work, and who lists it."""

    work: Work
    sources: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether those who list it are to be believed that there is such a book."""
        return GOODREADS in self.sources or {GOOGLE_BOOKS, MAM} <= set(self.sources)


@dataclass(frozen=True, slots=True)
class Compared:
    """A work as compared with the library; `series` is the one under which it was compared."""

    entry: Entry
    sources: tuple[str, ...]
    series: str = ""


def join(author: str, lists: Iterable[tuple[str, Sequence[Work]]]) -> list[Listed]:
    """Join lists, the most trusted first, work by work; works of other authors are left out."""
    found: list[Listed] = []
    prepared: list[Comparable] = []
    by_title: dict[str, list[int]] = {}
    asked = people((author,))
    for source, works in lists:
        for work in works:
            if agree(asked, people(work.authors)) != SAME:
                continue
            one = matching.of_work(work)
            at = _same(one, prepared, by_title)
            if at is not None:
                found[at] = _joined(found[at], work, source)
                continue
            by_title.setdefault(one.main, []).append(len(found))
            found.append(Listed(work, (source,)))
            prepared.append(one)
    return found


def compare(
    listed: Sequence[Listed],
    owned: Sequence[OwnedBook],
    preferences: Preferences,
    *,
    today: date,
    scope: Scope,
) -> list[Compared]:
    """Compare an author's works with the library, those of one series together.

    With the scope `series` only gaps of series of which a book is owned are missing.
    """
    library = Library(owned)
    held = {series_key(place.name) for book in owned for place in book.series}
    places: list[Compared | None] = [None] * len(listed)
    for name, members in _by_series(listed).items():
        works = [listed[at].work for at in members]
        compared = completeness.compare(
            works, library, preferences, today=today, series=name or None
        )
        by_work = {id(entry.work): entry for entry in compared.entries}
        is_owned = series_key(name) in held or any(
            entry.status in {"owned", "covered"} for entry in compared.entries
        )
        for at in members:
            entry = by_work.get(id(listed[at].work))
            if entry is not None:  # a work that is listed twice is compared once
                judged = _judged(entry, listed[at], name, scope, is_owned=is_owned)
                places[at] = Compared(judged, listed[at].sources, name)
    return [each for each in places if each is not None]


def _same(
    one: Comparable, prepared: Sequence[Comparable], by_title: dict[str, list[int]]
) -> int | None:
    titles = {one.main, one.full, *one.others}
    for at in sorted({at for title in titles for at in by_title.get(title, ())}):
        if matching.compare(one, prepared[at]).band == "auto":
            return at
    return None


def _joined(listed: Listed, work: Work, source: str) -> Listed:
    known = listed.work
    sources = tuple(dict.fromkeys((*listed.sources, source)))
    return Listed(
        replace(
            known,
            isbns=tuple(dict.fromkeys((*known.isbns, *work.isbns))),
            google_id=known.google_id or work.google_id,
            language=known.language or work.language,
        ),
        sources,
    )


def _by_series(listed: Sequence[Listed]) -> dict[str, list[int]]:
    """Group works by the first series that they name; those without one under an empty name."""
    groups: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for at, each in enumerate(listed):
        name = each.work.series[0].name if each.work.series else ""
        name = names.setdefault(series_key(name), name) if name else ""
        groups.setdefault(name, []).append(at)
    return groups


def _judged(entry: Entry, listed: Listed, series: str, scope: Scope, *, is_owned: bool) -> Entry:
    if entry.status not in {"missing", "unreleased"}:
        return entry
    if not listed.is_known:
        return replace(entry, status="ignored", note=f"only {listed.sources[0]} lists it")
    if scope == "series" and not is_owned:
        why = f"no book of {series} is owned" if series else "in no series of which a book is owned"
        return replace(entry, status="ignored", note=why)
    return entry
