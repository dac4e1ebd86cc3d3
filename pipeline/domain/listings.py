"""Sort a series as a catalogue lists it: which works are volumes, novellas, omnibuses, parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pipeline.domain.keys import series_key
from pipeline.domain.matching import Comparable, of_work
from pipeline.domain.models import Preferences, Work
from pipeline.domain.positions import NOWHERE, Position, parse
from pipeline.domain.title_parts import take_apart

Kind = Literal["primary", "novella", "omnibus", "part", "unnumbered", "other"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One work of a listing with its place and kind."""

    work: Work
    prepared: Comparable
    position: Position
    kind: Kind
    why: str = ""

    @property
    def number(self) -> float | None:
        """The one place of a volume or novella."""
        return self.position.single


def sort(works: Sequence[Work], series: str | None) -> list[Listed]:
    """Give every work its place in the series and its kind; each Goodreads work once.

    Without a series (an author's catalogue) a work that stands alone is as good as a volume.
    """
    key = series_key(series) if series else ""
    prepared = [(work, of_work(work)) for work in _once(works)]
    wholes = {one.main for _, one in prepared if not one.part}
    out: list[Listed] = []
    for work, one in prepared:
        position = _position(work, key)
        kind, why = _kind(work, one, position, wholes)
        if kind == "unnumbered" and not series:
            kind = "primary"
        out.append(Listed(work, one, position, kind, why))
    return out


def _once(works: Iterable[Work]) -> Iterable[Work]:
    seen: set[str] = set()
    for work in works:
        if work.goodreads_work and work.goodreads_work in seen:
            continue
        seen.add(work.goodreads_work or "")
        yield work


def _position(work: Work, key: str) -> Position:
    """Return the place in the series asked for; in an author's catalogue, the first place named."""
    for place in work.series:
        if not key or series_key(place.name) == key:
            return parse(place.sequence)
    return NOWHERE


def _kind(  # noqa: PLR0911  one return per kind
    work: Work, one: Comparable, position: Position, wholes: set[str]
) -> tuple[Kind, str]:
    if position.is_range:
        return "omnibus", "holds several volumes"
    if one.kind == "omnibus" and position.single is None:
        return "omnibus", "a box set or collection of volumes"
    if one.kind in {"summary", "comic", "excerpt"}:
        return "other", f"a {one.kind}"
    if position.part or (one.part and one.main in wholes):
        return "part", "part of a volume"
    if work.kind == "companion":
        return "other", "a companion to the series"
    if position.wordy:
        return "other", f"listed as {position.text!r}"
    if position.single is None:
        return "unnumbered", "has no number in the series"
    if work.kind == "prequel" or position.single < 1 or position.single != int(position.single):
        return "novella", ""
    return "primary", ""


def unreleased(work: Work, today: date) -> bool:
    """Whether a work is not out yet, comparing as exactly as its date is printed."""
    if not work.released:
        return True
    printed = (work.published or "").strip()
    if not printed[:4].isdecimal() or len(printed) not in {4, 7, 10}:
        return False
    return printed > today.isoformat()[: len(printed)]


def unwanted(work: Work, preferences: Preferences) -> str:
    """Why the user does not want this work at all; "" when they do."""
    if work.language and work.language not in preferences.languages:
        return f"in another language ({work.language})"
    parts = take_apart(work.title, work.subtitle or "")
    if parts.dramatised and not preferences.dramatised:
        return "dramatised"
    if parts.abridged and not preferences.abridged:
        return "abridged"
    return ""
