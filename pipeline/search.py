"""Look for releases of a book under up to three identities, in the order of the user's sources.

First on MAM with title and author as known; then through Prowlarr with Google Books' title, authors
and ISBN; then through Prowlarr with Goodreads' title and series. An indexer whose answer needs no
second identity is not asked a second time: the caller stops at the first fit release.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from pipeline.clients.goodreads import Goodreads
from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import Prowlarr
from pipeline.domain import searches, torrents
from pipeline.domain.judging import judge
from pipeline.domain.models import Release, WantedBook
from pipeline.domain.searches import Identity
from pipeline.domain.sources import BookQuery, MetadataSource, SourceAnswer
from pipeline.domain.torrents import Metainfo
from pipeline.errors import BookrunnerError, NotConfigured, NotNow, Unsafe

# A source that is paced or busy for less than this is waited for; one that is off is done without.
WORTH_WAITING = timedelta(minutes=2)
_CATALOGUES: tuple[Identity, ...] = ("Google", "Goodreads")


@dataclass(frozen=True, slots=True)
class Offers:
    """What one identity found; `trouble` says in words which indexer could not answer."""

    origin: Identity
    book: WantedBook
    releases: tuple[Release, ...]
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A release's torrent file, read and found safe."""

    release: Release
    torrent: Metainfo
    data: bytes


class ReleaseSearch:
    """The indexers and the catalogues of one user."""

    def __init__(
        self,
        mam: Mam,
        prowlarr: Prowlarr,
        google_books: MetadataSource,
        goodreads: Goodreads,
    ) -> None:
        self.mam, self.prowlarr, self.goodreads = mam, prowlarr, goodreads
        self.catalogues: dict[Identity, MetadataSource] = {
            "Google": google_books,
            "Goodreads": goodreads,
        }

    async def under_each_identity(self, book: WantedBook) -> AsyncIterator[Offers]:
        """Yield what each identity finds; a source that is off or out of reach is named, not fatal.

        Prowlarr is where most is found: when it cannot answer, its error ends the search.
        """
        try:
            found = await self._everywhere(book, "MAM", self.mam.search)
            yield Offers("MAM", book, found)
        except NotConfigured:
            pass  # the user has no session there; Prowlarr asks that indexer with its own
        except BookrunnerError as error:
            yield Offers("MAM", book, (), (_without(error),))
        for origin in _CATALOGUES:
            trouble: list[str] = []
            known = await self._known_there(origin, book, trouble)

            async def ask(words: str, heard: list[str] = trouble) -> tuple[Release, ...]:
                result = await self.prowlarr.search(words)
                heard.extend(result.trouble)
                return result.releases

            yield Offers(
                origin,
                known,
                await self._everywhere(known, origin, ask),
                tuple(dict.fromkeys(trouble)),
            )

    async def playing_time(self, work_id: str | None, language: str | None) -> float | None:
        """Return how long the audiobook plays, in seconds, when its editions agree; else None.

        Goodreads prints the hours of Audible's editions as pages. Editions that differ by more than
        half are different recordings, of which nobody knows which one is meant.
        """
        if not work_id:
            return None
        try:
            editions = await self.goodreads.audio_editions(work_id)
        except BookrunnerError as error:
            _without(error)
            return None  # it only helps: the checks that need it are skipped, and say so
        hours = sorted(
            e.pages
            for e in editions
            if e.pages and (not language or e.language in {None, language})
        )
        if not hours or hours[-1] > max(1.5 * hours[0], hours[0] + 1):
            return None
        return 3600.0 * hours[len(hours) // 2]

    async def _everywhere(
        self, book: WantedBook, origin: Identity, ask: Callable[[str], Awaitable[Iterable[Release]]]
    ) -> tuple[Release, ...]:
        """Return what all wordings of one identity find, the same release once."""
        found: dict[str, Release] = {}
        for words in searches.queries(book, origin):
            for release in await ask(words):
                found.setdefault(release.guid, release)
        return tuple(found.values())

    async def fetch(self, release: Release) -> Fetched:
        """Return the torrent of a release; raises Unsafe for one that must not reach the client."""
        data = await self._torrent_of(release)
        torrent = torrents.read(data)
        torrents.check_files(torrent.files)
        return Fetched(release, torrent, data)

    async def _torrent_of(self, release: Release) -> bytes:
        if release.indexer_id is None:  # no indexer of Prowlarr's: it came from MAM itself
            return await self.mam.download(release)
        got = await self.prowlarr.download(release)
        if got.data is None:
            raise Unsafe("offered as a magnet link only, whose files nobody can check beforehand")
        return got.data

    async def _known_there(
        self, origin: Identity, book: WantedBook, trouble: list[str]
    ) -> WantedBook:
        query = BookQuery(
            book.title, book.authors, book.series, book.isbn, book.asin, book.language
        )
        try:
            answer = await self.catalogues[origin].describe(query, judge(query))
        except NotConfigured:
            return book
        except BookrunnerError as error:
            trouble.append(_without(error))
            return book
        return book if answer is None else _as_told(book, answer)


def _without(error: BookrunnerError) -> str:
    """Return why to go on without a source; raises *error* again when it only has to be awaited."""
    if isinstance(error, NotNow) and error.after <= WORTH_WAITING:
        raise error
    return str(error)


def _as_told(book: WantedBook, answer: SourceAnswer) -> WantedBook:
    """Return the book under the identity that a catalogue gives it."""
    told = answer.metadata
    other = tuple(t for t in (book.title, *book.alternative_titles) if t != told.title)
    return replace(
        book,
        title=told.title or book.title,
        authors=told.authors or book.authors,
        isbn=book.isbn or told.isbn,
        series=book.series or told.series,
        alternative_titles=other,
    )
