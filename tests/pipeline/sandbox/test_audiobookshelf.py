import asyncio
import contextlib
import json

import pytest
import socketio

from pipeline.sandbox.audio import write_m4b
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from pipeline.sandbox.catalogue import TITLES
from pipeline.sandbox.serve import serve
from tests.support.bookshelf import EMMA, SIGN, STUDY, asking, patch
from tests.support.shared import shared


@pytest.fixture
def standin(tmp_path):
    server = AudiobookshelfStandIn(tmp_path / "library", titles=())
    server.faults.down_seconds = 0.3
    server.ids = [server.add_owned(title) for title in (STUDY, SIGN, EMMA)]
    return server


@pytest.fixture
async def http(standin):
    async with asking(standin) as client:
        yield client


def test_the_whole_catalogue_stands_on_the_shelf_without_what_its_owner_lacks(tmp_path):
    standin = AudiobookshelfStandIn(tmp_path)

    owned = [title for title in TITLES if title.owned]
    shown = [standin.shelf.expanded(book) for book in standin.shelf.books.values()]
    assert len({item["relPath"] for item in shown}) == len(shown) == len(owned) > 10
    assert [item["media"]["metadata"]["title"] for item in shown] == [
        title.shelf_title or title.title for title in owned
    ]
    assert [item["media"]["duration"] for item in shown] == [title.minutes * 60 for title in owned]
    for title, item in zip(owned, shown, strict=True):
        about = item["media"]["metadata"] | {
            "published_year": item["media"]["metadata"]["publishedYear"]
        }
        assert not any(about[field] for field in title.shelf_lacks)


async def test_everything_is_there_again_after_a_restart(tmp_path):
    state = tmp_path / "state.json"
    before = AudiobookshelfStandIn(tmp_path / "library", titles=(), state=state)
    item = before.add_owned(EMMA, series=[["Wrong Series", "7"]], title=None)
    await before.edit(item, {"subtitle": "A Novel"})

    after = AudiobookshelfStandIn(tmp_path / "library", state=state)

    assert after.shown(item) == before.shown(item)
    assert after.shown(item)["media"]["metadata"]["seriesName"] == "Wrong Series #7"
    assert after.library_id == before.library_id
    assert list(after.shelf.books) == [item]


async def test_paths_can_differ_as_between_containers(tmp_path):
    standin = AudiobookshelfStandIn(tmp_path, titles=(), mounted_at="/audiobooks")
    item = standin.shown(standin.add_owned(EMMA))

    assert item["path"] == "/audiobooks/Jane Austen/Emma"
    assert item["media"]["audioFiles"][0]["metadata"]["path"].startswith("/audiobooks/Jane")


def test_items_have_every_key_that_the_real_ones_have(standin):
    def answer(name):
        file = shared("facts", "audiobookshelf", f"{name}.json")
        return json.loads(file.read_text("utf-8"))["response"]

    book = standin.shelf.books[standin.ids[0]]
    for real, ours in [
        (answer("batch_get")["libraryItems"][0], standin.shelf.expanded(book)),
        (answer("item_plain"), standin.shelf.plain(book)),
        (answer("items_limit5_page0")["results"][0], standin.shelf.minified(book)),
    ]:
        assert ours.keys() == real.keys() | ours.keys() & {"lastScan", "scanVersion"}
        assert ours["media"].keys() == real["media"].keys()
        assert ours["media"]["metadata"].keys() == real["media"]["metadata"].keys()


class Ear:
    """A socket that signs in at every connect and writes down what it hears."""

    def __init__(self, token):
        self.token, self.heard, self.news = token, [], asyncio.Event()
        self.socket = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.1)
        self.socket.on("connect", self._sign_in)
        self.socket.on("*", self._hear)

    async def _sign_in(self):
        await self.socket.emit("auth", self.token)

    async def _hear(self, event, *data):
        self.heard.append((event, data[0] if data else None))
        self.news.set()

    def names(self):
        return [event for event, _ in self.heard]

    async def until(self, event, times=1):
        async with asyncio.timeout(10):
            while self.names().count(event) < times:
                self.news.clear()
                await self.news.wait()
        return [data for name, data in self.heard if name == event][-1]


