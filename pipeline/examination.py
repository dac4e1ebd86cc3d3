"""The doctor: asks every service the real question, and says what to do about the answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, cast

from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import Prowlarr
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.domain import remedies
from pipeline.domain.judging import judge
from pipeline.domain.sources import BookQuery
from pipeline.errors import BookrunnerError, NotConfigured
from pipeline.probes import probe_hard_link
from pipeline.shelving import Shelves

T = TypeVar("T")
Toolbox = Mapping[type, object]
OLDEST_AUDIOBOOKSHELF = (2, 26)  # the first with API keys
WELL_KNOWN = BookQuery("Pride and Prejudice", ("Jane Austen",))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined.

    *said* is the answer, or the error as it came; *advice* says in plain words what is wrong and
    what to do when it is not good. *off* is a service that is not set up.
    """

    about: str
    good: bool
    said: str
    advice: str = ""
    off: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one service, and where the command line's user sets it up."""

    about: str
    ask: Callable[[Toolbox], Awaitable[str]]
    settings: str


async def examine(tools: Toolbox) -> list[Finding]:
    """Ask one service after the other; a failing one never hides the next."""
    found = [(name, await examine_one(name, tools)) for name in QUESTIONS]
    return [
        each if each.good else replace(each, advice=f"{each.advice} Set {QUESTIONS[name].settings}")
        for name, each in found
    ]


async def examine_one(name: str, tools: Toolbox) -> Finding:
    """Ask one service, by its name in `QUESTIONS`."""
    question = QUESTIONS[name]
    try:
        return Finding(question.about, good=True, said=await question.ask(tools))
    except NotConfigured as error:
        return Finding(question.about, good=True, said=f"off: {error}", off=True)
    except (BookrunnerError, OSError) as error:
        advice = remedies.remedy(name, error)
        return Finding(question.about, good=False, said=str(error), advice=advice)


async def _audiobookshelf(tools: Toolbox) -> str:
    client = _one(tools, Audiobookshelf)
    version = await client.server_version()
    me = await client.me()
    library = await client.book_library()
    said = f"version {version}, library {library.name}, signed in as {me.name} ({me.kind})"
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_AUDIOBOOKSHELF:
        said += "; API keys need 2.26"
    if not me.is_admin:
        said += "; only an administrator may start scans, so new files wait for the watcher"
    return said


async def _qbittorrent(tools: Toolbox) -> str:
    client = _one(tools, QBittorrent)
    version = await client.version()
    free = await client.free_space()
    return f"version {version.app}, {free / 1e9:.0f} GB free, category {client.category}"


async def _prowlarr(tools: Toolbox) -> str:
    client = _one(tools, Prowlarr)
    version = await client.version()
    indexers = [indexer.name for indexer in await client.indexers()]
    return f"version {version}, indexers: {', '.join(indexers) or 'none'}"


async def _mam(tools: Toolbox) -> str:
    account = await _one(tools, Mam).account()
    return (
        f"signed in as {account.name} ({account.rank}), ratio {account.ratio},"
        f" {account.unsatisfied} of {account.limit} unsatisfied torrents"
    )


async def _google_books(tools: Toolbox) -> str:
    return await _source(_one(tools, GoogleBooks))


async def _goodreads(tools: Toolbox) -> str:
    return await _source(_one(tools, Goodreads))


async def _source(client: GoogleBooks | Goodreads) -> str:
    answer = await client.describe(WELL_KNOWN, judge(WELL_KNOWN))
    return "answers" if answer is None else f"answers: {answer.metadata.title}"


async def _disks(tools: Toolbox) -> str:
    shelves = _one(tools, Shelves)
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


def _one(tools: Toolbox, kind: type[T]) -> T:
    return cast("T", tools[kind])


QUESTIONS: Mapping[str, Question] = {
    "audiobookshelf": Question(
        "Audiobookshelf", _audiobookshelf, "BOOKRUNNER_ABS_URL and BOOKRUNNER_ABS_TOKEN"
    ),
    "qbittorrent": Question(
        "qBittorrent",
        _qbittorrent,
        "BOOKRUNNER_QBITTORRENT_URL, _USERNAME and _PASSWORD (or _API_KEY)",
    ),
    "prowlarr": Question(
        "Prowlarr", _prowlarr, "BOOKRUNNER_PROWLARR_URL and BOOKRUNNER_PROWLARR_KEY"
    ),
    "mam": Question("MyAnonamouse", _mam, "BOOKRUNNER_MAM_ID"),
    "google_books": Question("Google Books", _google_books, "BOOKRUNNER_GOOGLE_BOOKS_KEY"),
    "goodreads": Question("Goodreads", _goodreads, "BOOKRUNNER_GOODREADS to on or off"),
    "disks": Question(
        "library and downloads",
        _disks,
        "BOOKRUNNER_LIBRARY_PATHS and BOOKRUNNER_DOWNLOADS_PATHS",
    ),
}
