"""The doctor: asks every service the real question, and says in words what to do about the answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import Prowlarr
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.domain.judging import judge
from pipeline.domain.sources import BookQuery
from pipeline.errors import BookrunnerError, NotConfigured
from pipeline.house import House
from pipeline.probes import probe_hard_link
from pipeline.shelving import Shelves

T = TypeVar("T")
OLDEST_AUDIOBOOKSHELF = (2, 26)  # the first with API keys
WELL_KNOWN = BookQuery("Pride and Prejudice", ("Jane Austen",))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined; `advice` says what to do when it is not good."""

    about: str
    good: bool
    said: str
    advice: str = ""


async def examine(house: House) -> list[Finding]:
    """Ask one service after the other; a failing one never hides the next."""
    tools = await house.tools(house.user.user_id)
    asked: list[tuple[str, Callable[[], Awaitable[str]], str]] = [
        (
            "Audiobookshelf",
            lambda: _audiobookshelf(_one(tools, Audiobookshelf)),
            "check BOOKRUNNER_ABS_URL, and make an API key of an administrator in"
            " Settings, API Keys, for BOOKRUNNER_ABS_TOKEN",
        ),
        (
            "qBittorrent",
            lambda: _qbittorrent(_one(tools, QBittorrent)),
            "check BOOKRUNNER_QBITTORRENT_URL, _USERNAME and _PASSWORD (or _API_KEY); five wrong"
            " passwords ban this machine's address for an hour",
        ),
        (
            "Prowlarr",
            lambda: _prowlarr(_one(tools, Prowlarr)),
            "check BOOKRUNNER_PROWLARR_URL, and BOOKRUNNER_PROWLARR_KEY (Settings, General)",
        ),
        (
            "MyAnonamouse",
            lambda: _mam(_one(tools, Mam)),
            "make a session in Preferences, Security, for Bookrunner alone and for the address from"
            " which it asks; put it into BOOKRUNNER_MAM_ID",
        ),
        (
            "Google Books",
            lambda: _source(_one(tools, GoogleBooks)),
            "make a key of the Books API at Google Cloud, for BOOKRUNNER_GOOGLE_BOOKS_KEY",
        ),
        (
            "Goodreads",
            lambda: _source(_one(tools, Goodreads)),
            "it refuses this address for now; it is asked again by itself, or switch it off with"
            " BOOKRUNNER_GOODREADS=off",
        ),
        (
            "library and downloads",
            lambda: _disks(_one(tools, Shelves)),
            "set BOOKRUNNER_LIBRARY_PATHS and BOOKRUNNER_DOWNLOADS_PATHS to where this machine sees"
            " those folders; for hard links both must lie on one file system",
        ),
    ]
    return [await _find(about, ask, advice) for about, ask, advice in asked]


async def _find(about: str, ask: Callable[[], Awaitable[str]], advice: str) -> Finding:
    try:
        return Finding(about, good=True, said=await ask())
    except NotConfigured as error:
        return Finding(about, good=True, said=f"off: {error}")
    except (BookrunnerError, OSError) as error:
        return Finding(about, good=False, said=str(error), advice=advice)


async def _audiobookshelf(client: Audiobookshelf) -> str:
    version = await client.server_version()
    me = await client.me()
    library = await client.book_library()
    said = f"version {version}, library {library.name}, signed in as {me.name} ({me.kind})"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_AUDIOBOOKSHELF:
        said += "; API keys need 2.26"
    if not me.is_admin:
        said += "; only an administrator may start scans, so new files wait for the watcher"
    return said


async def _qbittorrent(client: QBittorrent) -> str:
    version = await client.version()
    free = await client.free_space()
    return f"version {version.app}, {free / 1e9:.0f} GB free, category {client.category}"


async def _prowlarr(client: Prowlarr) -> str:
    version = await client.version()
    indexers = [indexer.name for indexer in await client.indexers()]
    return f"version {version}, indexers: {', '.join(indexers) or 'none'}"


async def _mam(client: Mam) -> str:
    account = await client.account()
    return (
        f"signed in as {account.name} ({account.rank}), ratio {account.ratio},"
        f" {account.unsatisfied} of {account.limit} unsatisfied torrents"
    )


async def _source(client: GoogleBooks | Goodreads) -> str:
    answer = await client.describe(WELL_KNOWN, judge(WELL_KNOWN))
    return "answers" if answer is None else f"answers: {answer.metadata.title}"


async def _disks(shelves: Shelves) -> str:
    library = await shelves.folder()
    downloads = shelves.downloads.local(await shelves.qbittorrent.default_folder())
    for folder in (library, downloads):
        _must_be_seen(folder)
    proof = await probe_hard_link(downloads, library)
    if not proof.holds:
        raise OSError(proof.words)
    return f"{downloads} into {library}: {proof.words}"


def _must_be_seen(folder: Path) -> None:
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is not a folder that can be seen here")


def _one(tools: Mapping[type, object], kind: type[T]) -> T:
    return cast("T", tools[kind])
