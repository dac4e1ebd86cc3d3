"""Books that came into a library by other hands: heard of once, described when they have settled.

An arrival is written down before anything is done about it, so that no crash forgets it; its row
is what makes five copies of one announcement one run. It gets its run once its files have stopped
changing, and none when a run of ours describes the item anyway: our own imports are announced like
everybody's.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import structlog

from pipeline import runs
from pipeline.clients.audiobookshelf import Item, ItemSummary
from pipeline.clock import Clock
from pipeline.db import Pool
from pipeline.domain.newcomers import LONGEST_COPY, QUIET, Newcomer, Sight, Watched
from pipeline.domain.remote_paths import PathMap
from pipeline.errors import BookrunnerError, Unsafe
from pipeline.events import BookShelved
from pipeline.library import Library

Source = Literal["socket", "listing", "request"]
AT_ONCE = 200  # arrivals that are looked after in one round
LOOK_EVERY = timedelta(seconds=2)
# A clock that differs from the server's by less than this does not make a new item look quiet.
CLOCKS_DIFFER = timedelta(minutes=1)
FOR_AN_IMPORT = timedelta(minutes=2)
EPOCH = datetime.fromtimestamp(0, UTC)
_log = structlog.get_logger()


async def hear(
    pool: Pool, user_id: int, newcomers: Iterable[Newcomer], source: Source = "request"
) -> list[str]:
    """Write down items that arrived; return the ids of those that nobody had told of before.

    The listener of the user, in whatever process it stands, takes care of them within a second.
    """
    heard = list(newcomers)
    async with pool.user(user_id) as db:
        rows = await db.rows("listener.hear", items=_rows(heard), source=source, status="waiting")
        fresh = [row["abs_id"] for row in rows]
        if paths := [f"item:{one.path}" for one in heard if one.path and one.abs_id in fresh]:
            await runs.wake(db, user_id, paths)  # an import of ours that waits to see its item
    return fresh


@dataclass(slots=True)
class _Waiting:
    """What this process remembers of an arrival: looks at its files, imports it might be of."""

    first: datetime
    behind: frozenset[int]
    watched: Watched | None = None
    next_look: datetime = EPOCH

    def is_due(self, now: datetime) -> bool:
        """Whether its files are to be looked at (again)."""
        is_quiet = self.watched is not None and self.watched.sight.is_quiet
        return not is_quiet and self.next_look <= now


class Arrivals:
    """The arrivals of one user. *shelf* says where this machine sees the library's folders."""

    def __init__(
        self, pool: Pool, user_id: int, library: Library, shelf: PathMap, clock: Clock
    ) -> None:
        self.pool, self.user_id = pool, user_id
        self.library, self.shelf, self.clock = library, shelf, clock
        self._waiting: dict[str, _Waiting] = {}
        self._sights: dict[str, Sight] = {}
        self._turn = asyncio.Lock()

    async def hear(self, newcomers: Sequence[Newcomer], source: Source) -> None:
        """Write down what was announced, and see at once whether it has settled."""
        library = await self.library.id()
        ours = [one for one in newcomers if one.library_id == library]
        if fresh := await hear(self.pool, self.user_id, ours, source):
            told = {one.abs_id: one.sight for one in ours if one.abs_id in fresh}
            self._sights |= {key: sight for key, sight in told.items() if sight is not None}
            await self.attend()

    async def know(self, newcomers: Sequence[Newcomer]) -> None:
        """Write down items that were there before anybody listened: they get no run."""
        async with self.pool.user(self.user_id) as db:
            await db.rows("listener.hear", items=_rows(newcomers), source="listing", status="known")

    async def attend(self) -> int:
        """Look after everything that waits, once; return how many go on waiting."""
        async with self._turn:
            async with self.pool.user(self.user_id) as db:
                rows = await db.rows("listener.waiting", limit=AT_ONCE)
                items = [row["abs_id"] for row in rows]
                described = await db.rows("listener.describing", items=items) if items else []
                imports = await db.rows("listener.importing") if items else []
            self._waiting = {key: one for key, one in self._waiting.items() if key in items}
            covered = {row["abs_id"]: row["run_id"] for row in described}
            for abs_id, run_id in covered.items():
                await self._settle([abs_id], "covered", f"run {run_id} describes it", run_id)
            left = [row for row in rows if row["abs_id"] not in covered]
            ready = await self._settled([row for row in left if not self._is_ours(row, imports)])
            for row in ready:
                await self._start(row)
            for abs_id in covered:
                self._sights.pop(abs_id, None)
            return len(left) - len(ready)

    def _is_ours(self, row: Mapping[str, Any], imports: Sequence[Mapping[str, Any]]) -> bool:
        """Whether an import of ours that was under way when we heard of it may have brought it."""
        now = self.clock.now()
        under_way = {
            step["id"] for step in imports if step["path"] is None or step["path"] == row["path"]
        }
        one = self._waiting.setdefault(row["abs_id"], _Waiting(now, frozenset(under_way)))
        if sight := self._sights.pop(row["abs_id"], None):
            one.watched = Watched.look(one.watched, sight, now)
        return bool(one.behind & under_way) and now - one.first < FOR_AN_IMPORT

    async def _settled(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return those whose files have stopped changing; look at the others when it is time."""
        now = self.clock.now()
        due = [row for row in rows if self._waiting[row["abs_id"]].is_due(now)]
        for abs_id, sight in (await self._look(due)).items():
            one = self._waiting[abs_id]
            one.watched = Watched.look(one.watched, sight, now)
            one.next_look = now + LOOK_EVERY
        ready: list[dict[str, Any]] = []
        growing: list[str] = []
        for row in rows:
            watched = self._waiting[row["abs_id"]].watched
            late = now - row["heard_at"] > LONGEST_COPY
            is_ready = watched is not None and (watched.has_settled(now) or late)
            if is_ready:
                ready.append(row)
            else:
                growing.append(row["abs_id"])
        await self._delay(growing)
        return ready

    async def _look(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Sight]:
        """Look at each item's files: on the disk, or else through the server."""
        seen: dict[str, Sight] = {}
        for row in rows:
            sight = await asyncio.to_thread(self._on_disk, row["path"]) if row["path"] else None
            if sight is not None:
                seen[row["abs_id"]] = sight
        far = [row["abs_id"] for row in rows if row["abs_id"] not in seen]
        return seen | (await self._at_the_server(far) if far else {})

    def _on_disk(self, path: str) -> Sight | None:
        """Look at the files on the disk; None where this machine does not see them."""
        try:
            return on_disk(self.shelf.local(path), self.clock.now())
        except (OSError, Unsafe):
            return None

    async def _at_the_server(self, items: Sequence[str]) -> dict[str, Sight]:
        """Look at what the server shows; while it scans, everything may still change."""
        if await self.library.audiobookshelf.scanning(await self.library.id()):
            return {}
        shown = {item.id: item for item in await self.library.audiobookshelf.details(items)}
        if gone := [key for key in items if key not in shown or shown[key].is_missing]:
            await self._settle(gone, "gone", "the library does not hold it any more")
        now = self.clock.now()
        return {key: as_shown(item, now) for key, item in shown.items() if key not in gone}

    async def _start(self, row: Mapping[str, Any]) -> None:
        """Start the item's run, and note it, in one transaction."""
        event = BookShelved(abs_id=row["abs_id"], title=row["title"])
        async with self.pool.user(self.user_id) as db:
            started = await runs.start(
                db,
                self.user_id,
                "IMPORTED",
                event=event,
                subject=row["abs_id"],
                started_by="event",
            )
            await db.rows(
                "listener.settle",
                items=[row["abs_id"]],
                status="started",
                reason=None,
                run_id=started.id,
            )
        _log.info("arrivals: described by a run", item=row["abs_id"], run=started.id)

    async def _settle(
        self, items: list[str], status: str, reason: str, run_id: int | None = None
    ) -> None:
        async with self.pool.user(self.user_id) as db:
            await db.rows(
                "listener.settle", items=items, status=status, reason=reason, run_id=run_id
            )

    async def _delay(self, items: list[str]) -> None:
        if items:
            reason = f"its files have changed within {QUIET.seconds} seconds"
            async with self.pool.user(self.user_id) as db:
                await db.do("listener.delay", items=items, reason=reason)


async def keep_attending(arrivals: Arrivals, every: float = 1.0) -> None:
    """Look after what waits, for ever; a server that does not answer is asked again."""
    while True:
        try:
            await arrivals.attend()
        except BookrunnerError as error:
            _log.warning("arrivals: cannot look", why=str(error))
        await asyncio.sleep(every)


def as_listed(item: ItemSummary, now: datetime) -> Newcomer:
    """Return an item of a list as a newcomer."""
    sizes = (item.path, item.size_bytes, round(item.updated_at.timestamp() * 1000))
    return Newcomer(
        abs_id=item.id,
        library_id=item.library_id,
        path=item.path,
        title=item.title or "",
        added_at=item.added_at,
        sight=Sight((sizes,), changed_at=item.updated_at + CLOCKS_DIFFER, seen_at=now),
    )


def _rows(newcomers: Iterable[Newcomer]) -> str:
    """Return newcomers as the database takes them, each item once."""
    items = {
        one.abs_id: {
            "abs_id": one.abs_id,
            "path": one.path,
            "title": one.title,
            "added_at": one.added_at.isoformat() if one.added_at else None,
        }
        for one in newcomers
    }
    return json.dumps(list(items.values()))


def on_disk(place: Path, now: datetime) -> Sight:
    """Look at a book's files; raises OSError when it is not there."""
    files = [place] if place.is_file() else [p for p in sorted(place.rglob("*")) if p.is_file()]
    stats = [(file, file.stat()) for file in files]
    newest = max([place.stat().st_ctime, *(s.st_ctime for _, s in stats)])
    return Sight(
        state=tuple((str(file.relative_to(place)), s.st_size, s.st_mtime_ns) for file, s in stats),
        changed_at=datetime.fromtimestamp(newest, UTC),
        seen_at=now,
    )


def as_shown(item: Item, now: datetime) -> Sight:
    """Look at an item through the server, which tells sizes and when it last noticed a change."""
    sizes = (item.path, item.size_bytes, round(item.updated_at.timestamp() * 1000))
    lengths = ("", len(item.audio_files), round(item.duration_seconds * 1000))
    return Sight((sizes, lengths), changed_at=item.updated_at + CLOCKS_DIFFER, seen_at=now)
