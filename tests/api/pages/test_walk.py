"""Every page of the books: it answers, to its owner only, small, with every text as text."""

import gzip
import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from api.pages import PAGES, activity, authors, home, library, metadata, runs, series, top10, wanted
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
LARGEST = 150_000  # bytes of a page with all that it loads
every_page = pytest.mark.parametrize("page", OWN, ids=lambda page: page.path)


def address(page, ids):
    return page.path.replace("{id:int}", str(ids.get(IDS.get(page.path, ""), "")))


async def with_approval(pool, owner):
    async with pool.user(owner.user_id) as db:
        cursor = await db.connection.execute("SELECT id FROM approvals")
        row = await cursor.fetchone()
    return {**owner.ids, "approval": row[0]}


@pytest.fixture
async def ids(pool, owner):
    return await with_approval(pool, owner)


def test_every_page_stands_in_the_table():
    assert {page.path for page in OWN} <= {page.path for page in PAGES}


@every_page
async def test_a_page_answers_with_one_heading_and_no_text_of_anybody_else(
    page, served, owner, stranger, ids
):
    async with calling(served, owner.key) as client:
        answer = await client.get(address(page, ids))

    assert answer.status_code == 200, answer.text
    assert answer.text.count("<h1>") == 1
    assert answer.text.count("<main") == 1
    assert "· Bookrunner</title>" in answer.text
    assert stranger.mark not in answer.text


@pytest.mark.parametrize("page", [page for page in OWN if page.path in IDS], ids=lambda p: p.path)
async def test_what_belongs_to_somebody_else_is_nowhere(page, served, owner, stranger, pool):
    theirs = await with_approval(pool, stranger)
    async with calling(served, owner.key) as client:
        answer = await client.get(address(page, theirs))

    assert answer.status_code == 404
    assert stranger.mark not in answer.text


@every_page
async def test_hostile_text_is_shown_as_text_and_adds_no_element(page, client, ids, hostile):
    answer = await client.get(address(page, ids))

    assert answer.status_code == 200, answer.text
    parsed = LexborHTMLParser(answer.text)
    attributes = {name for node in parsed.css("*") for name in node.attributes}
    assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert all(
        (node.attributes.get("src") or "").startswith("/static/")
        for node in parsed.css("script, img")
    )
    told = parsed.body.text()
    assert "<script>alert(1)</script>" in told
    assert "{{ 7*7 }}" in told


@every_page
async def test_a_page_is_small_with_all_that_it_loads(page, client, ids, hostile):
    answer = await client.get(address(page, ids))

    weight = len(gzip.compress(answer.content))
    for each in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)):
        weight += len(gzip.compress((await client.get(each)).content))
    assert weight < LARGEST


@every_page
async def test_nonsense_in_the_address_counts_as_not_said(page, client, ids):
    odd = {"page": "-1", "q": "x\x00y", "state": "nonsense", "sort": "'; DROP", "week": "2026-W99"}

    answer = await client.get(address(page, ids), params=odd)

    assert answer.status_code == 200, answer.text


@every_page
async def test_a_page_far_beyond_the_end_is_empty_and_no_error(page, client, ids):
    answer = await client.get(address(page, ids), params={"page": "999999", "size": "200"})

    assert answer.status_code == 200, answer.text


async def test_a_tracker_that_refuses_the_account_stands_on_home_in_the_queue_and_in_the_api(
    client, pool, owner, stranger
):
    for user, said in ((owner.user_id, "t.example: no passkey"), (stranger.user_id, "theirs")):
        async with pool.user(user) as db:
            await db.connection.execute(
                "UPDATE downloads SET tracker_trouble = 'account', tracker_says = %s,"
                " tracker_since = now()",
                [said],
            )

    home, queue = (await client.get("/")).text, (await client.get("/activity")).text
    (told,) = (await client.get("/api/downloads")).json()["records"]

    assert "A tracker refuses your account" in home
    assert "is the passkey still yours?" in queue
    assert "t.example: no passkey" in home
    assert "t.example: no passkey" in queue
    assert told["trackerSays"] == "t.example: no passkey"
    assert "theirs" not in home


LIVE = {
    "/": "now",
    "/runs": "list",
    "/runs/{id:int}": "live_run",
    "/activity": "queue",
    "/books/{id:int}": "book",
}


@pytest.mark.parametrize("path", LIVE)
async def test_what_can_be_focused_in_a_live_part_has_a_name_that_stays(path, client, ids):
    page = next(each for each in OWN if each.path == path)
    headers = {"HX-Request": "true", "HX-Target": LIVE[path]}
    answer = await client.get(address(page, ids), headers=headers)

    assert "<html" not in answer.text
    focusable = LexborHTMLParser(answer.text).css("a, button, summary, input:not([type=hidden])")
    nameless = [node.html for node in focusable if not node.attributes.get("id")]
    assert nameless == []
    names = [node.attributes["id"] for node in LexborHTMLParser(answer.text).css("[id]")]
    assert len(names) == len(set(names))
