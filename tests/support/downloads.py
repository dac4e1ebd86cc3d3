"""Downloads and steps that wait for them, written as the stages leave them."""

from typing import Any

from pipeline.db import Pool
from pipeline.domain.keys import search_text
from pipeline.library import identity
from tests.support.household import look


async def add_wanted(pool: Pool, user_id: int, title: str, author: str = "A. Author") -> int:
    """Insert a wanted book; return its id."""
    async with pool.user(user_id) as db:
        cursor = await db.connection.execute(
            "insert into books (user_id, title, author, match_key, search_text, metadata)"
            " values (%s, %s, %s, %s, %s, jsonb_build_object('title', %s::text, 'authors',"
            " jsonb_build_array(%s::text))) on conflict do nothing returning id",
            [
                user_id,
                title,
                author,
                identity(title, [author]),
                search_text(title, author),
                title,
                author,
            ],
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def add_download(
    pool: Pool, user_id: int, infohash: str, *, title: str, **columns: Any
) -> int:
    """Insert a wanted book and its download; return the book's id."""
    book = columns.pop("book_id", None) or await add_wanted(pool, user_id, title)
    values = {"status": "queued", "abs_import_status": "pending", "run_id": None} | columns
    async with pool.user(user_id) as db:
        await db.connection.execute(
            "insert into downloads (user_id, book_id, source, infohash, release_guid,"
            " release_title, status, abs_import_status, run_id)"
            " values (%s, %s, 'MAM', %s, 'g', %s, %s, %s, %s)",
            [user_id, book, infohash, title, *values.values()],
        )
    return int(book)


async def make_waiting_step(
    pool: Pool, user_id: int, topic: str, *, book_id: int = 0, stage: str = "import_files"
) -> int:
    """Insert a run with one step that waits for *topic*; return the step's id."""
    async with pool.system() as db:
        cursor = await db.connection.execute(
            "insert into tasks (user_id, task_name, status, subject)"
            " values (%s, 'SERIES', 'running', gen_random_uuid()::text) returning id",
            [user_id],
        )
        row = await cursor.fetchone()
        assert row is not None
        cursor = await db.connection.execute(
            "insert into steps (user_id, run_id, stage, kind, key, event, status, topic,"
            " started_at) values (%s, %s, %s, 'download_queued', 'k',"
            " jsonb_build_object('book_id', %s::bigint), 'waiting', %s, now()) returning id",
            [user_id, row[0], stage, book_id, topic],
        )
        step = await cursor.fetchone()
    assert step is not None
    return int(step[0])


def step_status(pool: Pool, step: int) -> str:
    """Return how a step stands."""
    return str(look(pool.url, "select status from steps where id = %s", step)[0][0])
