"""What a stage asks for one book, series or author is answered without reading the library."""

import json
import time

import psycopg
import pytest

from tests.conftest import add_user
from tests.support.many_books import fill

BOOKS = 50_000
MOST = 8.0  # milliseconds; a look at every book takes five times as long
WORKS = """
INSERT INTO series_works (user_id, series_id, place, position, title, kind, status, book_id)
    SELECT s.user_id, s.series_id, row_number() OVER (PARTITION BY s.series_id), s.sequence,
        b.title, 'primary', 'owned', b.id
    FROM book_series AS s JOIN books AS b ON b.user_id = s.user_id AND b.id = s.book_id
"""


def an_item(book):
    """The row of an item as a stage writes it."""
    names = ("title", "author", "series", "isbn", "asin", "match_key", "search_text", "abs_id")
    return {name: book[name] for name in names} | {
        "metadata": book["metadata"],
        "completeness": 50,
        "library_id": "l",
        "path": "p",
        "is_missing": False,
    }


def questions(book, wanted, series, author):
    """Each query with what it is asked, as the stages ask it."""
    new = an_item(book) | {"abs_id": "li_new", "match_key": wanted["match_key"]}
    of_book, of_series = {"book_id": book["id"]}, {"series_id": series["id"]}
    like = {"titles": [book["title_key"]], "authors": [author["match_key"]]}
    return {
        "books.put_items": {"items": json.dumps([an_item(book), new])},
        "books.unlink": {"books": [book["id"]]},
        "books.by_id": {"id": book["id"]},
        "books.by_item": {"abs_id": book["abs_id"]},
        "books.owned_near_series": of_series,
        "books.owned_like": like,
        "books.of_series": of_series,
        "series.by_id": {"id": series["id"]},
        "series.of_book": of_book,
        "series.recount": of_book,
        "authors.books": {"author_id": author["id"]},
        "authors.best_known": {"author_id": author["id"]},
        "missing.still_wanted": {"book_id": wanted["id"]},
        "missing.others_of_series": {"book_id": wanted["id"]},
        "missing.mark": {"book_id": wanted["id"], "status": "queued", "reason": None},
        "missing.close_others": {**of_series, "books": []},
        "authors.close_others": {"author_id": author["id"], "books": []},
        "steps.wake": {"topic": "item:x"},
    }


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_no_question_of_a_stage_reads_the_whole_library(pool, figure):
    user = await add_user(pool, "librarian")
    await fill(pool, user, BOOKS, BOOKS // 20, BOOKS // 5)
    async with pool.user(user) as db:
        await db.connection.execute(WORKS)
        book, wanted, series, author = await picked(db)
    async with await pool.dedicated() as owner:
        await owner.execute("ANALYZE")

    took = {}
    for query, asked in questions(book, wanted, series, author).items():
        more = {"user_id": user} if query == "steps.wake" else {}
        took[query] = await milliseconds(pool, user, query, asked | more)

    slowest = sorted(((ms, name) for name, ms in took.items()), reverse=True)
    figure(f"{BOOKS:,} books: " + ", ".join(f"{name} {ms:.1f} ms" for ms, name in slowest[:4]))
    assert [f"{name}: {ms:.1f} ms" for ms, name in slowest if ms > MOST] == []


async def picked(db):
    """A book, a wanted one, a series and an author from the midst of the library."""
    rows = []
    for query in (
        "SELECT * FROM books WHERE abs_id IS NOT NULL ORDER BY id OFFSET 7777 LIMIT 1",
        "SELECT * FROM books WHERE abs_id IS NULL ORDER BY id OFFSET 777 LIMIT 1",
        "SELECT * FROM series ORDER BY id OFFSET 77 LIMIT 1",
        "SELECT * FROM authors ORDER BY id OFFSET 77 LIMIT 1",
    ):
        cursor = await db.connection.execute(query)
        names = [column.name for column in cursor.description]
        rows.append(dict(zip(names, await cursor.fetchone(), strict=True)))
    return rows


async def milliseconds(pool, user, query, asked):
    """How long a query takes, the best of nine times: what else runs here only adds to it.

    What it wrote is undone.
    """
    seconds = []
    for _ in range(9):
        async with pool.user(user) as db:
            began = time.perf_counter()
            await db.do(query, **asked)
            seconds.append(time.perf_counter() - began)
            raise psycopg.Rollback
    return min(seconds) * 1000
