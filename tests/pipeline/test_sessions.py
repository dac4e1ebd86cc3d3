"""A connection of one's own comes back after it was lost."""

import pytest

from pipeline.db import LOST
from pipeline.sessions import CARELESS, SYSTEM, Session


async def test_it_acts_as_the_role_that_sees_all(pool):
    session = Session(pool.dedicated, (*SYSTEM, CARELESS))

    async def connected(it: Session) -> None:
        assert await it.at_connect("steps.ping") == [{"alive": 1}]

    session._connected = connected
    assert await session.rows("steps.ping") == [{"alive": 1}]
    cursor = await session._connection.execute(
        "SELECT current_user, current_setting('synchronous_commit')"
    )
    assert await cursor.fetchone() == ("bookrunner_system", "off")
    await session.close()


async def test_a_statement_that_meets_an_outage_raises_and_the_next_connects_again(pool):
    told = []

    async def connected(_: Session) -> None:
        told.append(1)

    session = Session(pool.dedicated, connected=connected)
    await session.open()
    owner = await pool.dedicated()
    await owner.execute("SELECT pg_terminate_backend(%s)", [session._connection.info.backend_pid])
    await owner.close()

    with pytest.raises(LOST):
        await session.rows("steps.ping")
    assert await session.rows("steps.ping") == [{"alive": 1}]
    await session.close()
    assert len(told) == 2


async def test_the_callback_of_a_connection_is_only_for_one_that_stands(pool):
    with pytest.raises(RuntimeError, match="callback"):
        await Session(pool.dedicated).at_connect("steps.ping")
