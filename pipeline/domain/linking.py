"""Which series a book belongs to, so that all books of a series say the same name."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.keys import series_key
from pipeline.domain.metadata import Change
from pipeline.domain.models import SeriesPlace

_TRUST = ("list", "gap", "library")


@dataclass(frozen=True, slots=True)
class Known:
    """A series that we keep, with its own spelling, and where the book stands in it.

    `origin` is "library" when the library itself places the book there, "gap" when we fetched the
    book to fill a gap of that series, "list" when only the series' compared list names it.
    """

    name: str
    sequence: str | None
    origin: str


def changes(
    current: Sequence[SeriesPlace], known: Sequence[Known], *, locked: bool
) -> list[Change]:
    """Return what must change: nothing when the list is right already, or is the user's own.

    A place that the library shows keeps its sequence; an empty one is filled from the list. The
    name becomes the series' one spelling. Every series whose gap the book fills is added. A list
    alone adds a series only to a book that has none: a book that stands somewhere is not moved by
    a catalogue's opinion.
    """
    if locked:
        return []
    spelled: dict[str, Known] = {}
    for row in sorted(known, key=lambda row: _TRUST.index(row.origin)):
        spelled[series_key(row.name)] = _fill(row, spelled.get(series_key(row.name)))
    wanted = [_place(place, spelled) for place in current]
    added = {"gap"} if wanted else {"gap", "list"}
    wanted += [
        SeriesPlace(spelled[series_key(row.name)].name, spelled[series_key(row.name)].sequence)
        for row in known
        if row.origin in added
    ]
    places = _once(wanted)
    if places == tuple(current):
        return []
    return [Change(field="series", old=tuple(current), new=places, source="Goodreads")]


def _fill(row: Known, before: Known | None) -> Known:
    return Known(row.name, row.sequence or (before.sequence if before else None), row.origin)


def _once(places: Sequence[SeriesPlace]) -> tuple[SeriesPlace, ...]:
    """Each series once, as it stood first."""
    found: dict[str, SeriesPlace] = {}
    for place in places:
        found.setdefault(series_key(place.name), place)
    return tuple(found.values())


def _place(place: SeriesPlace, spelled: dict[str, Known]) -> SeriesPlace:
    row = spelled.get(series_key(place.name))
    if row is None:
        return place
    return SeriesPlace(row.name, place.sequence or row.sequence)
