"""Places in a batch, asked for by many books at once."""

import asyncio

import pytest

from pipeline import runs
from pipeline.db import StepDatabase
from pipeline.handover import Batch
from pipeline.runs import Run
from tests.support.household import look


@pytest.fixture
async def run(pool, user_id):
    started = await runs.start(pool, user_id, "SERIES")
    return Run(started.id, user_id, "SERIES", step_id=0, attempt=1)


def open_steps(url: str, run: Run, books: range, status: str = "ready") -> None:
    look(
        url,
        "insert into steps (user_id, run_id, stage, kind, key, event, status)"
        " select %s, %s, 'import_files', 'download_queued', b::text,"
        " jsonb_build_object('book_id', b), %s from unnest(%s::bigint[]) b returning 1",
        run.user_id,
        run.run_id,
        status,
        list(books),
    )


async def enter(pool, run: Run, book: int) -> bool:
    return await Batch(10).enter(StepDatabase(pool, run.user_id), run, book)


async def test_twenty_books_at_once_get_ten_places(pool, run, database_url):
    open_steps(database_url, run, range(20))

    entered = await asyncio.gather(*(enter(pool, run, book) for book in range(20)))

    assert sum(entered) == 10


async def test_a_book_keeps_its_place_however_often_it_asks(pool, run, database_url):
    open_steps(database_url, run, range(10))
    await asyncio.gather(*(enter(pool, run, book) for book in range(10)))

    assert await enter(pool, run, 3)
    assert not await enter(pool, run, 10)


async def test_a_batch_whose_books_have_settled_makes_room_for_the_next(pool, run, database_url):
    open_steps(database_url, run, range(11))
    await asyncio.gather(*(enter(pool, run, book) for book in range(10)))
    look(database_url, "update batch_places set settled_at = now() returning 1")

    assert await enter(pool, run, 10)
    assert look(database_url, "select batch from batch_places where book_id = 10") == [(2,)]


async def test_books_whose_steps_failed_hold_nobody_up(pool, run, database_url):
    open_steps(database_url, run, range(10), status="failed")
    await asyncio.gather(*(enter(pool, run, book) for book in range(10)))

    assert await enter(pool, run, 10)
