import asyncio

import httpx
import pytest

from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from tests.support.bookshelf import EMMA, SIGN, STUDY, asking, patch


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
