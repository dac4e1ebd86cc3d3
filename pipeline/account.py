"""What the tracker allows the user's account at this moment, read from its own numbers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.clients.mam import Mam
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import Clock
from pipeline.db import Database
from pipeline.domain import governor
from pipeline.domain.governor import Account, GovernorPolicy, NotYet
from pipeline.domain.models import Release
from pipeline.errors import NotConfigured

FRESH = timedelta(minutes=5)  # how long the tracker's numbers are believed; it lags as much itself


class AccountGovernor:
    """Stands above every grab of one user: when it says no, the book waits; nothing fails."""

    def __init__(
        self,
        mam: Mam,
        qbittorrent: QBittorrent,
        policy: GovernorPolicy,
        clock: Clock,
        midnight: Callable[[datetime], datetime],
    ) -> None:
        self.mam, self.qbittorrent = mam, qbittorrent
        self.policy, self.clock, self.midnight = policy, clock, midnight
        self._known: tuple[datetime, Account | None] | None = None

    async def not_now(self, db: Database, release: Release) -> str | None:
        """Say why the release has to wait, or None when it may be grabbed now.

        What MyAnonamouse offers waits until its own numbers are known, whichever indexer manager
        found it; other trackers have no say over that account, nor it over them.
        """
        of_mam = "myanonamouse" in release.indexer.lower()
        now = self.clock.now()
        today = await db.row("downloads.today", midnight=self.midnight(now))
        assert today is not None  # noqa: S101  # counts always answer one row
        refused = await db.row("downloads.account_refused", indexer=release.indexer, of_mam=of_mam)
        verdict = governor.allow(
            await self._account(now) if of_mam else None,
            replace(self.policy, account_required=of_mam),
            today_grabs=today["grabbed"],
            active_downloads=today["active"],
            free_bytes=await self.qbittorrent.free_space(),
            release=release,
            refused=None if refused is None else refused["tracker_says"],
        )
        return verdict.reason if isinstance(verdict, NotYet) else None

    async def _account(self, now: datetime) -> Account | None:
        if self._known is None or now - self._known[0] > FRESH:
            try:
                self._known = (now, await self.mam.account())
            except NotConfigured:
                self._known = (now, None)
        return self._known[1]
