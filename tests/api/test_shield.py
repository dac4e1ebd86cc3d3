"""What stands before every call: names, forgery, headers, and no key in any log."""

import asyncio
import contextlib
import logging
import socket

import httpx
import pytest
import uvicorn

from api.shield import hide_key
from pipeline.db import Pool
from tests.support.callers import app, calling, json_of


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8765",
        "[::1]:8765",
        "192.168.1.5",
        "localhost",
        "nas",
        "books.lan:80",
        "x.local",
        "books.example.org",
        "BOOKS.example.org:443",
    ],
)
async def test_an_address_a_home_name_and_a_name_of_ours_are_known(host, tmp_path):
    served = app(Pool(""), tmp_path, hosts="books.example.org, other.example.org")
    async with calling(served) as client:
        assert (await client.get("/ping", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example.com", "127.0.0.1.nip.io", "books.example.org.evil.com", "", "[::1", "a.b@c.d"],
)
async def test_a_strangers_name_is_not(host, tmp_path):
    served = app(Pool(""), tmp_path, hosts="books.example.org")
    async with calling(served) as client:
        assert (await client.get("/ping", headers={"host": host})).status_code == 421


async def test_only_our_own_pages_and_programs_may_trigger(client):
    for headers, status in (
        ({}, 202),
        ({"sec-fetch-site": "same-origin", "origin": "http://bookrunner"}, 202),
        ({"sec-fetch-site": "none"}, 202),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ):
        answer = await client.post("/api/trigger/rescan", headers=headers)
        assert answer.status_code == status, headers


async def test_reading_from_elsewhere_needs_only_the_key(client):
    answer = await client.get("/api/runs", headers={"origin": "http://evil.example"})

    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


async def test_every_answer_carries_the_protections(client):
    for path in ("/ping", "/api/runs", "/api/nothing", "/api/docs"):
        headers = (await client.get(path)).headers

        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]


async def test_a_list_that_is_unchanged_is_not_sent_again(client):
    first = await client.get("/api/runs")
    tag = first.headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get("/api/runs", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag

    await client.post("/api/trigger/rescan")

    fresh = await client.get("/api/runs", headers={"if-none-match": tag})
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != tag


async def test_a_long_answer_is_sent_zipped(client):
    answer = await client.get("/api/openapi.json", headers={"accept-encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert json_of(answer)["openapi"] == "3.1.0"


async def test_head_answers_as_get_does_without_a_body(client):
    got, head = await client.get("/api/runs"), await client.head("/api/runs")

    assert head.status_code == 200
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize(
    ("query", "rest", "key"),
    [
        (b"apikey=brk_x&page=2", b"page=2", "brk_x"),
        (b"page=2&ApiKey=brk_x", b"page=2", "brk_x"),
        (b"%61pikey=brk_x", b"", "brk_x"),
        (b"page=2", b"page=2", None),
        (b"name=a%20b", b"name=a%20b", None),
    ],
)
def test_a_key_in_the_query_is_taken_out(query, rest, key):
    scope = {"query_string": query}

    hide_key(scope)

    assert scope["query_string"] == rest
    assert scope.get("bookrunner.apikey") == key


async def test_no_log_shows_a_key_not_even_uvicorns_own(served, owner, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    for name in ("uvicorn", "uvicorn.access"):
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(served, log_config=None, log_level="debug", access_log=True, lifespan="off")
    )
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with served_by(server, listening), httpx.AsyncClient(base_url=address) as client:
        good = await client.get(f"/api/runs?apikey={owner.key}&page=1")
        bad = await client.get(f"/api/nothing?page=1&%41pikey={owner.key}")
        wrong = await client.get(f"/api/runs?apikey={owner.key[:-1]}")

    lines = [r.getMessage() for r in caplog.records if r.name.startswith("uvicorn")]
    assert [good.status_code, bad.status_code, wrong.status_code] == [200, 404, 401]
    # Earlier servers of this process may have left handlers, so a line may come more than once.
    assert len({line for line in lines if "GET /api/" in line}) == 3
    assert owner.key[13:30] not in "\n".join(lines)


@contextlib.asynccontextmanager
async def served_by(server, listening):
    """Serve until the block ends, leaving the process's signals alone."""
    server.capture_signals = contextlib.nullcontext
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # uvicorn offers no event
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task
    listening.close()
