"""What holds for every page: who may see it, its headers, its blocks, its theme, its forms."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from api.pages import ACTIONS, PAGES
from api.pages.rendering import MENU
from pipeline.accounts import add_key
from tests.support.callers import calling

CLOSED = [page for page in PAGES if page.scope is not None]
FORMS = [action for action in ACTIONS if action.scope is not None]
FORM = {"content-type": "application/x-www-form-urlencoded"}


def plain(path):
    return path.replace("{id:int}", "1")


def token_of(page):
    return LexborHTMLParser(page.text).css_first("input[name=token]").attributes["value"]


async def test_a_page_shows_landmarks_and_the_place_where_one_is(client):
    page = LexborHTMLParser((await client.get("/series")).text)

    assert page.css_first("html").attributes["lang"] == "en"
    assert page.css_first("a.skip").attributes["href"] == "#content"
    assert page.css_first("main").attributes["id"] == "content"
    assert page.css_first("nav.menu").attributes["aria-label"] == "Main"
    assert [node.text() for node in page.css("nav.menu [aria-current=page]")] == ["Series"]


async def test_every_entry_of_the_menu_leads_to_a_page(client):
    for _, label, address in MENU:
        answer = await client.get(address, follow_redirects=True)
        assert answer.status_code == 200, label


async def test_nobody_sees_a_page_without_signing_in_first(served):
    async with calling(served) as stranger:
        answers = {page.path: await stranger.get(plain(page.path)) for page in CLOSED}

    led = {path: (each.status_code, each.headers.get("location")) for path, each in answers.items()}
    assert {status for status, _ in led.values()} == {303}
    assert all(address.startswith("/sign-in") for _, address in led.values())


async def test_a_form_without_its_token_does_nothing(client, pool, owner):
    async def everything():
        async with pool.user(owner.user_id) as db:
            rows = await db.connection.execute(
                "SELECT relation, content - 'last_used_at' FROM export_own_rows() ORDER BY 1, 2"
            )
            return await rows.fetchall()

    before = await everything()
    sent = {"workflow": "SERIES", "answer": "yes", "token": "0" * 64}
    answers = [await client.post(plain(action.path), data=sent) for action in FORMS]

    assert {answer.status_code for answer in answers} == {403}
    assert await everything() == before


async def test_a_key_that_may_only_read_starts_nothing_and_is_offered_no_button(
    served, pool, owner
):
    key = await add_key(pool, owner.user_id, "reader", ["read"])
    async with calling(served, key) as reader:
        page = await reader.get("/wanted")
        answer = await reader.post("/runs/start", data={"workflow": "SERIES"})

    assert "Fetch now" not in page.text
    assert answer.status_code == 403


async def test_a_page_forbids_every_foreign_source_and_is_not_kept(client):
    headers = (await client.get("/")).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"


async def test_what_a_page_loads_is_ours_and_kept_for_ever(client):
    page = LexborHTMLParser((await client.get("/")).text)
    loaded = [node.attributes["src"] for node in page.css("script, img")]
    loaded += [node.attributes["href"] for node in page.css("link")]

    for address in loaded:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert all(address.startswith("/static/") for address in loaded)


async def test_htmx_is_answered_the_block_that_it_names_and_nothing_around_it(client):
    headers = {"HX-Request": "true", "HX-Target": "list"}
    block = await client.get("/library", params={"q": "owl"}, headers=headers)
    back = await client.get("/library", headers={**headers, "HX-History-Restore-Request": "true"})

    assert "<html" not in block.text
    assert "Amber Owl" in block.text
    assert "<html" in back.text


async def test_the_theme_is_dark_until_the_other_is_asked_for(client):
    first = await client.get("/")
    switched = await client.post("/theme", data={"theme": "light"})
    client.cookies = switched.cookies
    second = await client.get("/")

    assert 'data-theme="dark"' in first.text
    assert switched.status_code == 303
    assert 'data-theme="light"' in second.text


async def test_an_unknown_address_is_a_page_and_one_of_the_api_a_problem(client):
    page = await client.get("/no/such/page")
    call = await client.get("/api/no/such/call")
    method = await client.get("/api/trigger/SERIES")

    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Go home" in page.text
    assert (call.status_code, method.status_code) == (404, 405)
    assert call.headers["content-type"] == "application/problem+json"


async def test_a_form_leads_back_to_its_page_and_says_there_what_it_did(client):
    start = await client.get("/")
    sent = {"workflow": "METADATA_FULL", "token": token_of(start)}
    answer = await client.post(
        "/runs/start", data=sent, headers={"referer": "http://bookrunner/metadata?x=1"}
    )
    client.cookies = answer.cookies
    after = await client.get(answer.headers["location"])
    again = await client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (303, "/metadata?x=1")
    assert "Describe every book has started" in after.text
    assert "Describe every book has started" not in again.text


@pytest.mark.parametrize(
    "referer", ["http://evil.test/x", "//evil.test", "", "http://bookrunner//evil"]
)
async def test_no_form_leads_away_from_this_site(client, referer):
    sent = {"workflow": "METADATA_FULL", "token": token_of(await client.get("/"))}
    answer = await client.post("/runs/start", data=sent, headers={"referer": referer})

    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"token=a", "text/plain", 415),
        (b"x" * 70_000, FORM["content-type"], 413),
        (b"&".join(b"a=1" for _ in range(600)), FORM["content-type"], 400),
        ("é".encode(), FORM["content-type"], 400),
        (b"token=%ff", FORM["content-type"], 400),
    ],
)
async def test_what_is_no_form_is_refused_in_words(client, body, kind, status):
    answer = await client.post("/runs/start", content=body, headers={"content-type": kind})

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


async def test_moments_are_said_in_the_zone_of_the_user_with_the_exact_one_on_hover(
    client, pool, owner
):
    async with pool.system() as db:
        await db.connection.execute("UPDATE users SET time_zone = 'Pacific/Auckland'")
        await db.connection.execute("UPDATE tasks SET scheduled_time = '2020-01-01T12:30:05Z'")

    page = await client.get("/runs")

    said = re.search(r'<time datetime="(2020[^"]+)" title="([^"]+)">([^<]+)</time>', page.text)
    assert said.groups() == (
        "2020-01-01T12:30:05+00:00",
        "Thursday 2 January 2020, 01:30:05 NZDT",
        "2 Jan 2020",
    )
