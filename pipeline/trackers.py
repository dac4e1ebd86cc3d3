"""Hear what trackers have against downloads that get nowhere: asked seldom, kept, and told.

The download client shows a refusal at the tracker only, one torrent at a time, so that trackers are
asked after only for a torrent to which nothing new has come for a while.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import StepDatabase
from pipeline.domain.tracker_words import Objection, accepted, objection
from pipeline.domain.transfers import Torrent, Tracker
from pipeline.errors import ServiceRefused
from pipeline.outcomes import Wait
from pipeline.runs import Run
from pipeline.shelving import BROKEN, Patience

A_MONTH = timedelta(days=30)
AT_ONCE = 5  # torrents whose trackers the watcher asks after in one round
FIRST_PAUSE, LAST_PAUSE = 60.0, 600.0  # seconds until the watcher asks after the same torrent again
OBJECTED, ACCEPTED = "objected", "accepted"


class Heard(NamedTuple):
    """What trackers mean for a download: why to give it up, or what it waits for, or neither."""

    refusal: str | None = None
    wait: Wait | None = None


async def heard(  # noqa: PLR0913, PLR0917  # the download, whom to ask, and how patiently
    db: StepDatabase,
    run: Run,
    download: dict[str, Any],
    torrent: Torrent | None,
    qbittorrent: QBittorrent,
    patience: Patience,
    now: datetime,
) -> Heard:
    """Ask after the trackers of a download that gets nowhere, and keep what they have against it.

    A torrent that is gone from its tracker is announced once more before it is given up. A trouble
    of the account blames no release: it is waited for, however long the download stands still.
    """
    before = download["tracker_trouble"]
    if torrent is None:
        return Heard()
    if not patience.wonders(download, torrent, now):
        if before and (torrent.is_done or torrent.speed):
            await _well(db, run, download)
        broken = torrent.state in BROKEN
        return Heard(wait=None if broken else _until_accepted(download, patience))
    trackers = await _trackers(qbittorrent, download)
    found = objection(trackers)
    if found is not None:
        await _keep(db, download, found)
    elif before and accepted(trackers):
        await _well(db, run, download)
    if download["tracker_trouble"] != "torrent":
        return Heard(wait=_until_accepted(download, patience))
    reason = f"its tracker refuses it: {download['tracker_says']}"
    if found is not None and now - download["tracker_since"] >= patience.second_look:
        return Heard(refusal=reason)
    if before != "torrent":
        await qbittorrent.reannounce(download["infohash"])
    return Heard(wait=_wait(download, f"for a second look, {reason}", patience.second_look))


async def _trackers(qbittorrent: QBittorrent, download: dict[str, Any]) -> tuple[Tracker, ...]:
    """Return the trackers of a download; none when it has just left the client."""
    try:
        return await qbittorrent.trackers(download["infohash"])
    except ServiceRefused:
        return ()


def _until_accepted(download: dict[str, Any], patience: Patience) -> Wait | None:
    if download["tracker_trouble"] != "account":
        return None
    reason = f"until its tracker accepts your account; it says: {download['tracker_says']}"
    return _wait(download, reason, patience.glance)


def _wait(download: dict[str, Any], reason: str, delay: timedelta) -> Wait:
    return Wait(reason, delay, f"torrent:{download['infohash']}", A_MONTH)


async def _keep(db: StepDatabase, download: dict[str, Any], found: Objection) -> None:
    """Write an objection down, at once; *download* is brought up to date."""
    if (download["tracker_trouble"], download["tracker_says"]) == (found.kind, found.says):
        return
    rows = await db.at_once(
        "downloads.object", infohash=download["infohash"], trouble=found.kind, says=found.says
    )
    download.update(next((row for row in rows if row["id"] == download["id"]), {}))


async def _well(db: StepDatabase, run: Run, download: dict[str, Any]) -> None:
    """Note that the trackers object no more; what waited for the account may go on."""
    rows = await db.at_once("downloads.tracker_well", infohash=download["infohash"])
    if download["tracker_trouble"] == "account":
        await db.value("steps.wake", user_id=run.user_id, topic="governor")
    download.update(next((row for row in rows if row["id"] == download["id"]), {}))


@dataclass(slots=True)
class Inquiry:
    """What the watcher knows of trackers, asked after ever more seldom and few at a time."""

    qbittorrent: QBittorrent
    patience: Patience
    _due: dict[int, tuple[float, float]] = field(default_factory=dict)  # when, and the pause then
    _verdicts: dict[int, str] = field(default_factory=dict)

    async def look(
        self,
        downloads: list[tuple[dict[str, Any], Torrent | None]],
        moment: datetime,
        now: float,
    ) -> None:
        """Ask after those that get nowhere and whose time has come; *now* is a clock of seconds."""
        stuck = [
            (download, torrent)
            for download, torrent in downloads
            if torrent is not None and self.patience.wonders(download, torrent, moment)
        ]
        ids = {download["id"] for download, _ in stuck}
        self._due = {key: due for key, due in self._due.items() if key in ids}
        self._verdicts = {key: verdict for key, verdict in self._verdicts.items() if key in ids}
        due = [d for d, _ in stuck if self._due.get(d["id"], (now, 0.0))[0] <= now]
        for download in due[:AT_ONCE]:
            pause = self._due.get(download["id"], (0.0, FIRST_PAUSE))[1]
            self._due[download["id"]] = (now + pause, min(pause * 2, LAST_PAUSE))
            await self._ask(download)

    async def _ask(self, download: dict[str, Any]) -> None:
        trackers = await _trackers(self.qbittorrent, download)
        found = objection(trackers)
        self._verdicts.pop(download["id"], None)
        if found is not None and found.kind != "other":
            self._verdicts[download["id"]] = OBJECTED
        elif download["tracker_trouble"] and accepted(trackers):
            self._verdicts[download["id"]] = ACCEPTED

    def verdict(self, download: dict[str, Any], torrent: Torrent | None) -> str | None:
        """Return what the step that waits for a download has to hear about its trackers, if any."""
        if download["tracker_trouble"] and torrent is not None and torrent.speed:
            return ACCEPTED
        return self._verdicts.get(download["id"])
