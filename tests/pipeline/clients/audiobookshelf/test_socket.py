import asyncio
import json

import pytest

from pipeline.clients.audiobookshelf import socket as under_test
from pipeline.clients.audiobookshelf.socket import Socket, newcomers
from pipeline.domain.newcomers import QUIET
from pipeline.errors import ServiceDown, ServiceRefused, UnexpectedAnswer
from pipeline.sandbox.serve import serve
from tests.support.bookshelf import EMMA, bookshelf
from tests.support.shared import shared


@pytest.fixture
async def shelf(tmp_path):
    async with bookshelf(tmp_path) as three_books:
        yield three_books


async def next_of(socket):
    async with asyncio.timeout(3):
        return await anext(socket.added())


@pytest.mark.parametrize("below", ["", "/audiobookshelf"])
async def test_what_is_added_is_heard_wherever_the_server_lives(shelf, below):
    standin, door, [first, *_] = shelf

    async with Socket.open(door().address + below, standin.root_token) as socket:
        await standin.tell("item_added", standin.shown(first))
        [one] = await next_of(socket)

    assert (one.abs_id, one.library_id) == (first, standin.library_id)
    assert one.title == "A Study in Scarlet"
    assert [name for name, _, _ in one.sight.state] == ["A Study in Scarlet.m4b"]


async def test_a_list_is_one_announcement(shelf):
    standin, door, ids = shelf

    async with Socket.open(door().address, standin.root_token) as socket:
        await standin.tell("items_added", [standin.shown(item) for item in ids])

        assert [one.abs_id for one in await next_of(socket)] == ids


async def test_ten_large_books_fit_into_one_message(shelf):
    standin, door, _ = shelf
    item = standin.shown(standin.add_owned(EMMA, "A/Large"))
    item["libraryFiles"] *= 3000
    item["media"]["description"] = "x" * 6_000_000

    async with Socket.open(door().address, standin.root_token) as socket:
        await standin.tell("item_added", item)

        assert len(await next_of(socket)) == 1


async def test_a_token_that_is_refused_is_named_so_and_not_shown(shelf):
    _, door, _ = shelf

    with pytest.raises(ServiceRefused, match="Invalid token") as refused:
        async with Socket.open(door().address, "a secret"):
            pass

    assert "a secret" not in str(refused.value)


async def test_an_api_key_is_refused_by_the_socket(shelf):
    standin, door, _ = shelf

    with pytest.raises(ServiceRefused):
        async with Socket.open(door().address, standin.api_key):
            pass


async def test_nobody_at_the_address_is_a_service_that_is_down():
    with pytest.raises(ServiceDown):
        async with Socket.open("http://127.0.0.1:9", "token"):
            pass


async def test_a_server_that_never_answers_the_sign_in_is_down(shelf, monkeypatch):
    monkeypatch.setattr(under_test, "SIGN_IN_SECONDS", 0.2)
    standin, door, _ = shelf
    standin.socket.handlers["/"].pop("auth")

    with pytest.raises(ServiceDown, match="no answer"):
        async with Socket.open(door().address, standin.root_token):
            pass


async def test_the_end_of_the_connection_is_told(shelf):
    standin, door, _ = shelf

    async with Socket.open(door().address, standin.root_token) as socket:
        standin.crash()
        with pytest.raises(ServiceDown, match="ended"):
            await next_of(socket)


async def test_no_connection_is_left_behind(shelf):
    standin, door, _ = shelf

    async with Socket.open(door().address, standin.root_token):
        assert len(list(standin.socket.manager.get_participants("/", None))) == 1
    await asyncio.sleep(0.2)

    assert list(standin.socket.manager.get_participants("/", None)) == []


def test_a_podcast_is_no_book(shelf):
    standin, _, [first, *_] = shelf

    assert newcomers([standin.shown(first) | {"mediaType": "podcast"}]) == []


@pytest.mark.parametrize("junk", [None, "x", {}, [None], [{}], [{"mediaType": "book"}]])
def test_another_shape_is_an_unexpected_answer(junk):
    with pytest.raises(UnexpectedAnswer):
        newcomers(junk)


def test_announcements_of_a_real_server_are_read_and_tell_quiet_from_growing():
    file = shared("facts", "audiobookshelf", "socket_event_samples.json")
    samples = json.loads(file.read_text("utf-8"))["samples"]

    watched = [one for item in samples["item_added"] for one in newcomers([item])]
    scanned = [
        one
        for items in samples["items_added"]
        for one in newcomers([item for item in items if isinstance(item, dict)])
    ]

    assert watched
    assert all(one.sight.seen_at - one.sight.changed_at >= QUIET for one in watched)
    slow = [one for one in scanned if one.title == "Slow Book"]
    assert slow
    assert not any(one.sight.is_quiet for one in slow)


async def test_a_server_behind_nothing_but_http_is_down():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"no"})

    async with serve(app) as url:
        with pytest.raises(ServiceDown):
            async with Socket.open(url, "token"):
                pass
