"""Work out what a library lacks of a series or of an author's books, and never too much.

Not missing is what is owned under another title or number, what an owned omnibus or all owned
parts cover, omnibuses themselves, what is not released, and what the user does not want.
"""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from pipeline.domain.holdings import Holdings
from pipeline.domain.library import Library
from pipeline.domain.listings import Kind, Listed, sort, unreleased, unwanted
from pipeline.domain.models import OwnedBook, Preferences, Work

Status = Literal["owned", "covered", "missing", "unreleased", "ignored"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One work of the series; `note` says why it has its status, in words.

    `position` is in one common form ("1", "2.5", "1-3", "1 part 2/2"), as printed where it has no
    number; `book_id` is the owned book that fills or covers it.
    """

    work: Work
    position: str
    kind: Kind
    status: Status
    book_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """The whole comparison. `total` = `owned` (with covered) + `missing`; the rest is not counted.

    `warning` is for a person: counts that disagree, books that may be owned.
    """

    entries: tuple[Entry, ...]
    total: int
    owned: int
    missing: int
    warning: str = ""

    @property
    def gaps(self) -> tuple[Entry, ...]:
        """The missing works, in the listing's order."""
        return tuple(entry for entry in self.entries if entry.status == "missing")


def compare(  # noqa: PLR0913  what to compare, and under which circumstances
    listing: Sequence[Work],
    owned: Library | Sequence[OwnedBook],
    preferences: Preferences,
    *,
    today: date,
    series: str | None = None,
    printed_count: int | None = None,
) -> Completion:
    """Compare a catalogue's listing with the library.

    `series` is the name under which `listing` states positions; None for an author's catalogue.
    `printed_count` is how many primary works the catalogue itself counts: a check, not data.
    Give a `Library` when comparing more than one listing: preparing the books costs most.
    """
    library = owned if isinstance(owned, Library) else Library(owned)
    listed = sort(listing, series)
    holdings = Holdings(listed, library, series)
    entries = [_entry(at, one, holdings, preferences, today) for at, one in enumerate(listed)]
    entries = _second_works(entries, listed)
    entries = [_omnibus(entry, one, entries) for entry, one in zip(entries, listed, strict=True)]
    return _summed(entries, listed, printed_count, counting=bool(series))


def _entry(
    at: int, one: Listed, holdings: Holdings, preferences: Preferences, today: date
) -> Entry:
    entry = Entry(one.work, one.position.printed or one.position.text, one.kind, "missing")
    held = holdings.of(at)
    if held is not None:
        status: Status = "owned" if held.sure else "ignored"
        if held.covers:
            status = "covered"
        return replace(entry, status=status, book_id=held.book_id, note=held.note)
    if unreleased(one.work, today):
        when = one.work.published or "date unknown"
        return replace(entry, status="unreleased", note=f"not released yet ({when})")
    why = unwanted(one.work, preferences) or _not_counted(one, preferences)
    return replace(entry, status="ignored", note=why) if why else entry


def _not_counted(one: Listed, preferences: Preferences) -> str:
    if one.kind == "novella":
        return "" if preferences.novellas else "a novella; novellas are not wanted"
    if one.kind == "unnumbered":
        return "" if preferences.unnumbered else one.why
    return one.why if one.kind != "primary" else ""


def _second_works(entries: list[Entry], listed: list[Listed]) -> list[Entry]:
    """Of several works listed at one whole number, only one is ever missing."""
    places: dict[float, list[int]] = {}
    for at, one in enumerate(listed):
        if one.kind == "primary" and one.number is not None:
            places.setdefault(one.number, []).append(at)
    out = list(entries)
    for twins in places.values():
        if len(twins) < 2:
            continue
        first = min(twins, key=lambda at: (_RANK[entries[at].status], -listed[at].work.ratings))
        for at in twins:
            if at != first and out[at].status == "missing":
                note = f"another edition of {listed[first].work.title!r}, listed at the same place"
                out[at] = replace(out[at], status="ignored", note=note)
    return out


_RANK = {"owned": 0, "covered": 1, "ignored": 2, "missing": 3, "unreleased": 4}


def _omnibus(entry: Entry, one: Listed, entries: Sequence[Entry]) -> Entry:
    """Call an omnibus that is not owned covered when all its volumes are."""
    if entry.kind != "omnibus" or entry.status != "ignored" or not one.position.numbers:
        return entry
    within = {f"{number:g}" for number in one.position.numbers}
    volumes = [e for e in entries if e.kind == "primary" and e.position in within]
    if volumes and all(e.status in {"owned", "covered"} for e in volumes):
        return replace(entry, status="covered", note="all its volumes are owned")
    return entry


def _summed(
    entries: list[Entry], listed: list[Listed], printed_count: int | None, *, counting: bool
) -> Completion:
    counted = [e for e in entries if e.kind in {"primary", "novella", "unnumbered"}]
    owned = sum(e.status in {"owned", "covered"} for e in counted)
    missing = sum(e.status == "missing" for e in counted)
    warnings: list[str] = []
    primary = sum(one.kind == "primary" for one in listed)
    if counting and printed_count is not None and printed_count != primary:
        warnings.append(
            f"the catalogue counts {printed_count} primary works, {primary} are numbered as such"
        )
    doubtful = sum(e.status == "ignored" and e.book_id is not None for e in entries)
    if doubtful:
        warnings.append(f"{doubtful} may be owned already: please look")
    return Completion(tuple(entries), owned + missing, owned, missing, "; ".join(warnings))