@contextlib.asynccontextmanager
async def listening(standin, token, **how):
    ear = Ear(token)
    async with serve(standin.app) as url:
        await ear.socket.connect(url, **how)
        try:
            yield ear
        finally:
            await ear.socket.disconnect()


@pytest.mark.parametrize("token", ["garbage", "sandbox-audiobookshelf-key"])
async def test_the_socket_takes_no_api_key(standin, token):
    async with listening(standin, token) as ear:
        assert await ear.until("auth_failed") == {"message": "Invalid token"}
        await standin.edit(standin.ids[0], {"title": "x"})
        await asyncio.sleep(0.05)

    assert ear.names() == ["auth_failed"]


async def test_the_socket_takes_the_token_that_api_me_shows(standin, http):
    token = (await http.get("/api/me")).json()["token"]

    async with listening(standin, token, transports=["websocket"]) as ear:
        told = await ear.until("init")

    assert told["username"] == "root"


async def test_the_socket_is_served_by_polling_too(standin, http):
    path = "/socket.io/?EIO=4&transport=polling"
    opened = json.loads((await http.get(path)).text.removeprefix("0"))
    session = f"{path}&sid={opened['sid']}"
    await http.post(session, content="40")
    connected = (await http.get(session)).text
    await http.post(session, content=f'42["auth","{standin.root_token}"]')
    told = (await http.get(session)).text

    assert connected.startswith('40{"sid":')
    assert "websocket" in opened["upgrades"]
    assert '42["init",{"userId":' in told


async def test_the_socket_is_found_below_the_base_path(standin):
    path = "/audiobookshelf/socket.io"
    async with listening(standin, standin.root_token, socketio_path=path) as ear:
        await ear.until("init")


async def test_a_persons_edit_is_told_as_item_updated(standin, http):
    async with listening(standin, standin.root_token) as ear:
        await ear.until("init")
        await patch(http, standin.ids[0], title="Mine", series=[])
        told = await ear.until("item_updated")
        await patch(http, standin.ids[0], title="Mine")
        await patch(http, standin.ids[1], series=[])
        await ear.until("item_updated", 2)
        removed = await ear.until("series_removed")

    assert (told["id"], told["media"]["metadata"]["title"]) == (standin.ids[0], "Mine")
    assert removed["libraryId"] == standin.library_id
    assert ear.names().count("item_updated") == 2


async def test_a_scan_tells_lists_and_the_watcher_single_items(standin):
    async with listening(standin, standin.root_token) as ear:
        await ear.until("init")
        for number in range(12):
            path = standin.shelf.root / "New Author" / f"Book {number}" / "a.m4b"
            write_m4b(path, seconds=60, size=4000, tags={})
        standin.scanner.start()
        finished = await ear.until("task_finished")
        write_m4b(standin.shelf.root / "X" / "Y" / "a.m4b", seconds=60, size=4000, tags={})
        await standin.scanner.watch()
        single = await ear.until("item_added")

    assert ear.names()[2:8] == [
        "task_started",
        "author_added",
        "items_added",
        "items_added",
        "task_finished",
        "task_started",
    ]
    assert [len(data) for event, data in ear.heard if event == "items_added"] == [10, 2]
    assert finished["data"]["scanResults"]["added"] == 12
    assert single["relPath"] == "X/Y"


async def test_after_a_crash_the_socket_must_sign_in_again_and_nothing_is_replayed(standin):
    async with listening(standin, standin.root_token) as ear:
        await ear.until("init")
        standin.crash()
        await standin.edit(standin.ids[0], {"title": "missed"})
        await ear.until("init", 2)
        await standin.edit(standin.ids[1], {"title": "heard"})
        await ear.until("item_updated")

    told = [data["id"] for event, data in ear.heard if event == "item_updated"]
    assert told == [standin.ids[1]]
