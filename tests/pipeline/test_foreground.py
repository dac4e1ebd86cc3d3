import asyncio

import psycopg
import pytest

from pipeline.errors import ServiceDown
from pipeline.foreground import through_outages


async def test_a_database_that_is_not_there_yet_is_waited_for(capsys):
    stop, tries = asyncio.Event(), []

    async def run():
        tries.append(1)
        if len(tries) < 3:
            raise psycopg.OperationalError("connection failed:\nstarting up")
        stop.set()

    await through_outages(stop, run)

    assert len(tries) == 3
    assert capsys.readouterr().out == (
        "· waiting for the database: connection failed: starting up\n" * 2
    )


async def test_a_service_that_is_down_is_waited_for_too(capsys):
    stop, tries = asyncio.Event(), []

    async def run():
        tries.append(1)
        if len(tries) == 1:
            raise ServiceDown("PostgreSQL: connecting: refused")
        stop.set()

    await through_outages(stop, run)

    assert (
        capsys.readouterr().out == "· waiting for the database: PostgreSQL: connecting: refused\n"
    )


async def test_whoever_waits_can_be_stopped():
    stop = asyncio.Event()

    async def run():
        stop.set()
        raise psycopg.OperationalError("gone")

    async with asyncio.timeout(1):
        await through_outages(stop, run)


async def test_any_other_error_is_not_waited_out():
    async def run():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await through_outages(asyncio.Event(), run)
