"""Read what Goodreads prints around a title: series and positions, and dates in words."""

import calendar
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pipeline.domain.models import SeriesPlace

_SUFFIX = re.compile(r"^(?P<bare>.*\S)\s*\((?P<inside>[^()]*#[^()]*)\)$", re.DOTALL)
_PLACE = re.compile(r"^(?P<name>.*?\S),?\s+#(?P<sequence>\S.*)$")
_ID = re.compile(r"/(?:show|editions|list|series)/(\d+)")
_YEAR = re.compile(r"\b(\d{4})\b")
_PACIFIC = ZoneInfo("America/Los_Angeles")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = {name: at for at, name in enumerate(calendar.month_name) if name}
_DATE = re.compile(
    rf"\b(?:(?P<month>{'|'.join(_MONTHS)})\s+(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+)?)?"
    r"(?P<year>\d{3,4})\b"
)


def split_title(title: str) -> tuple[str, tuple[SeriesPlace, ...]]:
    """Split "Title (Series, #2; Other, #5.5)" into the bare title and its places.

    The series named there may be another one than the list in which the title stands.
    """
    found = _SUFFIX.match(" ".join(title.split()))
    if not found:
        return " ".join(title.split()), ()
    places = [_PLACE.match(part.strip()) for part in found["inside"].split(";")]
    return found["bare"], tuple(
        SeriesPlace(place["name"], place["sequence"].strip()) for place in places if place
    )


def id_in(address: str | None) -> str | None:
    """Return the number in /book/show/1885.Title, /work/editions/… and the like."""
    found = _ID.search(address or "")
    return found[1] if found else None


def year_in(text: str) -> str | None:
    """Return the first four-digit year of a text."""
    found = _YEAR.search(text)
    return found[1] if found else None


def date_in_words(text: str) -> str | None:
    """Return "October 14th 2008" as "2008-10-14", as exact as it is printed."""
    found = _DATE.search(text)
    if not found:
        return None
    year = f"{int(found['year']):04d}"
    if not found["month"]:
        return year
    month = f"{year}-{_MONTHS[found['month']]:02d}"
    return f"{month}-{int(found['day']):02d}" if found["day"] else month


def date_of_epoch(milliseconds: float | str | None) -> str | None:
    """Return the day of a `publicationTime`: milliseconds at midnight US-Pacific, also before 1970.

    None for dates that the calendar does not have (catalogued antiquity).
    """
    if milliseconds is None or milliseconds == "":
        return None
    try:
        moment = _EPOCH + timedelta(milliseconds=float(milliseconds))
        return moment.astimezone(_PACIFIC).date().isoformat()
    except (OverflowError, ValueError):
        return None
