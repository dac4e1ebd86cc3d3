"""The whole sandbox: seven stand-ins on loopback, their library and downloads on a real disk.

What happens there is real: files appear in the library's folder, torrents in the client, edits in
Audiobookshelf; all of it is still there after a restart.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from pipeline.domain.torrents import read
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES, Offer, Title
from pipeline.sandbox.goodreads import GoodreadsStandIn
from pipeline.sandbox.google_books import GoogleBooksStandIn
from pipeline.sandbox.guides import GuidesStandIn
from pipeline.sandbox.mam import MamStandIn
from pipeline.sandbox.prowlarr import ProwlarrStandIn
from pipeline.sandbox.qbittorrent import QBittorrentStandIn
from pipeline.sandbox.serve import serve
from pipeline.sandbox.torrents import make_torrent
from pipeline.services import Services

SERVICES = (
    "audiobookshelf",
    "qbittorrent",
    "prowlarr",
    "mam",
    "google_books",
    "goodreads",
    "guides",
)


def torrent_of(offer: Offer) -> bytes:
    """Return the .torrent of an offer, the same bytes every time."""
    folder = offer.files[0][0].split("/", maxsplit=1)[0]
    return make_torrent(folder, offer.files, comment=f"MID={offer.tid}")


@dataclass(slots=True)
class Town:
    """The stand-ins, and where they are served."""

    root: Path
    audiobookshelf: AudiobookshelfStandIn
    qbittorrent: QBittorrentStandIn
    prowlarr: ProwlarrStandIn
    mam: MamStandIn
    google_books: GoogleBooksStandIn
    goodreads: GoodreadsStandIn
    guides: GuidesStandIn
    addresses: dict[str, str]

    @classmethod
    @asynccontextmanager
    async def open(
        cls, root: Path, *, seconds: float = 0.6, titles: Sequence[Title] = TITLES
    ) -> AsyncIterator["Town"]:
        """Serve all of them from the folder *root*; a download takes *seconds*."""
        (root / "downloads").mkdir(parents=True, exist_ok=True)  # once, before anybody waits
        payloads = {
            read(torrent_of(offer)).infohash: offer for title in titles for offer in title.offers
        }
        town = cls(
            root=root,
            audiobookshelf=AudiobookshelfStandIn(
                root / "library", titles, state=root / "audiobookshelf.json"
            ),
            qbittorrent=QBittorrentStandIn(
                root / "downloads",
                seconds=seconds,
                payload=payloads.get,
                state=root / "qbittorrent.json",
            ),
            prowlarr=ProwlarrStandIn(titles, torrent_of),
            mam=MamStandIn(titles, torrent_of),
            google_books=GoogleBooksStandIn(titles),
            goodreads=GoodreadsStandIn(titles, SERIES_IDS, AUTHOR_IDS),
            guides=GuidesStandIn(),
            addresses={},
        )
        async with AsyncExitStack() as stack:
            for name in SERVICES:
                app = getattr(town, name).app
                town.addresses[name] = await stack.enter_async_context(serve(app))
            yield town

    @property
    def library(self) -> Path:
        """The library's folder on disk."""
        return self.root / "library"

    @property
    def summary(self) -> str:
        """Say in one line what is there to be seen."""
        owned = sum(title.owned for title in TITLES)
        return (
            f"a library of {owned} public-domain books in {len(SERIES_IDS)} series"
            f" under {self.library}"
        )

    def services(self, given: Services) -> Services:
        """Return *given* with every address and credential of the town."""
        return given.but(
            abs_url=self.addresses["audiobookshelf"],
            abs_token=SecretStr(self.audiobookshelf.root_token),
            abs_library="",
            library_paths="",
            qbittorrent_url=self.addresses["qbittorrent"],
            qbittorrent_username=self.qbittorrent.username,
            qbittorrent_password=SecretStr(self.qbittorrent.password),
            qbittorrent_api_key=SecretStr(""),
            downloads_paths="",
            prowlarr_url=self.addresses["prowlarr"],
            prowlarr_key=SecretStr(self.prowlarr.api_key),
            mam_url=self.addresses["mam"],
            mam_id=SecretStr(self.mam.mam_id),
            google_books_url=self.addresses["google_books"],
            google_books_key=SecretStr(self.google_books.api_key),
            goodreads_url=self.addresses["goodreads"],
            goodreads="on",
            crawler_username=self.guides.username,
            crawler_password=SecretStr(self.guides.password),
            crawler_acknowledged="yes",
            crawler_site=self.addresses["guides"],
        )
