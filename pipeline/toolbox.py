"""Make what the stages of one user may ask for: clients, and what stands on them.

Apart from `wiring`, because it loads every client: a worker needs them with the first step that
asks for one, not at its start.
"""

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.account import AccountGovernor
from pipeline.addresses import Private
from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.clients.external_script import Backed, ExternalScript
from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.mam import PACE as MAM_PACE
from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import PACE as PROWLARR_PACE
from pipeline.clients.prowlarr import Prowlarr
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import SystemClock
from pipeline.crawler import SHIPPED, Crawler, CrawlerSetup
from pipeline.db import Pool
from pipeline.domain.naming import Template
from pipeline.domain.sources import MetadataSource
from pipeline.files import PathMap
from pipeline.handover import Batch
from pipeline.library import Library
from pipeline.limits import Limits
from pipeline.listings import Listings
from pipeline.preferences import Wishes
from pipeline.remote import Pace, Remote
from pipeline.search import ReleaseSearch
from pipeline.services import Services
from pipeline.settings import Settings, environment_for_scripts
from pipeline.shelving import Patience, Shelves
from pipeline.sources import Sources
from pipeline.vault import MamSession, Vault

# Goodreads is a website for people: one page every two seconds. Google allows 100 in 100 s.
GOODREADS_PACE = Pace(every=timedelta(seconds=2), patience=timedelta(seconds=30))
GOOGLE_PACE = Pace(every=timedelta(seconds=1), burst=10, patience=timedelta(seconds=10))
# In the sandbox nobody is spared by waiting, and everybody is kept waiting by it.
AT_ONCE = Pace(every=timedelta(milliseconds=1), burst=1000)


