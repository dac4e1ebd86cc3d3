"""From a torrent to a book in the library, and what to do when it is not one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline import files, handover, wanted
from pipeline.clients.audiobookshelf import Item
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import StepDatabase
from pipeline.domain import metadata as fields_of
from pipeline.domain import recording
from pipeline.domain.audio_files import Recording
from pipeline.domain.models import Preferences, WantedBook
from pipeline.domain.naming import Template
from pipeline.domain.recording import Verdict
from pipeline.domain.transfers import State, Torrent
from pipeline.errors import Permanent
from pipeline.events import BookMissing, DownloadQueued
from pipeline.exclusive import OneAtATime
from pipeline.files import PathMap
from pipeline.library import Library
from pipeline.runs import Run

_IDLE = frozenset({State.STALLED, State.DOWNLOADING, State.METADATA})
BROKEN = frozenset({State.ERROR, State.MISSING})


class GaveUp(Permanent):
    """Every release that we may try for a book has failed."""

    code = "gave_up"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a download may take to grow, and how many releases a book is worth.

    `stalled` counts from the last new byte; `without_metadata` and `broken` (an error, files or the
    torrent itself gone) from the hand-over; `glance` is how often an unwatched one is looked at.
    After `quiet` without a new byte its trackers are asked after; one that calls the torrent gone
    is believed when it says so still after `second_look`.
    """

    attempts: int = 3
    stalled: timedelta = timedelta(days=1)
    without_metadata: timedelta = timedelta(minutes=30)
    broken: timedelta = timedelta(minutes=10)
    glance: timedelta = timedelta(seconds=30)
    quiet: timedelta = timedelta(minutes=2)
    second_look: timedelta = timedelta(minutes=2)

    def exhausted(
        self, download: dict[str, Any], torrent: Torrent | None, now: datetime
    ) -> str | None:
        """Say why the download is given up, or None while there is hope."""
        since = now - download["last_attempt"]
        if torrent is None:
            gone = since > self.broken
            return "the download client does not know it any more" if gone else None
        if torrent.is_done:
            return None
        if torrent.state in BROKEN and since > self.broken:
            return f"the download client says {torrent.state}"
        if torrent.state is State.METADATA and since > self.without_metadata:
            return "its file list never arrived"
        if now - max(download["grew_at"], download["last_attempt"]) > self.stalled:
            return f"no new byte for {_span(now - download['grew_at'])}" + _as_told(download)
        return None

    def wonders(self, download: dict[str, Any], torrent: Torrent, now: datetime) -> bool:
        """Whether so little comes that its trackers should be asked after."""
        idle = torrent.state in _IDLE and not torrent.speed
        return idle and now - max(download["grew_at"], download["last_attempt"]) > self.quiet


@dataclass(frozen=True, slots=True)
class Inspected:
    """What arrived for one book: its files below `root`, and whether they are the book."""

    book: WantedBook
    row: dict[str, Any]
    root: Path
    found: Recording
    verdict: Verdict


class Shelves:
    """The library's folder on disk, and the download folder beside it."""

    def __init__(  # noqa: PLR0913  # two folders, their paths, and what is judged by
        self,
        library: Library,
        qbittorrent: QBittorrent,
        *,
        downloads: PathMap,
        shelf: PathMap,
        template: Template,
        preferences: Preferences,
        exclusive: OneAtATime,
    ) -> None:
        self.library, self.qbittorrent = library, qbittorrent
        self.downloads, self.shelf = downloads, shelf
        self.template, self.preferences = template, preferences
        self._exclusive = exclusive

    async def inspect(self, db: StepDatabase, event: DownloadQueued, torrent: Torrent) -> Inspected:
        """Judge the files that arrived for one book of a torrent, before they near the library."""
        rows = await db.rows("downloads.books_of_torrent", infohash=event.infohash)
        books = [wanted.wanted(row) for row in rows]
        mine = next(i for i, row in enumerate(rows) if row["id"] == event.book_id)
        root = self.downloads.local(torrent.save_path)
        names = [f.path for f in await self.qbittorrent.files(event.infohash) if f.is_wanted]
        found = await files.inspect(root, names)
        if len(books) > 1:
            found = recording.assign(found, books)[event.book_id]
        overruled = rows[mine]["overruled"] or ()
        verdict = recording.judge(found, books[mine], self.preferences, overruled)
        return Inspected(books[mine], rows[mine], root, found, verdict)

    async def shelve(self, event: DownloadQueued, arrived: Inspected) -> str:
        """Bring the files into the library; return the folder as Audiobookshelf will see it.

        Two runs may look after one download; the second finds what the first has shelved. Raises
        what `files.bring_in` raises, and NotNow while the other one takes long.
        """
        folder = self.template.folder(fields_of.from_json(arrived.row["metadata"]))
        root = await self.folder()
        placed = files.plan(arrived.root, arrived.found)
        key = f"{event.infohash}-{event.book_id}"
        async with self._exclusive(f"import:{key}"):
            shelved = await files.bring_in(placed, root, folder, key)
        return self.shelf.remote(shelved.path)

    async def item_at(self, path: str, title: str) -> Item | None:
        """Return the item that stands at *path*, asking for a scan while there is none."""
        audiobookshelf, library = self.library.audiobookshelf, await self.library.id()
        item = await audiobookshelf.find_by_path(library, path, title=title)
        if item is None:
            await audiobookshelf.scan(library)
        return item

    async def folder(self) -> Path:
        """Return the first folder of the library, as this machine sees it."""
        library = await self.library.audiobookshelf.book_library(self.library.name)
        return self.shelf.local(library.folders[0])


