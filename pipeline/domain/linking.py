"""Which series a book belongs to, so that all books of a series say the same name."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.metadata import Change
from pipeline.domain.models import SeriesPlace
from pipeline.domain.keys import series_key


@dataclass(frozen=True, slots=True)
class Known:
    """A series that we keep, with its own spelling, and where the book stands in it.

    `origin` is "library" when the library itself places the book there, "list" when the series'
    compared list does.
    """

    name: str
    sequence: str | None
    origin: str


def changes(current: Sequence[SeriesPlace], known: Sequence[Known], *, locked: bool) -> list[Change]:
    """Return what must change: nothing when the list is right already, or is the user's own.

    A place that the library shows keeps its sequence; an empty one is filled from the list. The
    name becomes the series' one spelling. A series is only added to a book that has none: a book
    that stands somewhere is not moved into another series by a catalogue's opinion.
    """
    if locked:
        return []
    spelled = {series_key(row.name): row for row in known if row.origin == "list"}
    spelled = {**spelled, **{series_key(r.name): _fill(r, spelled) for r in known if r.origin == "library"}}
    wanted = [_place(place, spelled) for place in current]
    if not wanted:
        wanted = [SeriesPlace(r.name, r.sequence) for r in spelled.values() if r.origin == "list"]
    places = tuple(dict.fromkeys(wanted))
    if places == tuple(current):
        return []
    return [Change(field="series", old=tuple(current), new=places, source="Goodreads")]


def _fill(row: Known, listed: dict[str, Known]) -> Known:
    told = listed.get(series_key(row.name))
    return Known(row.name, row.sequence or (told.sequence if told else None), row.origin)


def _place(place: SeriesPlace, spelled: dict[str, Known]) -> SeriesPlace:
    row = spelled.get(series_key(place.name))
    if row is None:
        return place
    return SeriesPlace(row.name, place.sequence or row.sequence)
