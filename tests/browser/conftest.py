"""One browser and one installation per module; whatever the pages complain of fails the test."""

import pytest_asyncio

from pipeline import sign_in
from pipeline.db import Pool
from tests.support.browsing import chromium, told, window
from tests.support.installation import installation


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome():
    """The browser."""
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(chrome):
    """A Bookrunner in the sandbox, whose first SERIES run is under way."""
    async with installation() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def eyes(chrome, house):
    """A signed-in window; it must have complained of nothing at the end."""
    await _renew(house)
    async with window(chrome, house.base, house.sign_in) as made:
        yield made
        complaints = await made.look()
        assert complaints == [], told(complaints)


async def _renew(house):
    """Have a new one-time address, as `bookrunner sign-in` makes it."""
    async with Pool(house.server.url()) as pool:
        house.token = await sign_in.make_address(pool, 1)
