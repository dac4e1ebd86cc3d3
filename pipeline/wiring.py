"""The composition root: from settings to clients, and to what a stage may ask for by type."""

import asyncio
import importlib
import pkgutil
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import stages as folder
from pipeline import accounts, preferences
from pipeline.account import AccountGovernor
from pipeline.addresses import Private, networks
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
from pipeline.limits import Limits, LocalLimits
from pipeline.listings import Listings
from pipeline.preferences import Wishes
from pipeline.remote import Pace, Remote
from pipeline.runner import Stage
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

BELIEVED = 2.0  # seconds that a user's credentials are taken as unchanged
Toolbox = Mapping[type, object]


def stages() -> Mapping[str, Stage]:
    """Return every stage by the name of its file."""
    names = [module.name for module in pkgutil.iter_modules(folder.__path__)]
    return {name: importlib.import_module(f"stages.{name}").run for name in names}


class Tools:
    """What stages may ask for, per user; made when first asked for, closed with the process."""

    def __init__(
        self, settings: Settings, pool: Pool, vault: Vault, given: Services, limits: Limits
    ) -> None:
        self.settings, self.pool, self.vault = settings, pool, vault
        self.given, self.limits = given, limits
        self._stack = AsyncExitStack()
        self._boxes: dict[int, tuple[str, Toolbox]] = {}
        self._homes: dict[int, Private] = {}  # user -> private addresses at which services may be
        self._believed: dict[int, float] = {}  # user -> until when the box is taken as current
        self._making = asyncio.Lock()

    async def __call__(self, user_id: int) -> Toolbox:
        """Return the tools of a user: clients that sign in as this user and nobody else.

        It is another box when the user has set other credentials, which is noticed within seconds.
        In the sandbox its stand-ins are asked, whatever the user has stored for later.
        """
        async with self._making:
            if self._believed.get(user_id, 0.0) < time.monotonic():
                version = await self._version(user_id)
                if user_id not in self._boxes or self._boxes[user_id][0] != version:
                    services = await self._services(user_id)
                    self._boxes[user_id] = version, await self.furnished(user_id, services)
                self._believed[user_id] = time.monotonic() + BELIEVED
        return self._boxes[user_id][1]

    async def furnished(self, user_id: int, services: Services) -> Toolbox:
        """Return new tools of a user for *services*; they are closed with all others."""
        self._homes[user_id] = await self._home(user_id)
        async with self.pool.user(user_id) as db:
            wishes = await preferences.load(db)
        return self._make(user_id, services, wishes)

    async def aclose(self) -> None:
        """Close every client."""
        await self._stack.aclose()

    async def _version(self, user_id: int) -> str:
        if self.settings.in_sandbox:
            return ""
        async with self.pool.user(user_id) as db:
            version: str = await db.value("credentials.version")
        return version

    async def _services(self, user_id: int) -> Services:
        if self.settings.in_sandbox:
            return self.given
        return await accounts.services(self.pool, self.vault, user_id, self.given)

    async def _home(self, user_id: int) -> Private:
        """Say where a user's own services may be: an administrator's anywhere in the house."""
        if self.settings.in_sandbox or await accounts.is_admin(self.pool, user_id):
            return True
        return networks(self.settings.private_networks)

    def _make(self, user_id: int, services: Services, wishes: Wishes) -> Toolbox:
        settings, clock = self.settings, SystemClock()
        audiobookshelf = Audiobookshelf(
            self._remote("audiobookshelf", services.abs_url, user_id),
            services.abs_token.get_secret_value(),
            exclusive=self.limits.exclusive,
        )
        qbittorrent = QBittorrent(
            self._remote("qbittorrent", services.qbittorrent_url, user_id),
            username=services.qbittorrent_username,
            password=services.qbittorrent_password.get_secret_value(),
            api_key=services.qbittorrent_api_key.get_secret_value(),
            category=services.qbittorrent_category,
        )
        prowlarr = Prowlarr(
            self._remote("prowlarr", services.prowlarr_url, user_id, PROWLARR_PACE),
            services.prowlarr_key.get_secret_value(),
        )
        session = MamSession(self.pool, self.vault, user_id, services.mam_id.get_secret_value())
        mam = Mam(self._public("mam", services.mam_url, user_id, MAM_PACE), session)
        google = GoogleBooks(
            self._public("google_books", services.google_books_url, user_id, GOOGLE_PACE),
            api_key=services.google_books_key.get_secret_value(),
            country=services.google_books_country,
            daily=settings.google_books_daily,
        )
        # Goodreads knows no accounts: all users together are one visitor, and as slow as one.
        goodreads = Goodreads(
            self._public("goodreads", services.goodreads_url, None, GOODREADS_PACE),
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
            Crawler(self._crawler(user_id, services)),
            self.limits,
            AccountGovernor(
                mam, qbittorrent, wishes.policy, clock, lambda now: _midnight(now, zone)
            ),
            Batch(settings.batch_size),
            _patience(settings),
        ]
        return {type(tool): tool for tool in tools}

    def _crawler(self, user_id: int, services: Services) -> CrawlerSetup:
        settings = self.settings
        home = settings.crawler_folder or settings.data_dir / "crawler"
        return CrawlerSetup(
            script=Path(settings.crawler_script or SHIPPED),
            python=settings.scripts_python or sys.executable,
            folder=Path(home).absolute() / str(user_id),
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

    def _public(self, service: str, url: str, user_id: int | None, pace: Pace) -> Remote:
        """Return a service of the public internet: never an address of the house."""
        return self._remote(service, url, user_id, pace, private=self.settings.in_sandbox)

    def _remote(
        self,
        service: str,
        url: str,
        user_id: int | None,
        pace: Pace | None = None,
        *,
        private: Private | None = None,
    ) -> Remote:
        remote = Remote(
            service,
            url or "http://not-configured.invalid",
            limits=self.limits,
            account="" if user_id is None else str(user_id),
            pace=AT_ONCE if pace is not None and self.settings.in_sandbox else pace,
            allow_private=self._homes.get(user_id or 0, False) if private is None else private,
            contact=self.settings.contact,
        )
        self._stack.push_async_callback(remote.aclose)
        return remote


@asynccontextmanager
async def open_tools(
    settings: Settings, pool: Pool, vault: Vault, given: Services
) -> AsyncIterator[Tools]:
    """Open the tools of this process; *given* are the services of the first user."""
    limits = Limits(pool)
    tools = Tools(settings, pool, vault, given, limits)
    try:
        yield tools
    finally:
        await tools.aclose()
        await limits.aclose()


@asynccontextmanager
async def trial(
    settings: Settings, pool: Pool, vault: Vault, user_id: int, services: Services
) -> AsyncIterator[Toolbox]:
    """Yield tools for *services* that the user may be about to set, to ask whether they are right.

    What goes wrong there opens no circuit, and counts against nobody's budget.
    """
    tools = Tools(settings, pool, vault, services, LocalLimits())
    try:
        yield await tools.furnished(user_id, services)
    finally:
        await tools.aclose()


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
