"""What the tests of pages share."""

import pytest

from tests.support.hostile_shelf import HOSTILE, hostile_rows


@pytest.fixture
async def hostile(pool, owner):
    """The owner's rows again, with text that somebody wrote to do harm."""
    async with pool.user(owner.user_id) as db:
        await hostile_rows(db.connection)
    return HOSTILE
