"""Delete what is older than the user wants to keep, in small batches, and never what is needed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pipeline import files
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import StepDatabase
from pipeline.domain.governor import GovernorPolicy
from pipeline.domain.transfers import Torrent
from pipeline.errors import BookrunnerError
from pipeline.runs import Run
from pipeline.shelving import Shelves

BATCH: Final = 1000  # rows deleted in one transaction, which takes milliseconds
# What is deleted, in this order (a decision outlives its download, a run its steps): what it is
# called, and its query. Those of a user see the user's rows only, the others lie beside the users.
OF_A_USER: Final[Mapping[str, str]] = {
    "log lines": "retention.old_log_lines",
    "steps": "retention.old_steps",
    "runs": "retention.old_runs",
    "downloads": "retention.old_downloads",
    "corrections": "retention.old_corrections",
    "judgements of releases": "retention.old_decisions",
    "answered questions": "retention.old_approvals",
    "crawls": "retention.old_crawls",
}
OF_THE_HOUSE: Final[Mapping[str, str]] = {
    "jobs": "retention.old_jobs",
    "cached answers": "retention.expired_answers",
    "days of quotas": "retention.old_quotas",
    "wakes": "retention.old_topics",
}


async def clear(
    db: StepDatabase,
    *,
    now: datetime,
    keep: timedelta,
    owed: Iterable[str] | None,
    batch: int = BATCH,
) -> dict[str, int]:
    """Delete what ended more than *keep* ago; return how many rows of what, only where some were.

    *owed* are infohashes that still owe the tracker something; None means that nobody knows, and
    every download is kept. Each batch is a transaction of its own: nobody waits for it for long,
    and what was cut short goes on the next time. `failed_attempts` is in no query here, and the
    database refuses to delete from it.
    """
    when: dict[str, Any] = {"now": now, "before": now - keep, "owed": sorted(owed or ())}
    deleted: dict[str, int] = {}
    for name, query in {**OF_A_USER, **OF_THE_HOUSE}.items():
        if query == "retention.old_downloads" and owed is None:
            continue
        deleted[name] = await _in_batches(db, query, when, batch)
    return {name: number for name, number in deleted.items() if number}


async def owed(
    db: StepDatabase, qbittorrent: QBittorrent, run: Run, now: datetime, keep: timedelta
) -> frozenset[str] | None:
    """Return the infohashes of old downloads whose torrents must still be downloaded or seeded.

    None when the download client cannot tell. Without old downloads it is not asked.
    """
    old = [r["infohash"] for r in await db.rows("retention.settled_downloads", before=now - keep)]
    if not old:
        return frozenset()
    try:
        # By category and by name: a hybrid is not found by its first name, and a torrent that the
        # user has put into another category still owes what it owes.
        torrents = [*await qbittorrent.torrents(), *await qbittorrent.torrents(hashes=old)]
    except BookrunnerError as error:
        run.log(f"old downloads are kept, because what they owe is unknown: {error}", "warning")
        return None
    owing = [torrent for torrent in torrents if owes(torrent)]
    return frozenset(h for h in old if any(torrent.answers_to(h) for torrent in owing))


def owes(torrent: Torrent) -> bool:
    """Whether the tracker still expects this torrent to be seeded: 72 hours are its rule."""
    return not torrent.is_done or torrent.seeding_time < GovernorPolicy().seeding_hours * 3600


async def clear_staging(db: StepDatabase, shelves: Shelves, run: Run) -> int:
    """Remove what crashed imports have left on the library's disk; return how many folders."""
    keep = [row["key"] for row in await db.rows("retention.staged")]
    try:
        root = await shelves.folder()
    except BookrunnerError as error:
        run.log(f"the library's staging folder was not looked at: {error}", "warning")
        return 0
    return len(await files.clear_staging(root, keep))


async def _in_batches(db: StepDatabase, query: str, when: Mapping[str, Any], batch: int) -> int:
    """Run *query* until it finds no full batch; return how many rows it deleted."""
    total = 0
    while True:
        opened = db.apart() if query in OF_A_USER.values() else db.pool.system()
        async with opened as transaction:
            deleted = await transaction.do(query, limit=batch, **when)
        total += deleted
        if deleted < batch:
            return total
