"""From a finished torrent to a book in the library, and what to do when it is not one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline import files, handover, wanted
from pipeline.clients.audiobookshelf import Item
from pipeline.clients.qbittorrent import QBittorrent, Torrent
from pipeline.db import StepDatabase
from pipeline.domain import naming, recording
from pipeline.domain.models import Preferences, WantedBook
from pipeline.domain.recording import Verdict
from pipeline.errors import Permanent
from pipeline.events import BookMissing, DownloadQueued
from pipeline.files import PathMap
from pipeline.library import Library
from pipeline.runs import Run


class GaveUp(Permanent):
    """Every release that we may try for a book has failed."""

    code = "gave_up"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a download may take to grow, and how many releases a book is worth.

    `stalled` counts from the last new byte; `without_metadata` and `missing` (files gone, error, not
    in the client) from the hand-over; `glance` is how often an unwatched download is looked at.
    """

    attempts: int = 3
    stalled: timedelta = timedelta(days=1)
    without_metadata: timedelta = timedelta(minutes=30)
    missing: timedelta = timedelta(minutes=10)
    glance: timedelta = timedelta(seconds=30)

    def exhausted(
        self, state: dict[str, Any], torrent: Torrent | None, now: datetime
    ) -> str | None:
        """Say why the download is given up, or None while there is hope."""
        since_handed_over = now - state["last_attempt"]
        if torrent is None:
            gone = since_handed_over > self.missing
            return "the download client does not know it any more" if gone else None
        if torrent.is_done:
            return None
        if torrent.is_broken and since_handed_over > self.missing:
            return f"the download client says: {torrent.state_text}"
        if torrent.lacks_metadata and since_handed_over > self.without_metadata:
            return "its file list never arrived"
        if now - max(state["grew_at"], state["last_attempt"]) > self.stalled:
            return f"no new byte since {state['grew_at']:%Y-%m-%d %H:%M} UTC"
        return None


@dataclass(frozen=True, slots=True)
class Inspected:
    """What arrived for one book: the files to shelve, or why they are not the book."""

    book: WantedBook
    row: dict[str, Any]
    verdict: Verdict
    root: Path

    @property
    def fit(self) -> bool:
        """Whether it is the wanted recording."""
        return self.verdict.fit

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is not."""
        return self.verdict.reasons


class Shelves:
    """The library's folder on disk, and the download folder beside it."""

    def __init__(
        self,
        library: Library,
        *,
        downloads: PathMap,
        shelf: PathMap,
        template: str,
        preferences: Preferences,
    ) -> None:
        self.library, self.downloads, self.shelf = library, downloads, shelf
        self.template, self.preferences = template, preferences

    async def inspect(
        self, db: StepDatabase, event: DownloadQueued, torrent: Torrent
    ) -> Inspected:
        """Judge the files that arrived for one book of a torrent, before they near the library."""
        rows = await db.rows("downloads.books_of_torrent", infohash=event.infohash)
        books = [wanted.wanted(row) for row in rows]
        mine = next(i for i, row in enumerate(rows) if row["id"] == event.book_id)
        root = self.downloads.local(torrent.save_path)
        names = [file.name for file in await self.library_files(torrent)]
        found = await files.inspect(root, names)
        share = recording.assign(found, books)[event.book_id] if len(books) > 1 else found
        verdict = recording.judge(share, books[mine], self.preferences)
        return Inspected(books[mine], rows[mine], verdict, root)

    async def library_files(self, torrent: Torrent) -> tuple[Any, ...]:
        """Return the torrent's files as the client lists them."""
        return torrent.files
