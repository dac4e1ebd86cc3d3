import httpx
import pytest

from pipeline.sandbox.catalogue import TITLES, title_of
from pipeline.sandbox.google_books import GoogleBooksStandIn


@pytest.fixture
def stand_in():
    return GoogleBooksStandIn(TITLES)


@pytest.fixture
async def ask(stand_in):
    transport = httpx.ASGITransport(stand_in.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://google.test") as client:

        async def get(path="/volumes", **params):
            answer = await client.get(path, params={"key": "sandbox-key", **params})
            return answer.status_code, answer.json()

        yield get


async def test_nothing_found_has_no_items(ask):
    assert await ask(q="intitle:nonsense") == (200, {"kind": "books#volumes", "totalItems": 0})


async def test_operators_and_bare_words_all_have_to_fit(ask):
    _, found = await ask(q='intitle:"She" inauthor:"Haggard"')
    titles = [item["volumeInfo"]["title"] for item in found["items"]]

    assert "She" in titles
    assert "She and Allan" in titles
    assert not any("Summary" in title for title in titles)


async def test_an_isbn_finds_its_volume_only(ask):
    _, found = await ask(q=f"isbn:{title_of('She').isbn}")

    assert [item["id"] for item in found["items"]] == [title_of("She").google_id]


async def test_what_google_lacks_is_not_told(ask):
    _, volume = await ask(f"/volumes/{title_of('His Last Bow').google_id}")

    assert "description" not in volume["volumeInfo"]
    assert "publisher" in volume["volumeInfo"]


async def test_a_list_has_at_most_forty_and_pages_on(ask):
    _, first = await ask(q="the", maxResults=100)
    _, second = await ask(q="the", maxResults=40, startIndex=40)

    assert len(first["items"]) == 40
    assert first["items"][0]["id"] != second["items"][0]["id"]


async def test_each_refusal_has_the_body_that_google_sends(stand_in, ask):
    status, body = await ask(q="x", key="wrong")
    assert (status, body["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")

    status, body = await ask(q="x", key="")
    assert (status, body["error"]["details"][0]["metadata"]["quota_limit_value"]) == (429, "0")

    stand_in.faults.needs_country = True
    status, body = await ask(q="x")
    assert (status, body["error"]["errors"][0]["reason"]) == (403, "unknownLocation")
    assert (await ask(q="x", country="AT"))[0] == 200

    stand_in.faults.needs_country = False
    stand_in.faults.down = 1
    assert [(await ask(q="x"))[0] for _ in range(2)] == [503, 200]

    stand_in.faults.per_minute = 1
    status, body = await ask(q="x")
    assert "Minute" in body["error"]["details"][0]["metadata"]["quota_limit"]

    stand_in.faults.spent_after = 0
    status, body = await ask(q="x")
    assert "PerDay" in body["error"]["details"][0]["metadata"]["quota_limit"]


async def test_calls_are_recorded_without_the_key(stand_in, ask):
    await ask(q="She")

    assert stand_in.calls[0].params == {"q": "She"}
