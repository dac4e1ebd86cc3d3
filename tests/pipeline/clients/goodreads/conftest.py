import pytest

from pipeline.clients.goodreads import Goodreads
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import AUTHOR_IDS, SERIES_IDS, TITLES
from pipeline.sandbox.goodreads import GoodreadsStandIn
from pipeline.sandbox.serve import serve


class Site:
    """The stand-in, and clients of it."""

    def __init__(self, stand_in, address):
        self.stand_in, self.address, self.remotes = stand_in, address, []
        self.faults = stand_in.faults

    def client(self, *, limits=None, pace=None, enabled=True):
        remote = Remote("goodreads", self.address, limits=limits, pace=pace, contact="me@here.test")
        self.remotes.append(remote)
        return Goodreads(remote, enabled=enabled, jitter=0.0)

    @property
    def paths(self):
        return [call.path for call in self.stand_in.calls]


@pytest.fixture
async def site():
    stand_in = GoodreadsStandIn(TITLES, SERIES_IDS, AUTHOR_IDS, per_page=10)
    async with serve(stand_in.app) as address:
        site = Site(stand_in, address)
        yield site
        for remote in site.remotes:
            await remote.aclose()
