import asyncio
import contextlib
import json

import httpx
import pytest
import socketio

from pipeline.sandbox.audio import write_m4b
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from pipeline.sandbox.audiobookshelf_folders import named
from pipeline.sandbox.catalogue import TITLES
from pipeline.sandbox.serve import serve
from tests.support.bookshelf import EMMA, SIGN, STUDY
from tests.support.shared import shared


@contextlib.asynccontextmanager
async def asking(standin, token=None):
    headers = {"Authorization": f"Bearer {token or standin.api_key}"}
    async with (
        serve(standin.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=10) as http,
    ):
        yield http


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


def patch(http, item, **metadata):
    return http.patch(f"/api/items/{item}/media", json={"metadata": metadata})


def items_path(standin):
    return f"/api/libraries/{standin.library_id}/items"


async def test_it_answers_below_its_base_path_too(http):
    assert (await http.get("/ping")).json() == {"success": True}
    assert (await http.get("/audiobookshelf/ping")).json() == {"success": True}
    assert (await http.get("/healthcheck")).text == "OK"


@pytest.mark.parametrize("token", ["wrong", "access.expired"])
async def test_every_token_that_is_not_accepted_gets_the_same_text(standin, token):
    async with asking(standin, token) as http:
        answer = await http.get("/api/me")

    assert (answer.status_code, answer.text) == (401, "Unauthorized")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_no_limit_gives_everything_and_a_limit_a_page(standin, http):
    async def ids(**asked):
        answer = (await http.get(items_path(standin), params=asked)).json()
        assert answer["total"] == 3
        return [each["id"] for each in answer["results"]]

    assert sorted(await ids()) == sorted(standin.ids)
    assert sorted(await ids(limit=0, page=2)) == sorted(standin.ids)
    assert sorted(await ids(limit="abc")) == sorted(standin.ids)
    assert await ids(limit=2, sort="addedAt", page=1) == [standin.ids[2]]
    assert await ids(limit=2, sort="addedAt", desc=1) == [standin.ids[2], standin.ids[1]]
    assert await ids(limit=2, page=99) == []
    assert sorted(await ids(sort="updatedAt", filter="bogus.x")) == sorted(standin.ids)


@pytest.mark.parametrize("limit", ["-1", "1.5"])
async def test_an_impossible_limit_is_refused_in_words(standin, http, limit):
    answer = await http.get(items_path(standin), params={"limit": limit})

    assert answer.status_code == 400
    assert answer.text == "Invalid request. limit must be a positive integer"


async def test_what_does_not_exist_is_said_in_the_servers_own_words(standin, http):
    nothing = [
        await http.get("/api/items/nope"),
        await http.get("/api/libraries/nope/items"),
        await http.get("/api/nope"),
        await http.post("/api/items/batch/get", json={"libraryItemIds": []}),
    ]

    assert [(answer.status_code, answer.text[:17]) for answer in nothing] == [
        (404, "Not Found"),
        (404, "Library not found"),
        (404, "<!DOCTYPE html>\n<"),
        (403, "Invalid payload"),
    ]


