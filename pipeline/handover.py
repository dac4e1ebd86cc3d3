"""Hand a chosen release to the download client so that no crash hands it over twice.

The download's row is committed before the torrent is handed over. A step that is run again finds
the row, and the client says by infohash whether the hand-over took place: if so, the step passes on
what it had done; if not, nothing was handed over and the choice is made anew.
"""

from typing import Any

from pipeline import decisions
from pipeline.choosing import Choice, Taken
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import Database, StepDatabase
from pipeline.domain import torrents
from pipeline.domain.transfers import Torrent
from pipeline.events import BookMissing, DownloadQueued
from pipeline.runs import Run
from pipeline.search import Fetched


def batch_topic(run_id: int) -> str:
    """Return what wakes the books of a run that wait for their batch."""
    return f"batch:{run_id}"


class Batch:
    """Downloads of one run in batches: a batch begins when the last one has settled."""

    def __init__(self, size: int) -> None:
        self.size = size

    async def enter(self, db: StepDatabase, run: Run, book_id: int) -> bool:
        """Take a place, or find the one taken before; False when the batch is full."""
        async with db.apart() as apart:
            await apart.do("downloads.hold_batch", run_id=run.run_id)
            places = await apart.rows(
                "downloads.admit", run_id=run.run_id, book_id=book_id, size=self.size
            )
        return bool(places)

    async def leave(self, db: StepDatabase, run: Run, book_id: int) -> None:
        """Give the place back: nothing was downloaded."""
        if await db.do("downloads.give_back", run_id=run.run_id, book_id=book_id):
            await db.value("steps.wake", user_id=run.user_id, topic=batch_topic(run.run_id))


async def settle(db: Database, run: Run, book_id: int) -> None:
    """Note that a book's download came to its end, in whichever run took a place for it."""
    for row in await db.rows("downloads.settle", book_id=book_id):
        await db.value("steps.wake", user_id=run.user_id, topic=batch_topic(row["run_id"]))


async def not_wanted(db: StepDatabase, book_id: int) -> str | None:
    """Say why a book is not wanted any more, or None when it is."""
    row = await db.row("missing.still_wanted", book_id=book_id)
    if row is None:
        return "the book is gone from our list"
    if not row["wanted"]:
        return "the library holds it by now"
    return "ignored by the user" if row["ignored"] else None


async def under_way(
    db: StepDatabase, event: BookMissing, by_hand: Taken | None, qbittorrent: QBittorrent
) -> list[DownloadQueued] | None:
    """Return what an earlier try of this step, or a pack, handed over for the book; else None.

    What is under way gives way to another release that a person took *by_hand*.
    """
    row = await db.row("downloads.open_for_book", book_id=event.book_id)
    if row is None:
        return None
    torrent = await qbittorrent.torrent(row["infohash"])
    if torrent is None:
        await _give_up(db, row, "was never handed over")
        return None
    if by_hand is not None and row["release_guid"] != by_hand.guid:
        await _give_way(db, row, torrent, qbittorrent)
        return None
    return [await _queued(db, event, event.book_id, event.title, row["id"], row["infohash"])]


async def _give_way(
    db: StepDatabase, row: dict[str, Any], torrent: Torrent, qbittorrent: QBittorrent
) -> None:
    """Give up a download for another release; what has all its data goes on seeding."""
    infohash = row["infohash"]
    others = await db.rows("downloads.others_of_torrent", infohash=infohash, id=row["id"])
    if torrent.category == qbittorrent.category and not torrent.is_done and not others:
        await qbittorrent.delete(infohash, delete_files=True)
    await _give_up(db, row, "another release was taken by hand")


async def _give_up(db: StepDatabase, row: dict[str, Any], reason: str) -> None:
    async with db.apart() as apart:
        await apart.do("downloads.give_up", id=row["id"], reason=reason)


async def refuse(db: StepDatabase, run: Run, event: BookMissing, choice: Choice) -> None:
    """Keep why no release was fit."""
    await decisions.keep(db, run, event.book_id, choice)
    await db.do("missing.mark", book_id=event.book_id, status="refused", reason=choice.summary)


async def hand_over(
    db: StepDatabase, run: Run, event: BookMissing, choice: Choice, qbittorrent: QBittorrent
) -> list[DownloadQueued]:
    """Write the download down, hand it over, keep every decision; one event per book it fills.

    A search takes its time: what another run handed over for the book meanwhile is passed on.
    """
    won = choice.winner
    assert won is not None  # noqa: S101  # the stage hands over only what was chosen
    if faster := await under_way(db, event, choice.taken, qbittorrent):
        return faster
    infohash = won.torrent.infohash
    downloads = await _record(db, run, event, choice, won)
    await qbittorrent.add(won.data, infohash=infohash, tags=(f"bookrunner-{event.book_id}",))
    await decisions.keep(db, run, event.book_id, choice)
    run.log(choice.told(f"{event.title}: handed over {won.release.title}"))
    rows = await db.rows("books.titles", books=list(downloads))
    titles = {row["id"]: row["title"] for row in rows}
    return [
        await _queued(db, event, book, titles.get(book, event.title), download, infohash)
        for book, download in downloads.items()
    ]


async def _record(
    db: StepDatabase, run: Run, event: BookMissing, choice: Choice, won: Fetched
) -> dict[int, int]:
    """Write down, at once, what is about to be handed over; return the download of each book."""
    books = (event.book_id, *(b for b in choice.fills if b != event.book_id))
    infohash, overruled = won.torrent.infohash, choice.overruled
    downloads: dict[int, int] = {}
    for book_id in books:
        [row] = await db.at_once(
            "downloads.record",
            book_id=book_id,
            source=choice.origin,
            magnet_link=torrents.magnet_link(infohash, won.release.title),
            retry_count=event.attempt - 1,
            run_id=run.run_id,
            infohash=infohash,
            guid=won.release.guid,
            title=won.release.title,
            indexer=won.release.indexer,
            size=won.torrent.size or won.release.size,
            overruled=None if overruled is None else [rule for rule, _ in overruled],
        )
        downloads[book_id] = row["id"]
    return downloads


async def _queued(  # noqa: PLR0913, PLR0917  # what an event says, and whose attempt it was
    db: StepDatabase, event: BookMissing, book: int, title: str, download: int, infohash: str
) -> DownloadQueued:
    """Mark a book as downloading; return the fact that passes on."""
    await db.do("missing.mark", book_id=book, status="downloading", reason=None)
    return DownloadQueued(
        book_id=book,
        title=title,
        download_id=download,
        infohash=infohash,
        attempt=event.attempt,
    )