async def watch(db: StepDatabase, download: dict[str, Any], torrent: Torrent | None) -> None:
    """Keep what the client says of a torrent, at once; *download* is brought up to date."""
    if torrent is None:
        return
    rows = await db.at_once(
        "downloads.watch",
        infohash=download["infohash"],
        done=torrent.is_done,
        progress=torrent.progress,
        bytes=torrent.completed,
        state=torrent.state.value,
        speed=torrent.speed,
        eta=torrent.eta,
        content_path=torrent.content_path,
    )
    download.update(next((row for row in rows if row["id"] == download["id"]), {}))


def progress(torrent: Torrent | None) -> str:
    """Say in words how far a download is."""
    if torrent is None:
        return "for the download client to show it"
    if torrent.state is State.METADATA:
        return "for its file list"
    return f"for the download: {torrent.progress:.0%} of {torrent.size / 1e6:.0f} MB"


async def next_release(  # noqa: PLR0913, PLR0917  # all that is known of the failure
    db: StepDatabase,
    run: Run,
    event: DownloadQueued,
    download: dict[str, Any],
    reason: str,
    patience: Patience,
    *,
    arrived: bool,
) -> BookMissing:
    """Block a release that failed and ask for the next one; raises GaveUp after the last attempt.

    What has *arrived* is refused and stays with the client, where it goes on seeding as the tracker
    asks; what never did is a failed download.
    """
    async with db.apart() as apart:
        await apart.do(
            "downloads.block",
            book_id=event.book_id,
            guid=download["release_guid"],
            infohash=event.infohash,
            title=download["release_title"],
            reason=reason,
        )
        await apart.do(
            f"downloads.{'refuse' if arrived else 'give_up'}", id=event.download_id, reason=reason
        )
    if event.attempt >= patience.attempts:
        await give_up(db, run, event, reason)
        raise GaveUp(f"{event.title}: {event.attempt} releases tried; the last one: {reason}")
    run.log(f"{event.title}: {download['release_title']}: {reason}; next release", level="warning")
    await db.do("missing.mark", book_id=event.book_id, status="queued", reason=reason)
    return BookMissing(book_id=event.book_id, title=event.title, attempt=event.attempt + 1)


async def give_up(db: StepDatabase, run: Run, event: DownloadQueued, reason: str) -> None:
    """Write down, apart from the step that is about to fail, that the book's search is over."""
    async with db.apart() as apart:
        await apart.do("missing.mark", book_id=event.book_id, status="failed", reason=reason)
        await handover.settle(apart, run, event.book_id)


async def imported(db: StepDatabase, event: DownloadQueued, item: Item, path: str) -> None:
    """Write down that the book stands in the library as *item*."""
    await db.value("books.adopt", id=event.book_id, abs_id=item.id)
    await db.do("downloads.imported", id=event.download_id, path=path)
    await db.do("missing.mark", book_id=event.book_id, status="imported", reason=None)


def _as_told(download: dict[str, Any]) -> str:
    says = download.get("tracker_says")
    return f"; its tracker says: {says}" if says else ""


def _span(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours >= 1 else f"{time.total_seconds():.0f} seconds"
