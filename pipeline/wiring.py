"""The composition root: from settings to clients, and to what a stage may ask for by type."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import stages as folder
from pipeline.account import AccountGovernor
from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import Prowlarr
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.clock import Clock, SystemClock
from pipeline.db import Pool
from pipeline.domain.governor import Policy
from pipeline.domain.models import Preferences
from pipeline.handover import Batch
from pipeline.library import Library
from pipeline.limits import Limits
from pipeline.listings import Listings
from pipeline.outcomes import Stage
from pipeline.remote import Pace, Remote
from pipeline.search import ReleaseSearch
from pipeline.services import Services
from pipeline.settings import Settings
from pipeline.shelving import Patience, Shelves
from pipeline.sources import Sources


def stages() -> Mapping[str, Stage]:
    """Return every stage by the name of its file."""
    names = [module.name for module in pkgutil.iter_modules(folder.__path__)]
    return {name: importlib.import_module(f"stages.{name}").run for name in names}
