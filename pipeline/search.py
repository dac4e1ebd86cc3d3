"""Look for releases of a book under up to three identities, in the order of the user's sources.

First on MAM with title and author as known; then through Prowlarr with Google Books' title, authors
and ISBN; then through Prowlarr with Goodreads' title and series. An indexer whose answer needs no
second identity is not asked a second time: the caller stops at the first fit release.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.clients.mam import Mam
from pipeline.clients.prowlarr import Prowlarr
from pipeline.domain import matching, searching, torrents
from pipeline.domain.models import Release, WantedBook
from pipeline.domain.sources import BookQuery, MetadataSource, SourceAnswer
from pipeline.domain.torrents import Torrent
from pipeline.errors import BookrunnerError, NotConfigured, Unsafe

Origin = Literal["MAM", "Google", "Goodreads"]


@dataclass(frozen=True, slots=True)
class Offers:
    """What one identity found; `trouble` says in words which indexer could not answer."""

    origin: Origin
    book: WantedBook
    releases: tuple[Release, ...]
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A release's torrent file, read and found safe."""

    release: Release
    torrent: Torrent
    data: bytes


class ReleaseSearch:
    """The indexers and the catalogues of one user."""

    def __init__(
        self,
        mam: Mam,
        prowlarr: Prowlarr,
        google_books: MetadataSource,
        goodreads: MetadataSource,
    ) -> None:
        self.mam, self.prowlarr = mam, prowlarr
        self.catalogues: dict[Origin, MetadataSource] = {
            "Google": google_books,
            "Goodreads": goodreads,
        }

    async def under_each_identity(self, book: WantedBook) -> AsyncIterator[Offers]:
        """Yield what each identity finds; a source that is off or out of reach is named, not fatal."""
        try:
            found = await self.mam.search(searching.text(book, "MAM"))
            yield Offers("MAM", book, tuple(found))
        except NotConfigured:
            pass  # the user has no session there; Prowlarr asks that indexer with its own
        except BookrunnerError as error:
            yield Offers("MAM", book, (), (str(error),))
        origin: Origin
        for origin in ("Google", "Goodreads"):
            trouble: list[str] = []
            known = await self._known_there(origin, book, trouble)
            found_there = await self.prowlarr.search(searching.text(known, origin))
            yield Offers(
                origin, known, found_there.releases, (*trouble, *found_there.trouble)
            )

    async def fetch(self, release: Release) -> Fetched:
        """Return the torrent of a release; raises Unsafe for one that must not reach the client."""
        if release.indexer == "MyAnonamouse" and release.indexer_id is None:
            data = await self.mam.download(release)
        else:
            got = await self.prowlarr.download(release)
            if got.data is None:
                message = "offered as a magnet link only: a private torrent would never start"
                raise Unsafe(message)
            data = got.data
        torrent = torrents.read(data)
        torrents.check_files(torrent.files)
        return Fetched(release, torrent, data)

    async def _known_there(
        self, origin: Origin, book: WantedBook, trouble: list[str]
    ) -> WantedBook:
        query = BookQuery(book.title, book.authors, book.series, book.isbn, book.asin, book.language)
        try:
            answer = await self.catalogues[origin].describe(query, matching.judge(query))
        except NotConfigured:
            return book
        except BookrunnerError as error:
            trouble.append(str(error))
            return book
        return book if answer is None else _as_told(book, answer)


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
