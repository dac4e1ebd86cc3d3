"""When a schedule is due: five cron fields, read on the clocks of a time zone. Pure.

A schedule that names its hours and minutes means the wall clock. A time that the clocks skip in
spring is due once, at the first moment after the gap; one that they show twice in autumn is due
once, the first time. A schedule with a star in its minutes or hours means an interval and follows
elapsed time: "*/15 * * * *" is due every fifteen minutes, also in the hour that is shown twice.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from pipeline.errors import BadInput

FIELDS = 5
CLOSEST = timedelta(minutes=15)  # between two due times of one schedule
# The pattern of a day is whole after two days; the days themselves repeat after a leap year.
_SAMPLE = 200
_HORIZON = timedelta(days=9 * 366)
_ANY_DAY = datetime(2028, 1, 1, tzinfo=UTC)


def next_due(cron: str, zone: str, after: datetime) -> datetime:
    """Return the first due time strictly later than *after* (aware), in UTC.

    Raises BadInput for a cron text that cannot be read, or is never due.
    """
    for due in _due_times(cron, zone, after):
        if due > after:
            return due
    raise _never(cron)


def check(cron: str) -> None:
    """Refuse what cannot be read, is never due, or is due more often than every 15 minutes."""
    times: list[datetime] = []
    for due in islice(_due_times(cron, "UTC", _ANY_DAY), _SAMPLE):
        times.append(due)
        if due - _ANY_DAY > _HORIZON:
            break
    if not times:
        raise _never(cron)
    if any(later - earlier < CLOSEST for earlier, later in pairwise(times)):
        raise BadInput(
            f"{cron!r} is due more often than every {CLOSEST.seconds // 60} minutes;"
            " a run needs time, and the services asked need rest"
        )


def in_words(cron: str) -> str:
    """Return what the cron text means, in plain words; raises BadInput when it has no meaning."""
    return _read(cron, _ANY_DAY).explain().replace("“", '"').replace("”", '"')


def _due_times(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """Yield due times in UTC from about *after* on; the first may lie just before it."""
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise BadInput(f"{zone!r} is no IANA time zone; write one like Europe/Vienna") from error
    for local in _read(cron, after.astimezone(place)):
        yield local.astimezone(UTC)


def _read(cron: str, start: datetime) -> CronSim:
    if len(cron.split()) != FIELDS:
        raise BadInput(
            f"{cron!r} is no schedule; write five fields: minute, hour, day of month, month,"
            " day of week, like 0 3 * * 0 for Sundays at 03:00"
        )
    try:
        return CronSim(cron, start)
    except CronSimError as error:
        raise BadInput(f"{cron!r} is no schedule: {str(error).lower()}") from error


def _never(cron: str) -> BadInput:
    return BadInput(f"{cron!r} is never due")
