"""The ranking: each point says how much better one fit release is than another, and why."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

from collections.abc import Callable
from math import log2

from pipeline.domain.keys import series_key
from pipeline.domain.people import SAME, agree, people
from pipeline.domain.positions import parse
from pipeline.domain.release_cases import Case

Point = Callable[[Case], tuple[int, str] | None]

_MOST_FOR_SEEDERS = 10
_PER_GAP = 6


def title(case: Case) -> tuple[int, str] | None:
    """Reward a sure match: up to 20."""
    if case.is_pack:
        return 10, "matched by its files"
    return max(0, case.verdict.score - 80), case.verdict.reason


def narrator(case: Case) -> tuple[int, str] | None:
    """Reward the narrator wished for, or else the one the catalogue names."""
    wished = people(case.preferences.narrators)
    if wished and agree(case.narrators, wished) == SAME:
        return 25, "read by a narrator you prefer"
    known = people(case.wanted.narrators)
    if known and agree(case.narrators, known) == SAME:
        return 15, "read by the narrator of the known edition"
    return None


def series_place(case: Case) -> tuple[int, str] | None:
    """Reward a series and number that are stated and equal."""
    stated = (*case.release.series, *case.name.series)
    for place in case.wanted.series:
        for other in stated:
            same = series_key(place.name) == series_key(other.name)
            numbers = parse(place.sequence).numbers
            if same and numbers and numbers == parse(other.sequence).numbers:
                return 10, f"states {other.name} {other.sequence}"
    return None


def format_preferred(case: Case) -> tuple[int, str] | None:
    """Reward a format the more, the earlier it stands in the user's list."""
    if case.format is None or case.format not in case.preferences.formats:
        return None
    place = case.preferences.formats.index(case.format)
    return max(0, 15 - 5 * place), f"{case.format}, number {place + 1} of your formats"


def costs_nothing(case: Case) -> tuple[int, str] | None:
    """Reward what costs no ratio: freeleech, then VIP."""
    if case.release.freeleech:
        return 8, "freeleech"
    return (5, "VIP") if case.release.vip else None


def seeders(case: Case) -> tuple[int, str] | None:
    """Reward seeders: two points for each doubling, up to ten."""
    count = case.release.seeders or 0
    if count <= 0:
        return None
    return min(_MOST_FOR_SEEDERS, 2 * int(log2(count + 1))), f"{count} seeders"


def sound(case: Case) -> tuple[int, str] | None:
    """Reward 20 to 70 MB an hour (about 45 to 155 kbit/s); less counts against it."""
    hours = (case.wanted.duration_seconds or 0) / 3600
    if not hours or case.is_pack or case.release.size <= 0:
        return None
    per_hour = case.release.size / hours / 1e6
    if per_hour < 20:
        return -5, f"only {per_hour:.0f} MB an hour"
    return (
        (4, f"{per_hour:.0f} MB an hour") if per_hour <= 70 else (0, f"{per_hour:.0f} MB an hour")
    )


def gaps_filled(case: Case) -> tuple[int, str] | None:
    """Reward each further missing book that a pack holds."""
    further = len(case.fills) - 1
    return (_PER_GAP * further, f"fills {len(case.fills)} gaps") if further > 0 else None


def ballast(case: Case) -> tuple[int, str] | None:
    """Count books of a pack that nobody asked for against it."""
    unwanted = len(case.books) - len(case.fills)
    return (-min(20, 2 * unwanted), f"{unwanted} books not wanted") if unwanted > 0 else None


POINTS: tuple[Point, ...] = (
    title,
    narrator,
    series_place,
    format_preferred,
    costs_nothing,
    seeders,
    sound,
    gaps_filled,
    ballast,
)