async def test_an_unchanged_answer_is_not_sent_again(standin, http):
    first = await http.get("/api/libraries")
    second = await http.get("/api/libraries", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")


async def test_a_user_who_is_no_administrator_may_read_and_write_but_not_scan(standin):
    async with asking(standin, standin.user_token) as http:
        scan = await http.post(f"/api/libraries/{standin.library_id}/scan")
        item = await http.post(f"/api/items/{standin.ids[0]}/scan")
        write = await patch(http, standin.ids[0], title="x")

    assert [scan.status_code, scan.text] == [403, "Forbidden"]
    assert [item.status_code, write.status_code] == [403, 200]


async def test_sign_ins_are_limited_and_counted_together(standin, http):
    body = {"username": "root", "password": "root password"}
    tokens = (await http.post("/login", json=body, headers={"x-return-tokens": "true"})).json()
    refresh = {"x-refresh-token": tokens["user"]["refreshToken"]}
    rotated = await http.post("/auth/refresh", headers=refresh)
    again = await http.post("/auth/refresh", headers=refresh)
    statuses = [(await http.post("/login", json={})).status_code for _ in range(38)]

    assert (await http.post("/login", json=body)).json() == {
        "error": "Too many authentication requests"
    }
    assert rotated.json()["user"]["refreshToken"] != refresh["x-refresh-token"]
    assert (again.status_code, again.json()) == (401, {"error": "Invalid refresh token"})
    assert statuses == [400] * 37 + [429]


async def test_series_are_matched_by_name_and_their_sequence_must_be_text(standin, http):
    item = standin.ids[2]
    for sent, shown in [
        ([{"id": "x", "name": "sherlock holmes", "sequence": "9"}], [("Sherlock Holmes", "9")]),
        ([{"name": "Sherlock Holmes", "sequence": 3}], [("Sherlock Holmes", None)]),
        (["Sherlock Holmes #4"], [("Sherlock Holmes", None)]),
        ([{"name": "A"}, {"sequence": "1"}], [("Sherlock Holmes", None)]),
        ({"name": "A"}, [("Sherlock Holmes", None)]),
        ([{"name": " Holmes ", "sequence": ""}], [(" Holmes ", "")]),
        ([{"name": "B", "sequence": "1"}, {"name": "b", "sequence": "2"}], [("B", "2")]),
        ([], []),
    ]:
        answer = (await patch(http, item, series=sent)).json()
        places = answer["libraryItem"]["media"]["metadata"]["series"]
        assert [(each["name"], each["sequence"]) for each in places] == shown
    assert [each["name"] for each in standin.shelf.series.values()] == ["Sherlock Holmes"]


async def test_authors_are_objects_and_texts_remove_them_all(standin, http):
    async def names(sent):
        answer = (await patch(http, standin.ids[2], authors=sent)).json()
        shown = answer["libraryItem"]["media"]["metadata"]["authors"]
        return [each["name"] for each in shown], "updated" in answer

    assert await names([{"name": "jane austen"}]) == (["Jane Austen"], False)
    assert await names([{"name": " New "}, {"name": "JANE AUSTEN"}]) == (
        ["Jane Austen", "New"],
        True,
    )
    assert await names(["Jane Austen"]) == ([], True)


async def test_what_is_not_understood_is_ignored_with_a_200(standin, http):
    item, path = standin.ids[0], f"/api/items/{standin.ids[0]}/media"
    before = standin.shown(item)
    ignored = [
        await http.patch(path, json=[1]),
        await http.patch(path, json={}),
        await http.patch(path, json={"metadata": "x"}),
        await http.patch(path, json={"title": "x"}),
        await http.patch(path, content='{"metadata":{"title":"z"}}'),
        await patch(http, item, genres="x", tags=["y"], authorName="z"),
    ]

    assert [answer.status_code for answer in ignored] == [200] * 6
    assert all("updated" not in answer.json() for answer in ignored)
    assert standin.shown(item) == before


async def test_numbers_become_text_and_nothing_clears(standin, http):
    answer = await patch(
        http,
        standin.ids[2],
        publishedYear=1816,
        isbn="",
        title=None,
        description="<i>a</i><script>",
    )

    about = answer.json()["libraryItem"]["media"]["metadata"]
    assert (about["publishedYear"], about["isbn"], about["title"]) == ("1816", None, None)
    assert about["description"] == "<i>a</i>"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"a": 1}, 400),
        ([None], 400),
        (["same", "same"], 400),
        (["first", "nope"], 404),
        (["first"], 200),
    ],
)
async def test_a_batch_is_applied_whole_or_refused(standin, http, body, status):
    ids = {"same": standin.ids[0], "first": standin.ids[0], "nope": "nope"}
    change = {"metadata": {"title": "New"}}
    if isinstance(body, list):
        body = [{"id": ids[each], "mediaPayload": change} if each else None for each in body]

    answer = await http.post("/api/items/batch/update", json=body)

    assert answer.status_code == status
    title = standin.shown(standin.ids[0])["media"]["metadata"]["title"]
    assert title == ("New" if status == 200 else "A Study in Scarlet")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("patch", {"authors": [{"name": "Dup A"}, {"name": "dup a"}]}),
        ("patch", {"authors": [None]}),
        ("patch", {"series": [None]}),
        ("batch", {}),
        ("batch", {"mediaPayload": None}),
        ("query", "include=a&include=b"),
        ("query", "filter=a&filter=b"),
        ("query", "filter=series.%ff"),
        ("query", "filter=genres.%25ZZ"),
    ],
)
async def test_what_ends_the_real_server_ends_this_one_for_a_while(standin, http, path, body):
    item = standin.ids[0]
    fatal = {
        "patch": lambda: patch(http, item, **body),
        "batch": lambda: http.post("/api/items/batch/update", json=[{"id": item, **body}]),
        "query": lambda: http.get(f"{items_path(standin)}?{body}"),
    }
    with pytest.raises(httpx.TransportError):
        await fatal[path]()
    with pytest.raises(httpx.TransportError):
        await http.get("/ping")
    await asyncio.sleep(0.35)

    assert (await http.get("/ping")).json() == {"success": True}
    assert len(standin.deaths) == 1


