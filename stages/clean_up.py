"""Delete what is older than the retention, except what is still needed.

Takes   RunRequested
Stops   at the end, with what was deleted
"""

from datetime import timedelta

from pipeline import retention
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.events import RunRequested
from pipeline.outcomes import Stop
from pipeline.runs import Run
from pipeline.settings import Settings
from pipeline.shelving import Shelves


async def run(
    event: RunRequested,
    settings: Settings,
    qbittorrent: QBittorrent,
    shelves: Shelves,
    db: StepDatabase,
    clock: Clock,
    run: Run,
) -> Stop:
    """Ask which torrents still owe seeding, then delete table by table, then the leftovers."""
    del event
    now, keep = clock.now(), timedelta(days=settings.retention_days)
    owed = await retention.owed(db, qbittorrent, run, now, keep)
    deleted = await retention.clear(db, now=now, keep=keep, owed=owed)
    if folders := await retention.clear_staging(db, shelves, run):
        deleted["staging folders"] = folders
    if not deleted:
        return Stop(f"nothing is older than {keep.days} days")
    return Stop(
        f"deleted {', '.join(f'{n} {name}' for name, n in deleted.items())}", detail=deleted
    )
