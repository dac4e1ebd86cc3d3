"""How things are said on the pages: moments, sizes, durations, numbers, names, values."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

NOTHING = "\N{EN DASH}"
UTC_ZONE = ZoneInfo("UTC")
_zone: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)

STAGES = {
    "discover_series": "Find series",
    "discover_authors": "Find authors",
    "discover_library": "List library",
    "discover_recent": "List new books",
    "discover_top10": "Read charts",
    "compare_library": "Compare",
    "search_releases": "Search",
    "queue_download": "Search",
    "import_files": "Download",
    "fetch_metadata": "Describe",
    "ask_again": "Ask again",
    "link_series": "Link series",
    "apply_approval": "Apply answer",
    "find_corrections": "Find changes",
    "roll_back": "Roll back",
    "run_crawler": "Crawl guides",
    "clean_up": "Clean up",
}
WORKFLOWS = {
    "MAM": "Crawl guides",
    "TOP10": "Weekly top ten",
    "METADATA_FULL": "Describe every book",
    "METADATA_NEW": "Describe new books",
    "SERIES": "Complete series",
    "AUTHOR": "Complete authors",
    "IMPORTED": "Describe an import",
    "REDOWNLOAD": "Fetch a book again",
    "SEARCH": "Search for releases",
    "APPROVED": "Do what was approved",
    "ROLLBACK": "Roll back",
    "CLEANUP": "Clean up",
    "RESCAN": "Scan the library",
}
FIELDS = {"isbn": "ISBN", "asin": "ASIN"}
SERVICES = {
    "audiobookshelf": "Audiobookshelf",
    "qbittorrent": "qBittorrent",
    "prowlarr": "Prowlarr",
    "mam": "MyAnonamouse",
    "google_books": "Google Books",
    "goodreads": "Goodreads",
}


@contextmanager
def in_zone(name: str) -> Iterator[None]:
    """Say moments in this time zone while the block lasts."""
    before = _zone.set(ZoneInfo(name))
    try:
        yield
    finally:
        _zone.reset(before)


def when(moment: datetime | None, now: datetime | None = None) -> Markup | str:
    """Return a moment as short as it is clear, with the exact one on hover."""
    if moment is None:
        return NOTHING
    zone = _zone.get() or UTC_ZONE
    local = moment.astimezone(zone)
    short = _short(local, (now or datetime.now(UTC)).astimezone(zone))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="seconds"), _exact(local), short
    )


def clock(moment: datetime) -> Markup:
    """Return the time of day to the second, with the whole moment on hover."""
    local = moment.astimezone(_zone.get() or UTC_ZONE)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(timespec="milliseconds"),
        _exact(local),
        f"{local:%H:%M:%S}",
    )


def _exact(local: datetime) -> str:
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M:%S} {local.tzname()}"


def _short(local: datetime, now: datetime) -> str:
    days = (local.date() - now.date()).days
    names = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in names:
        return f"{names[days]} {local:%H:%M}"
    if local.year == now.year:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local.day} {local:%b %Y}"


def duration(seconds: float | timedelta | None) -> str:
    """Return a length of time in at most two units."""
    if seconds is None:
        return NOTHING
    left = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if left < 1:
        return "under 1 s"
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts, rest = [], round(left)
    for name, length in units:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def playing(seconds: float | None) -> str:
    """Return the length of an audiobook, in hours and minutes however long it is."""
    if not seconds:
        return NOTHING
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def size(count: int | None) -> str:
    """Return bytes in decimal units, as download clients show them."""
    if not count:
        return NOTHING
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004  # decimal units
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"  # noqa: PLR2004  # two digits
        value /= 1000
    return f"{value:.1f} TB"


def number(count: float | None) -> str:
    """Return a number with its thousands apart."""
    return NOTHING if count is None else f"{count:,.0f}".replace(",", "\u202f")


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 book` or `2 books`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def stage(name: str) -> str:
    """Return what a stage does, in a word or two."""
    return STAGES.get(name) or plain(name)


def workflow(name: str) -> str:
    """Return what a workflow does."""
    return WORKFLOWS.get(name) or plain(name)


def service(name: str) -> str:
    """Return a service under its own name."""
    return SERVICES.get(name) or plain(name)


def field(name: str) -> str:
    """Return the name of a field of metadata."""
    return FIELDS.get(name) or plain(name)


def plain(name: str) -> str:
    """Return a name of ours as words."""
    return name.replace("_", " ").capitalize() if name.islower() else name.replace("_", " ")


def told(value: Any) -> str:
    """Return a value of metadata as a reader writes it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(told(each) for each in value)
    if isinstance(value, dict):
        place = value.get("sequence")
        return f"{value.get('name', '')} #{place}" if place else str(value.get("name", ""))
    return str(value)


FILTERS = {
    "when": when,
    "clock": clock,
    "duration": duration,
    "playing": playing,
    "size": size,
    "number": number,
    "counted": counted,
    "stage": stage,
    "workflow": workflow,
    "service": service,
    "field": field,
    "plain": plain,
    "told": told,
}
