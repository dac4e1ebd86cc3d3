import httpx
import pytest

from pipeline.sandbox.catalogue import TITLES, Offer, Title
from pipeline.sandbox.indexing import printed_size, rounded_size, words
from pipeline.sandbox.prowlarr import API_KEY, PRIVATE, PUBLIC, ProwlarrStandIn

OFFER = Offer(
    tid=500_002,
    title="The Valley of Fear",
    authors=("Arthur Conan Doyle",),
    narrators=(),
    series=(),
    filetype="m4b",
    size=201_400_000,
    minutes=420,
    seeders=41,
    snatched=420,
    files=(("a.m4b", 201_400_000),),
    category=87,
)


@pytest.fixture
def stand_in():
    title = Title("1", "1", "x", ("x",), 1915, 420, offers=(OFFER,))
    return ProwlarrStandIn([title], lambda _: b"d1:ae")


@pytest.fixture
async def site(stand_in):
    transport = httpx.ASGITransport(stand_in.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://prowlarr.test") as client:
        yield client


async def get(site, path, **params):
    return await site.get(path, params=params, headers={"X-Api-Key": API_KEY})


async def test_the_key_may_come_in_three_ways(site):
    path = "/api/v1/system/status"
    wrong = await site.get(path, headers={"X-Api-Key": "wrong"})

    assert (wrong.status_code, wrong.content) == (401, b"")
    assert (await site.get(path, params={"apikey": API_KEY})).status_code == 200
    assert (await site.get(path, headers={"X-Api-Key": API_KEY})).status_code == 200
    bearer = {"Authorization": f"Bearer {API_KEY}"}
    assert (await site.get(path, headers=bearer)).status_code == 200
    assert (await site.get("/ping")).json() == {"status": "OK"}


async def test_whoever_forgets_the_limit_gets_nothing(site):
    assert (await get(site, "/api/v1/search", query="fear")).json() == []
    assert len((await get(site, "/api/v1/search", query="fear", limit=100)).json()) == 1


async def test_a_row_looks_like_prowlarrs(site):
    (row,) = (await get(site, "/api/v1/search", query="valley doyle", limit=100)).json()

    assert row["title"] == "The Valley of Fear by Arthur Conan Doyle [ENG / M4B]"
    assert row["guid"] == row["infoUrl"] == "https://www.myanonamouse.net/t/500002"
    assert row["downloadUrl"].startswith(f"http://prowlarr.test/24/download?apikey={API_KEY}&link=")
    assert row["size"] == rounded_size(OFFER.size) != OFFER.size
    assert "infoHash" not in row
    assert (await site.get(row["downloadUrl"])).content == b"d1:ae"


@pytest.mark.parametrize(
    ("categories", "found"), [([3030], 1), ([100_087], 1), ([100_041], 0), ([7020], 0), ([], 1)]
)
async def test_categories_narrow_a_search(site, categories, found):
    answer = await get(site, "/api/v1/search", query="fear", limit=100, categories=categories)

    assert len(answer.json()) == found


async def test_an_indexer_that_fails_is_silent_and_then_left_alone(site, stand_in):
    assert (await get(site, "/api/v1/indexerstatus")).json() == []
    stand_in.faults.failing = {PRIVATE}
    answer = await get(site, "/api/v1/search", query="fear", limit=100)
    assert (answer.status_code, answer.json()) == (200, [])

    stand_in.faults.failing = set()
    (status,) = (await get(site, "/api/v1/indexerstatus")).json()
    assert status["indexerId"] == PRIVATE
    assert (await get(site, "/api/v1/search", query="fear", limit=100)).json() == []
    (health,) = (await get(site, "/api/v1/health")).json()
    assert health["message"].endswith("MyAnonamouse")


async def test_only_when_every_indexer_is_off_the_search_fails(site, stand_in):
    stand_in.faults.switched_off = {PUBLIC}
    assert (await get(site, "/api/v1/search", query="x", limit=100)).status_code == 200
    stand_in.faults.switched_off = {PUBLIC, PRIVATE}
    assert (await get(site, "/api/v1/search", query="x", limit=100)).status_code == 400


async def test_a_link_that_is_not_ours_is_refused_in_xml(site):
    answer = await get(site, "/24/download", link="bm9uc2Vuc2U=")

    assert answer.status_code == 400
    assert answer.text.endswith('<error code="400" description="Invalid Prowlarr link" />')


async def test_calls_are_counted_and_kept(site, stand_in):
    await get(site, "/api/v1/search", query="fear", categories=[1, 2])

    assert stand_in.calls.counted() == {"/api/v1/search": 1}
    assert stand_in.calls.log[0].query == {"query": ["fear"], "categories": ["1", "2"]}


async def test_every_offer_of_the_catalogue_can_be_found():
    transport = httpx.ASGITransport(ProwlarrStandIn().app)
    async with httpx.AsyncClient(transport=transport, base_url="http://prowlarr.test") as client:
        for offer in (offer for title in TITLES for offer in title.offers):
            query = f"{offer.title} {offer.authors[0]}"
            rows = (await get(client, "/api/v1/search", query=query, limit=100)).json()
            assert f"https://www.myanonamouse.net/t/{offer.tid}" in {row["guid"] for row in rows}


def test_words_are_folded_as_an_index_folds_them():
    assert words("Vingt ans après: Wisdom's") == ["vingt", "ans", "apres", "wisdom", "s"]


def test_sizes_are_printed_with_one_decimal():
    sizes = (500, 2048, 473_746_637, 5 << 30)

    assert [printed_size(n) for n in sizes] == ["500 B", "2.0 KiB", "451.8 MiB", "5.0 GiB"]
    assert rounded_size(473_740_000) == 473_746_637
