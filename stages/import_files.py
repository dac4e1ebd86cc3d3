"""File a finished download into the library, and prove that Audiobookshelf shows it.

Takes   DownloadQueued
Passes  BookShelved, BookMissing
Waits   while the download runs, until its tracker accepts the account, and until the library shows
        the item
Stops   when the book was imported meanwhile
"""

from datetime import timedelta

from pipeline import handover, shelving, trackers
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.events import BookMissing, BookShelved, DownloadQueued
from pipeline.outcomes import Stop, Wait
from pipeline.runs import Run
from pipeline.shelving import Patience, Shelves

A_MONTH = timedelta(days=30)
HALF_A_DAY = timedelta(hours=12)
SOON = timedelta(seconds=2)


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
    await shelving.watch(db, download, torrent)
    now = clock.now()
    heard = await trackers.heard(db, run, download, torrent, qbittorrent, patience, now)
    hopeless = None if heard.wait else patience.exhausted(download, torrent, now)
    if reason := heard.refusal or hopeless:
        if torrent is not None and torrent.category == qbittorrent.category:
            await qbittorrent.delete(event.infohash, delete_files=True)
        return await shelving.next_release(
            db, run, event, download, reason, patience, arrived=False
        )
    if torrent is None or not torrent.is_done:
        topic = f"torrent:{event.infohash}"
        return heard.wait or Wait(shelving.progress(torrent), patience.glance, topic, A_MONTH)
    arrived = await shelves.inspect(db, event, torrent)
    if not arrived.verdict.fit:
        reason = "; ".join(arrived.verdict.reasons)
        return await shelving.next_release(db, run, event, download, reason, patience, arrived=True)
    path = await shelves.shelve(event, arrived)
    item = await shelves.item_at(path, event.title)
    if item is None:
        await db.do("downloads.importing", id=event.download_id, path=path)
        return Wait("for Audiobookshelf to show it", SOON, f"item:{path}", HALF_A_DAY)
    await shelving.imported(db, event, item, path)
    await handover.settle(db, run, event.book_id)
    run.log(f"{event.title}: in the library at {path}")
    return BookShelved(abs_id=item.id, book_id=event.book_id, title=event.title)
