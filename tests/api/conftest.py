"""An app and its callers."""

import pytest

from tests.conftest import add_user
from tests.support.callers import app, calling, furnished


@pytest.fixture
def served(pool, tmp_path):
    """The app, on a database of its own."""
    return app(pool, tmp_path)


@pytest.fixture
async def owner(pool, user_id):
    """A user with a row of every kind."""
    return await furnished(pool, user_id, "Amber")


@pytest.fixture
async def stranger(pool, owner):
    """Another one, with rows that look the same."""
    return await furnished(pool, await add_user(pool, "stranger"), "Bramble")


@pytest.fixture
async def client(served, owner):
    """The owner's client."""
    async with calling(served, owner.key) as made:
        yield made
