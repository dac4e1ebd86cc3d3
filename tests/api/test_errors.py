"""Each class of refusal, with its body; none quotes what was sent, none shows a trace."""

import json

import httpx
import psycopg
import pytest

from api import library
from pipeline.errors import BadInput, NotConfigured, ServiceDown, Unsafe
from tests.support.callers import calling, json_of

POISON = "poison-in-the-request"


def body_of(answer: httpx.Response, status: int) -> dict:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert POISON not in answer.text
    assert "Traceback" not in answer.text
    found = dict(json_of(answer, status))
    assert found["status"] == status
    return found


async def test_400_is_no_json(client):
    answer = await client.post(
        "/api/keys", content=f'{{"name": "{POISON}"', headers={"content-type": "application/json"}
    )

    assert body_of(answer, 400) == {
        "type": "urn:bookrunner:problem:bad-request",
        "title": "This is no JSON",
        "status": 400,
        "errors": [{"field": "body", "place": "body", "message": "This is no JSON"}],
    }


async def test_401_is_no_valid_key(served):
    async with calling(served, POISON) as client:
        answer = await client.get("/api/runs")

    assert body_of(answer, 401) == {
        "type": "urn:bookrunner:problem:unauthorized",
        "title": "A valid key is needed",
        "status": 401,
        "detail": "this key opens nothing",
    }


async def test_403_is_another_sites_page(client):
    answer = await client.post(
        "/api/trigger/rescan", headers={"origin": f"https://{POISON}.example"}
    )

    assert body_of(answer, 403) == {
        "type": "urn:bookrunner:problem:forbidden",
        "title": "Not allowed",
        "status": 403,
        "detail": "another site's page may not ask for this",
    }


@pytest.mark.parametrize(
    "path",
    ["/api/runs/999", f"/api/runs/{2**70}", "/api/runs/0", f"/api/{POISON}", "/api/keys/%00"],
)
async def test_404_is_what_is_not_there(path, client):
    method = "DELETE" if "keys" in path else "GET"

    assert body_of(await client.request(method, path), 404)["title"] == (
        "There is no such thing here"
    )


async def test_405_is_another_method(client):
    answer = await client.put("/api/runs")

    assert body_of(answer, 405)["title"] == "Not this method"
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_409_is_another_state(client, owner):
    assert (await client.post(f"/api/runs/{owner.ids['run']}/cancel")).status_code == 200

    answer = await client.post(f"/api/runs/{owner.ids['run']}/cancel")

    assert body_of(answer, 409) == {
        "type": "urn:bookrunner:problem:conflict",
        "title": "Not in this state",
        "status": 409,
        "detail": "this run has ended",
    }


@pytest.mark.parametrize("announced", [True, False])
async def test_413_is_too_large(announced, client):
    async def pieces():
        for _ in range(70):
            yield b" " * 1024

    answer = await client.post(
        "/api/keys",
        content=b" " * 5_000_000 if announced else pieces(),
        headers={"content-type": "application/json"},
    )

    assert body_of(answer, 413)["title"] == "Too large"


async def test_415_is_another_media_type(client):
    answer = await client.post("/api/keys", data={"name": POISON})

    assert body_of(answer, 415)["detail"] == "send application/json"


async def test_421_is_another_name(client):
    answer = await client.get("/api/runs", headers={"host": f"{POISON}.example.com"})

    assert body_of(answer, 421)["title"] == "Not under this name"


PARAMETERS = (
    ("page=0", "page"),
    ("page=1.5", "page"),
    ("page=%201", "page"),
    ("pageSize=201", "pageSize"),
    (f"status={POISON}", "status"),
    (f"sortKey={POISON}", "sortKey"),
    ("page=1&page=2", "page"),
    ("page_size=5", "pageSize"),
    (f"{POISON[:3]}=1", "poi"),
)


async def test_422_names_the_parameter_at_fault(client):
    for query, field in PARAMETERS:
        (fault,) = body_of(await client.get(f"/api/runs?{query}"), 422)["errors"]

        assert (fault["field"], fault["place"]) == (field, "query")


async def test_422_names_a_parameter_as_it_is_known(client):
    (fault,) = body_of(await client.post("/api/trigger/redownload"), 422)["errors"]

    assert fault["field"] == "book_id"


BODIES = (
    ({"name": "tv"}, "scopes"),
    ({"name": "tv", "scopes": [POISON]}, "scopes.0"),
    ({"name": 7, "scopes": ["read"]}, "name"),
    ({"name": "a\0b", "scopes": ["read"]}, "name"),
    ({"name": "tv", "scopes": ["read"], "expiresInDays": True}, "expiresInDays"),
    ({"name": "tv", "scopes": ["read"], "colour": POISON}, "colour"),
)


async def test_422_names_the_field_of_the_body_at_fault(client):
    for body, field in BODIES:
        answer = await client.post(
            "/api/keys", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        (fault,) = body_of(answer, 422)["errors"]

        assert (fault["field"], fault["place"]) == (field, "body")


async def test_500_is_a_mistake_of_ours_and_tells_nothing(client, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError(POISON)

    monkeypatch.setattr(library, "page", broken)

    answer = await client.get("/api/books/search?name=owl")

    assert body_of(answer, 500) == {
        "type": "urn:bookrunner:problem:internal-server-error",
        "title": "A mistake of ours",
        "status": 500,
    }


async def test_503_is_a_database_out_of_reach(client, monkeypatch):
    def gone(*_):
        raise psycopg.OperationalError(POISON)

    monkeypatch.setattr(library, "page", gone)

    answer = await client.get("/api/books/search?name=owl")

    assert body_of(answer, 503)["title"] == "Out of reach for the moment"
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadInput("what makes no sense"), 422),
        (NotConfigured("prowlarr is not set up"), 409),
        (ServiceDown("prowlarr: search: no answer"), 503),
        (Unsafe("a bug"), 500),
    ],
)
async def test_an_error_of_ours_has_its_status(error, status, client, monkeypatch):
    def raising(*_):
        raise error

    monkeypatch.setattr(library, "page", raising)

    found = body_of(await client.get("/api/books/search?name=owl"), status)

    assert (found.get("detail") == str(error)) is (status != 500)
