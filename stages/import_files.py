"""File a finished download into the library, and prove that Audiobookshelf shows it.

Takes   DownloadQueued
Passes  BookShelved, BookMissing
Waits   while the download runs, and until the library shows the item
Stops   when the book was imported meanwhile
"""

from datetime import timedelta

from pipeline import handover, shelving
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.events import BookMissing, BookShelved, DownloadQueued
from pipeline.outcomes import Stop, Wait
from pipeline.runs import Run
from pipeline.shelving import Patience, Shelves

A_MONTH = timedelta(days=30)


async def run(
    event: DownloadQueued,
    qbittorrent: QBittorrent,
    shelves: Shelves,
    db: StepDatabase,
    patience: Patience,
    clock: Clock,
    run: Run,
) -> BookShelved | BookMissing | Wait | Stop:
    """Look at the torrent; when it is done, check it, shelve it, prove it."""
    download = await db.row("downloads.by_id", id=event.download_id)
    if download is None or download["abs_import_status"] == "imported":
        return Stop("imported already")
    torrent = await qbittorrent.torrent(event.infohash)
    state = await shelving.watch(db, download, torrent)
    if reason := patience.exhausted(state, torrent, clock.now()):
        return await shelving.next_release(db, run, event, reason, qbittorrent, patience)
    if torrent is None or not torrent.is_done:
        return Wait(
            shelving.progress(torrent), patience.glance, f"torrent:{event.infohash}", A_MONTH
        )
    judged = await shelves.inspect(db, event, torrent)
    if not judged.fit:
        reason = "; ".join(judged.reasons)
        return await shelving.next_release(db, run, event, reason, qbittorrent, patience)
    path = await shelves.shelve(db, event, judged)
    item = await shelves.item_at(path)
    if item is None:
        reason = "for Audiobookshelf to show it"
        return Wait(reason, timedelta(seconds=2), f"item:{path}", timedelta(hours=12))
    await shelving.imported(db, event, item, path)
    await handover.settle(db, run, event.book_id)
    run.log(f"{event.title}: in the library at {path}")
    return BookShelved(abs_id=item.id, book_id=event.book_id, title=event.title)
