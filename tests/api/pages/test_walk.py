"""Every page of the table: it answers, to its owner only, in a few queries, with text as text."""

import re

import pytest

from api.pages import PAGES
from api.pages import activity, authors, home, library, metadata, runs, series, top10, wanted
from tests.support.callers import calling

OWN = [
    page
    for part in (home, library, series, authors, wanted, activity, runs, top10, metadata)
    for page in part.PAGES
]
IDS = {
    "/books/{id:int}": "owned",
    "/series/{id:int}": "series",
    "/authors/{id:int}": "author",
    "/runs/{id:int}": "run",
    "/metadata/approvals/{id:int}": "approval",
}


def address(page, ids):
    return page.path.replace("{id:int}", str(ids.get(IDS.get(page.path, ""), "")))


@pytest.fixture
async def ids(pool, owner):
    async with pool.user(owner.user_id) as db:
        cursor = await db.connection.execute("SELECT id FROM approvals")
        row = await cursor.fetchone()
    return {**owner.ids, "approval": row[0]}


def test_every_page_stands_in_the_table():
    assert {page.path for page in OWN} <= {page.path for page in PAGES}


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.path)
async def test_a_page_answers_with_its_title_and_one_heading(page, client, ids):
    answer = await client.get(address(page, ids))

    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1>") == 1
    assert "· Bookrunner</title>" in answer.text