async def test_two_writes_at_once_that_bring_the_same_series_end_it(standin, http):
    standin.faults.write_seconds = 0.1
    new = [{"name": "Fresh", "sequence": "1"}]

    answers = await asyncio.gather(
        *(patch(http, item, series=new) for item in standin.ids), return_exceptions=True
    )

    assert all(isinstance(answer, httpx.TransportError) for answer in answers)
    assert "Fresh" not in [each["name"] for each in standin.shelf.series.values()]


async def test_two_writes_at_once_of_one_item_end_it(standin, http):
    standin.faults.write_seconds = 0.1

    answers = await asyncio.gather(
        *(patch(http, standin.ids[0], title=str(at)) for at in range(2)), return_exceptions=True
    )

    assert all(isinstance(answer, httpx.TransportError) for answer in answers)


async def test_a_scan_finds_new_renamed_and_vanished_folders(standin, http):
    root = standin.shelf.root
    series = root / "Arthur Conan Doyle" / "Sherlock Holmes"
    write_m4b(
        series / "4 - The Memoirs [B00MEMOIRS]" / "a.m4b",
        seconds=90,
        size=5000,
        tags={"composer": "Ada Quill"},
    )
    (root / "Broken").mkdir()
    (root / "Broken" / "b.mp3").write_bytes(b"no audio")
    (series / "1 - A Study in Scarlet").rename(series / "1 - A Study")
    (root / "Jane Austen").rename(root.parent / "elsewhere")

    await http.post(f"/api/libraries/{standin.library_id}/scan")
    running = (await http.get("/api/tasks")).json()["tasks"]
    await standin.scanner.ended()

    assert [(task["action"], task["isFinished"]) for task in running] == [("library-scan", False)]
    assert (await http.get("/api/tasks")).json() == {"tasks": []}
    [new] = [each for each in standin.shelf.books if each not in standin.ids]
    media = standin.shown(new)["media"]
    about = media["metadata"]
    assert (about["title"], about["asin"], about["seriesName"], about["authorName"]) == (
        "The Memoirs",
        "B00MEMOIRS",
        "Sherlock Holmes #4",
        "Arthur Conan Doyle",
    )
    assert (about["narrators"], media["duration"]) == (["Ada Quill"], 90.0)
    assert standin.shown(standin.ids[0])["relPath"].endswith("1 - A Study")
    assert standin.shown(standin.ids[2])["isMissing"] is True


@pytest.mark.parametrize(
    ("path", "about"),
    [
        ("A/S/2.5 - T", {"authors": ["A"], "series": [("S", "2.5")], "title": "T"}),
        ("A/S/Book 1 - T", {"authors": ["A"], "series": [("S", "1")], "title": "T"}),
        ("A/S/01 - T {N}", {"series": [("S", "1")], "title": "T", "narrators": ["N"]}),
        ("A/S/1-3 - T", {"series": [("S", None)], "title": "1-3 - T"}),
        ("A/2 - T", {"authors": ["A"], "title": "2 - T"}),
        ("A & B/T [B002V0QCYU]", {"authors": ["A", "B"], "title": "T", "asin": "B002V0QCYU"}),
        ("A/(1990) - T", {"title": "T", "publishedYear": "1990"}),
        ("A/1984", {"title": "1984"}),
        ("T", {"title": "T"}),
    ],
)
def test_a_folders_name_says_what_the_book_is(path, about):
    assert {key: value for key, value in named(path).items() if key in about} == about


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
