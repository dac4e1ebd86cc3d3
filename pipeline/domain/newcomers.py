"""An item that has just come into a library, and whether its files have stopped changing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Audiobookshelf's own watcher waits ten seconds after the last change before it tells of an item,
# so what it tells has been quiet for longer than this; what a scan finds may still be growing.
QUIET = timedelta(seconds=8)
LONGEST_COPY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at an item's files: `state` differs whenever one of them does.

    `changed_at` is when a file last changed, `seen_at` when the look was taken, both by the clock
    of the machine that looked; it need not be ours.
    """

    state: tuple[tuple[str, int, int], ...]
    changed_at: datetime
    seen_at: datetime

    @property
    def is_quiet(self) -> bool:
        """Whether the files had been left alone for long enough when they were looked at."""
        return bool(self.state) and self.seen_at - self.changed_at >= QUIET


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An item as its arrival was announced; `sight` is None when the sender told only its name."""

    abs_id: str
    library_id: str = ""
    path: str = ""
    title: str = ""
    added_at: datetime | None = None
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """The last look at an item's files, and since when (our clock) every look was the same."""

    sight: Sight
    since: datetime

    @classmethod
    def look(cls, before: "Watched | None", sight: Sight, now: datetime) -> "Watched":
        """Add one look; anything that changed starts the time anew."""
        same = before is not None and before.sight.state == sight.state
        return cls(sight, before.since if before is not None and same else now)

    def has_settled(self, now: datetime) -> bool:
        """Whether the files can be taken to be complete."""
        if not self.sight.state:
            return False
        return self.sight.is_quiet or now - self.since >= QUIET
