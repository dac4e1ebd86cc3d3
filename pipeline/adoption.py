"""Take in finished torrents of our category that nobody imported.

They are left over when a run was cancelled, when a step failed for good, or when the database was
restored from before the download. A torrent is taken for a book when we handed it over for that
book, when it carries the book's tag and its name does not speak against it, or when its name means
one wanted book and no other. It then goes once through the chain of a download that was asked for
by hand; what is none of ours is listed and never touched.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import structlog

from pipeline import runs, wanted
from pipeline.clients.qbittorrent import Torrent
from pipeline.db import Pool, Transaction
from pipeline.domain import torrents as linking
from pipeline.domain.matching import compare, of_name, of_wanted
from pipeline.domain.titles import read
from pipeline.events import BookMissing

TAG = "bookrunner-"
GRACE = 30.0  # seconds for which a finished torrent is left to the run that fetched it
JUDGED_FOR = 600.0  # seconds until a torrent is judged again
AT_ONCE = 50
_log = structlog.get_logger()


class Match(NamedTuple):
    """The wanted book that a torrent is, or why it is none."""

    book: Mapping[str, Any] | None
    reason: str


class Finding(NamedTuple):
    """What was decided about a torrent, as it is written down."""

    infohash: str
    book_id: int | None
    verdict: Literal["adopted", "unknown"]
    reason: str
    run_id: int | None = None


class Adoption:
    """Judges one user's finished torrents. *grace* and *again* are seconds."""

    def __init__(
        self, pool: Pool, user_id: int, *, grace: float = GRACE, again: float = JUDGED_FOR
    ) -> None:
        self.pool, self.user_id = pool, user_id
        self.grace, self.again = grace, again
        self._due: dict[str, float] = {}
        self._strangers: set[str] | None = None

    async def consider(self, finished: Sequence[Torrent]) -> None:
        """Judge those of the *finished* torrents of our category whose time has come."""
        now = time.monotonic()
        held = {torrent.infohash for torrent in finished}
        await self._forget(held)
        self._due = {key: at for key, at in self._due.items() if key in held}
        due = [t for t in finished if self._due.setdefault(t.infohash, now + self.grace) <= now]
        if not due:
            return
        for torrent in due[:AT_ONCE]:
            self._due[torrent.infohash] = now + self.again
        await self._judge(due[:AT_ONCE])

    async def _forget(self, held: set[str]) -> None:
        """Strike strangers off the list that the client does not hold any more."""
        if self._strangers is None:
            async with self.pool.user(self.user_id) as db:
                rows = await db.rows("watcher.unknown")
            self._strangers = {row["infohash"] for row in rows}
        if gone := self._strangers - held:
            async with self.pool.user(self.user_id) as db:
                await db.do("watcher.known_now", infohashes=sorted(gone))
            self._strangers -= gone

    async def _judge(self, torrents: Sequence[Torrent]) -> None:
        hashes = sorted({name for torrent in torrents for name in _names(torrent)})
        async with self.pool.user(self.user_id) as db:
            known = await db.rows("watcher.standing", infohashes=hashes)
            before = await db.rows("watcher.adopted_before", infohashes=hashes)
        taken = {row["infohash"] for row in before if row["verdict"] == "adopted"}
        strangers = []
        for torrent in torrents:
            downloads = [row for row in known if torrent.answers_to(row["infohash"])]
            for row in downloads:
                if _is_orphan(row):
                    await self._adopt(
                        torrent, row, "a run of ours fetched it and did not import it"
                    )
            if not downloads and torrent.infohash not in taken:
                strangers.append(torrent)
        if strangers:
            await self._meet(strangers)

    async def _meet(self, strangers: Sequence[Torrent]) -> None:
        """Find the books of torrents that no download of ours names."""
        async with self.pool.user(self.user_id) as db:
            books = await db.rows("watcher.wanted")
        for torrent in strangers:
            match = find_book(torrent, books)
            if match.book is not None:
                await self._adopt(
                    torrent, {**match.book, "book_id": match.book["id"]}, match.reason
                )
                continue
            async with self.pool.user(self.user_id) as db:
                finding = Finding(torrent.infohash, None, "unknown", match.reason)
                await _write(db, torrent, finding)
            if self._strangers is not None:
                self._strangers.add(torrent.infohash)

    async def _adopt(self, torrent: Torrent, row: Mapping[str, Any], reason: str) -> None:
        """Start the chain that imports what is there; all of it is written in one transaction."""
        event = BookMissing(
            book_id=row["book_id"], title=row["title"], attempt=row.get("retry_count", 0) + 1
        )
        infohash = row.get("infohash", torrent.infohash)
        async with self.pool.user(self.user_id) as db:
            if "infohash" not in row:
                await db.do(
                    "watcher.adopt",
                    book_id=row["book_id"],
                    magnet_link=linking.magnet_link(infohash, torrent.name),
                    infohash=infohash,
                    title=torrent.name,
                    size=torrent.size,
                )
            run = await runs.start(
                db,
                self.user_id,
                "REDOWNLOAD",
                event=event,
                subject=str(row["book_id"]),
                started_by="event",
            )
            if run.created:
                await db.do("watcher.known_now", infohashes=[torrent.infohash])
                finding = Finding(infohash, row["book_id"], "adopted", reason, run.id)
                await _write(db, torrent, finding)
                _log.info("adoption: imported by a run", run=run.id, name=torrent.name, why=reason)


async def _write(db: Transaction, torrent: Torrent, finding: Finding) -> None:
    await db.do("watcher.judge", name=torrent.name, size=torrent.size, **finding._asdict())


def find_book(torrent: Torrent, books: Sequence[Mapping[str, Any]]) -> Match:
    """Return which of the wanted *books* a finished torrent is: by its tag, else by its name.

    A tag alone is not believed: after an older database was restored its number may mean another
    book. A name has to mean one book beyond doubt, and only one.
    """
    name = of_name(read(torrent.name))
    verdicts = [(compare(name, of_wanted(wanted.wanted(dict(book)))), book) for book in books]
    tagged = {int(tag.removeprefix(TAG)) for tag in torrent.tags if _is_ours(tag)}
    for verdict, book in verdicts:
        if book["id"] in tagged and verdict.band != "reject":
            return Match(book, f"it carries the book's tag, and its name fits: {verdict.reason}")
    sure = [(verdict, book) for verdict, book in verdicts if verdict.band == "auto"]
    if len(sure) == 1:
        return Match(sure[0][1], f"its name means a wanted book: {sure[0][0].reason}")
    if sure:
        return Match(None, f"its name could be any of {len(sure)} wanted books")
    if tagged:
        return Match(None, "it carries the tag of a book that is not wanted or has another name")
    return Match(None, "its name means no wanted book beyond doubt")


def _is_ours(tag: str) -> bool:
    return tag.startswith(TAG) and tag.removeprefix(TAG).isascii() and tag[len(TAG) :].isdecimal()


def _is_orphan(row: Mapping[str, Any]) -> bool:
    """Whether a download arrived, waits for its import, and no run looks after it."""
    waits = row["abs_import_status"] in {"pending", "importing"} and row["status"] != "failed"
    return waits and not (row["owned"] or row["looked_after"] or row["adopted"])


def _names(torrent: Torrent) -> list[str]:
    """Return every name under which we may have written a torrent down."""
    v2 = torrent.infohash_v2
    return [name for name in (torrent.hash, torrent.infohash_v1, v2, v2 and v2[:40]) if name]