@dataclass(frozen=True, slots=True)
class Toolmaker:
    """Makes the tools of one user; *stack* closes them, *home* is where private services may be."""

    settings: Settings
    pool: Pool
    vault: Vault
    limits: Limits
    stack: AsyncExitStack
    user_id: int
    home: Private

    def make(self, services: Services, wishes: Wishes) -> Mapping[type, object]:
        """Return every tool by its type."""
        settings, clock = self.settings, SystemClock()
        audiobookshelf = Audiobookshelf(
            self._remote("audiobookshelf", services.abs_url),
            services.abs_token.get_secret_value(),
            exclusive=self.limits.exclusive,
        )
        qbittorrent = QBittorrent(
            self._remote("qbittorrent", services.qbittorrent_url),
            username=services.qbittorrent_username,
            password=services.qbittorrent_password.get_secret_value(),
            api_key=services.qbittorrent_api_key.get_secret_value(),
            category=services.qbittorrent_category,
        )
        prowlarr = Prowlarr(
            self._remote("prowlarr", services.prowlarr_url, PROWLARR_PACE),
            services.prowlarr_key.get_secret_value(),
        )
        session = MamSession(
            self.pool, self.vault, self.user_id, services.mam_id.get_secret_value()
        )
        mam = Mam(self._public("mam", services.mam_url, MAM_PACE), session)
        google = GoogleBooks(
            self._public("google_books", services.google_books_url, GOOGLE_PACE),
            api_key=services.google_books_key.get_secret_value(),
            country=services.google_books_country,
            daily=settings.google_books_daily,
        )
        # Goodreads knows no accounts: all users together are one visitor, and as slow as one.
        goodreads = Goodreads(
            self._public("goodreads", services.goodreads_url, GOODREADS_PACE, account=""),
            enabled=services.goodreads == "on",
            jitter=0.0 if settings.in_sandbox else 1.0,
        )
        library = Library(audiobookshelf, services.abs_library)
        shelves = Shelves(
            library,
            qbittorrent,
            downloads=_path_map(services.downloads_paths),
            shelf=_path_map(services.library_paths),
            template=Template.parse(settings.template),
            preferences=wishes.preferences,
            exclusive=self.limits.exclusive,
        )
        zone = settings.zone
        tools: list[object] = [
            settings,
            wishes.preferences,
            audiobookshelf,
            qbittorrent,
            prowlarr,
            mam,
            google,
            goodreads,
            library,
            shelves,
            Listings(goodreads, google, mam, prowlarr),
            ReleaseSearch(mam, prowlarr, google, goodreads),
            Sources({each.name: self._with_script(each) for each in (google, goodreads)}),
            Crawler(self._crawler(services)),
            self.limits,
            AccountGovernor(
                mam, qbittorrent, wishes.policy, clock, lambda now: _midnight(now, zone)
            ),
            Batch(settings.batch_size),
            _patience(settings),
        ]
        return {type(tool): tool for tool in tools}

    def _crawler(self, services: Services) -> CrawlerSetup:
        settings = self.settings
        home = settings.crawler_folder or settings.data_dir / "crawler"
        return CrawlerSetup(
            script=Path(settings.crawler_script or SHIPPED),
            python=settings.scripts_python or sys.executable,
            folder=Path(home).absolute() / str(self.user_id),
            username=services.crawler_username,
            password=services.crawler_password,
            acknowledged=services.crawler_acknowledged == "yes",
            limit=timedelta(hours=settings.crawler_hours),
            site=services.crawler_site,
            in_sandbox=settings.in_sandbox,
            environment=environment_for_scripts(),
        )

    def _with_script(self, catalogue: MetadataSource) -> MetadataSource:
        """Put the user's own script behind a catalogue, if there is one; never in the sandbox."""
        given, shipped = {
            "GoogleBooks": (self.settings.google_books_script, "googlebooks_api.py"),
            "Goodreads": (self.settings.goodreads_script, "goodreads_scraper.py"),
        }[catalogue.name]
        script = Path(given) if given else SHIPPED.with_name(shipped)
        if self.settings.in_sandbox or not script.is_file():
            return catalogue
        return Backed(
            catalogue,
            ExternalScript(
                catalogue.name,
                script=script.absolute(),
                python=self.settings.scripts_python or sys.executable,
                environment=environment_for_scripts(),
                seconds=self.settings.script_seconds,
                exclusive=self.limits.exclusive,
            ),
        )

    def _public(self, service: str, url: str, pace: Pace, account: str | None = None) -> Remote:
        """Return a service of the public internet: never an address of the house."""
        return self._remote(service, url, pace, account, private=self.settings.in_sandbox)

    def _remote(
        self,
        service: str,
        url: str,
        pace: Pace | None = None,
        account: str | None = None,
        *,
        private: Private | None = None,
    ) -> Remote:
        remote = Remote(
            service,
            url or "http://not-configured.invalid",
            limits=self.limits,
            account=str(self.user_id) if account is None else account,
            pace=AT_ONCE if pace is not None and self.settings.in_sandbox else pace,
            allow_private=self.home if private is None else private,
            contact=self.settings.contact,
        )
        self.stack.push_async_callback(remote.aclose)
        return remote


def _patience(settings: Settings) -> Patience:
    if settings.in_sandbox:
        return Patience(
            attempts=settings.attempts_per_book,
            stalled=timedelta(seconds=4),
            without_metadata=timedelta(seconds=4),
            broken=timedelta(seconds=2),
            glance=timedelta(seconds=1),
            quiet=timedelta(seconds=1),
            second_look=timedelta(seconds=1),
        )
    # The watcher wakes who waits for a torrent; a glance is for the case that there is none.
    return Patience(
        attempts=settings.attempts_per_book,
        stalled=timedelta(seconds=settings.stalled_after),
        glance=timedelta(minutes=5),
    )


def _path_map(mapping: str) -> PathMap:
    """Return the path map of a setting "there=here, …"; empty means that both see the same."""
    pairs = [pair.partition("=") for pair in mapping.split(",") if pair.strip()]
    return PathMap(tuple((there.strip(), here.strip()) for there, _, here in pairs))


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
