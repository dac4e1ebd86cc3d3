"""Hand a chosen release to the download client so that no crash hands it over twice.

The download's row is committed before the torrent is handed over. A step that is run again finds
the row, and the client says by infohash whether the hand-over took place: if so, the step passes on
what it had done; if not, nothing was handed over and the choice is made anew.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import Database, StepDatabase
from pipeline.domain import torrents
from pipeline.domain.models import Release
from pipeline.domain.releases import Decision, Judged
from pipeline.domain.searches import Identity
from pipeline.errors import Permanent
from pipeline.events import BookMissing, DownloadQueued
from pipeline.runs import Run
from pipeline.search import Fetched, Offers, ReleaseSearch

CANDIDATES = 5  # torrents that are fetched at most for one identity before it counts as unfit
LOOKS = 3  # packs whose file list is fetched at most for one identity

Choose = Callable[[Sequence[Release]], Decision]


@dataclass(slots=True)
class Choice:
    """What was offered under each identity, and the release that won, with its torrent."""

    winner: Fetched | None = None
    origin: Identity = "MAM"
    fills: tuple[int, ...] = ()
    decided: list[tuple[Identity, Judged]] = field(default_factory=list)
    refused_torrents: dict[str, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    _fetched: dict[str, Fetched] = field(default_factory=dict)

    async def take(self, offers: Offers, choose: Choose, search: ReleaseSearch) -> None:
        """Judge one identity's offers; fetch the torrents of the fit ones until one is safe."""
        self.trouble.extend(offers.trouble)
        releases = list(offers.releases)
        decision = choose(releases)
        if decision.to_inspect and decision.winner is None:
            releases = await self._with_files(releases, decision, search)
            decision = choose(releases)
        self.decided.extend((offers.origin, judged) for judged in decision.judged)
        for judged in decision.fit[:CANDIDATES]:
            fetched = await self._fetch(judged.release, search)
            if fetched is not None:
                self.winner, self.origin, self.fills = fetched, offers.origin, judged.fills
                return

    async def _with_files(
        self, releases: Sequence[Release], decision: Decision, search: ReleaseSearch
    ) -> list[Release]:
        """Return the releases with the file lists of the packs that might be worth it."""
        lists: dict[str, tuple[tuple[str, int], ...]] = {}
        for release in decision.to_inspect[:LOOKS]:
            fetched = await self._fetch(release, search)
            if fetched is not None:
                lists[release.guid] = fetched.torrent.files
        return [replace(r, files=lists.get(r.guid, r.files)) for r in releases]

    async def _fetch(self, release: Release, search: ReleaseSearch) -> Fetched | None:
        """Return a release's torrent, asked for once whoever offers it again; None when refused."""
        guid = release.guid
        if guid not in self._fetched and guid not in self.refused_torrents:
            try:
                self._fetched[guid] = await search.fetch(release)
            except Permanent as error:
                self.refused_torrents[guid] = str(error)
        return self._fetched.get(guid)

    @property
    def summary(self) -> str:
        """Say in one line why nothing was chosen."""
        seen = {judged.release.guid for _, judged in self.decided}
        if not seen:
            return "; ".join(["nobody offers it", *self.trouble])
        return f"none of {len(seen)} releases is fit"


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
    db: StepDatabase, event: BookMissing, qbittorrent: QBittorrent
) -> list[DownloadQueued] | None:
    """Return what an earlier try of this step, or a pack, handed over for the book; else None."""
    row = await db.row("downloads.open_for_book", book_id=event.book_id)
    if row is None:
        return None
    if await qbittorrent.torrent(row["infohash"]) is None:
        async with db.apart() as apart:
            await apart.do("downloads.give_up", id=row["id"], reason="was never handed over")
        return None
    return [await _queued(db, event, event.book_id, event.title, row["id"], row["infohash"])]


async def refuse(db: StepDatabase, run: Run, event: BookMissing, choice: Choice) -> None:
    """Keep why no release was fit."""
    await _keep_decisions(db, run, event.book_id, choice)
    await db.do("missing.mark", book_id=event.book_id, status="refused", reason=choice.summary)


async def hand_over(
    db: StepDatabase, run: Run, event: BookMissing, choice: Choice, qbittorrent: QBittorrent
) -> list[DownloadQueued]:
    """Write the download down, hand it over, keep every decision; one event per book it fills."""
    won = choice.winner
    assert won is not None  # noqa: S101  # the stage hands over only what was chosen
    books = (event.book_id, *(b for b in choice.fills if b != event.book_id))
    infohash = won.torrent.infohash
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
        )
        downloads[book_id] = row["id"]
    await qbittorrent.add(won.data, infohash=infohash, tags=(f"bookrunner-{event.book_id}",))
    await _keep_decisions(db, run, event.book_id, choice)
    titles = {row["id"]: row["title"] for row in await db.rows("books.titles", books=list(books))}
    return [
        await _queued(db, event, book, titles.get(book, event.title), downloads[book], infohash)
        for book in books
    ]


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


async def _keep_decisions(db: StepDatabase, run: Run, book_id: int, choice: Choice) -> None:
    """Keep every release that was looked at, once, under the first identity that found it."""
    await db.do("downloads.forget_decisions", book_id=book_id, run_id=run.run_id)
    seen: set[str] = set()
    for origin, judged in choice.decided:
        release = judged.release
        if release.guid in seen:
            continue
        seen.add(release.guid)
        await db.do(
            "downloads.decide",
            book_id=book_id,
            run_id=run.run_id,
            guid=release.guid,
            title=release.title,
            indexer=release.indexer,
            source=origin,
            verdict=_verdict(judged, choice),
            refusals=json.dumps(_refusals(judged, choice)),
            ranking=json.dumps([list(points) for points in judged.ranking]),
            score=judged.score,
            size=release.size,
            seeders=release.seeders,
        )


def _verdict(judged: Judged, choice: Choice) -> str:
    guid = judged.release.guid
    if choice.winner is not None and choice.winner.release.guid == guid:
        return "chosen"
    return "refused" if judged.refusals or guid in choice.refused_torrents else "fit"


def _refusals(judged: Judged, choice: Choice) -> list[list[str]]:
    found = [list(refusal) for refusal in judged.refusals]
    if reason := choice.refused_torrents.get(judged.release.guid):
        found.append(["torrent", reason])
    return found
