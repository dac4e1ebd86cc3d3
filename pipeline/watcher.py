"""Watch all downloads of a user with one question: what has changed since it was last asked.

The watcher keeps what the client says in `downloads`, and wakes the step that waits for a torrent
when it has arrived, when it turned bad, when its tracker refuses it, and when its patience has run
out. What is then to be done
is the step's to decide: a watcher that is not there makes everything slower and nothing wrong.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from pipeline import runs
from pipeline.adoption import Adoption
from pipeline.clients.qbittorrent import QBittorrent, State, SyncState, Torrent
from pipeline.clock import Clock
from pipeline.db import Pool
from pipeline.errors import BookrunnerError, NotConfigured, NotNow, ServiceRefused
from pipeline.sentries import is_set_up
from pipeline.shelving import Patience
from pipeline.trackers import Inquiry

OFTEN, SELDOM = 2.0, 30.0  # seconds between questions, with and without open downloads
SAY_EVERY = 10.0  # seconds between two notes that all is well
FIRST_REMINDER, LAST_REMINDER = 30.0, 600.0  # seconds until a step that was woken is woken again
LONGEST_PAUSE, WHEN_REFUSED = 60.0, 300.0
_BAD = frozenset({State.ERROR, State.MISSING})
_log = structlog.get_logger()


@dataclass(slots=True)
class _Told:
    """What a step was woken for, and when it is reminded."""

    verdict: str
    again_at: float
    pause: float = FIRST_REMINDER


@dataclass(slots=True)
class Watcher:
    """Watches one user's download client. *often* and *seldom* are seconds."""

    pool: Pool
    user_id: int
    qbittorrent: QBittorrent
    patience: Patience
    clock: Clock
    adoption: Adoption
    often: float = OFTEN
    seldom: float = SELDOM
    _known: SyncState | None = None
    _kept: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    _told: dict[int, _Told] = field(default_factory=dict)
    _asked_at: float = float("-inf")
    _inquiry: Inquiry = field(init=False)
    _said: tuple[float, str, str] = (float("-inf"), "", "")

    def __post_init__(self) -> None:
        self._inquiry = Inquiry(self.qbittorrent, self.patience)

    async def run(self) -> None:
        """Watch until cancelled; a client that does not answer is asked again, ever more seldom."""
        if not is_set_up(self.qbittorrent.address):
            await self._say("off", "qBittorrent is not set up: give its address and sign-in")
            await asyncio.Event().wait()
        pause = self.often
        while True:
            try:
                await self.look()
                pause = self.often
            except (ServiceRefused, NotConfigured) as error:
                pause = WHEN_REFUSED
                await self._say("refused", str(error))
            except NotNow as error:
                pause = min(LONGEST_PAUSE, max(self.often, error.after.total_seconds()))
                await self._say("down", str(error))
            except BookrunnerError as error:
                pause = min(LONGEST_PAUSE, pause * 2)
                await self._say("down", str(error))
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Ask the client once, if it is time; keep what changed; wake whom it concerns."""
        async with self.pool.user(self.user_id) as db:
            downloads = await db.rows("watcher.unsettled")
        now = time.monotonic()
        if not downloads and now - self._asked_at < self.seldom:
            return
        self._known = state = await self.qbittorrent.sync(self._known)
        self._asked_at = now
        ours = {d["infohash"]: state.torrent(d["infohash"]) for d in downloads}
        pairs = [(download, ours[download["infohash"]]) for download in downloads]
        await self._inquiry.look(pairs, self.clock.now(), now)
        await self._keep(downloads, ours, now)
        mine = [t for t in state.torrents if t.category == self.qbittorrent.category]
        await self._well(len(mine), len(ours), state.free_space)
        await self.adoption.consider([t for t in mine if t.is_done])

    async def _keep(
        self,
        downloads: Sequence[dict[str, Any]],
        torrents: Mapping[str, Torrent | None],
        now: float,
    ) -> None:
        """Write what changed in one statement; wake, in the same transaction, who has to act."""
        seen = {h: _row(h, t) for h, t in torrents.items() if t is not None}
        # A download that was handed over again wants its numbers although they are the same.
        news = {
            d["id"]: (d["last_attempt"], *seen[d["infohash"]].values())
            for d in downloads
            if d["infohash"] in seen
        }
        fresh = {d["infohash"] for d in downloads if self._kept.get(d["id"]) != news.get(d["id"])}
        rows = [row for infohash, row in seen.items() if infohash in fresh]
        async with self.pool.user(self.user_id) as db:
            if rows:
                kept = await db.rows("watcher.keep", torrents=json.dumps(rows))
                grown = {row["id"]: row for row in kept}
                downloads = [{**d, **grown.get(d["id"], {})} for d in downloads]
            topics = [
                f"torrent:{d['infohash']}"
                for d in downloads
                if self._must_hear(d, torrents[d["infohash"]], now)
            ]
            if topics:
                await runs.wake(db, self.user_id, topics)
        self._kept = news
        open_ids = {d["id"] for d in downloads}
        self._told = {key: told for key, told in self._told.items() if key in open_ids}

    def _must_hear(self, download: dict[str, Any], torrent: Torrent | None, now: float) -> bool:
        """Whether the step that waits for this download has to be told something."""
        verdict = self._verdict(download, torrent)
        told = self._told.get(download["id"])
        if verdict is None:
            self._told.pop(download["id"], None)
            return False
        if told is None or told.verdict != verdict:
            self._told[download["id"]] = _Told(verdict, now + FIRST_REMINDER)
            return True
        if now < told.again_at:
            return False
        told.pause = min(told.pause * 2, LAST_REMINDER)
        told.again_at = now + told.pause
        return True

    def _verdict(self, download: dict[str, Any], torrent: Torrent | None) -> str | None:
        if torrent is not None and torrent.is_done:
            return "done"
        if heard := self._inquiry.verdict(download, torrent):
            return heard
        if self.patience.exhausted(download, torrent, self.clock.now()):
            return "given up"
        return torrent.state.value if torrent is not None and torrent.state in _BAD else None

    async def _well(self, torrents: int, open_downloads: int, free: int | None) -> None:
        at, state, _ = self._said
        if state == "watching" and time.monotonic() - at < SAY_EVERY:
            return
        await self._say("watching", "", torrents=torrents, open=open_downloads, free=free)

    async def _say(self, state: str, message: str, **numbers: int | None) -> None:
        if self._said[1:] != (state, message):
            _log.info("watcher: " + state, why=message)
        self._said = (time.monotonic(), state, message)
        given = {"torrents": None, "open": None, "free": None} | numbers
        async with self.pool.user(self.user_id) as db:
            await db.do("watcher.say", state=state, message=message, **given)


def _row(infohash: str, torrent: Torrent) -> dict[str, Any]:
    """Return a torrent as the database takes it, under the infohash that we know it by."""
    return {
        "infohash": infohash,
        "done": torrent.is_done,
        "progress": torrent.progress,
        "bytes": torrent.completed,
        "state": torrent.state.value,
        "speed": torrent.speed,
        "eta": torrent.eta,
        "content_path": torrent.content_path,
    }
