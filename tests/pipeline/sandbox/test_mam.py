import time
from dataclasses import replace

import httpx
import pytest

from pipeline.sandbox.catalogue import TITLES, Offer, Title
from pipeline.sandbox.mam import MAM_ID, MamStandIn

SEARCH = "/tor/js/loadSearchJSONbasic.php"
OFFER = Offer(
    tid=500_002,
    title="The Valley of Fear",
    authors=("Arthur Conan Doyle",),
    narrators=("Ada Quill",),
    series=(("Sherlock Holmes", "7"),),
    filetype="m4b",
    size=201_326_592,
    minutes=420,
    seeders=41,
    snatched=420,
    files=(("a.m4b", 201_326_592),),
    category=87,
    tags="unabridged",
)
OTHERS = [replace(OFFER, tid=600_000 + i, category=41, snatched=i) for i in range(40)]


@pytest.fixture
def stand_in():
    title = Title("1", "1", "x", ("x",), 1915, 420, offers=(OFFER, *OTHERS))
    return MamStandIn([title], lambda offer: b"d%de" % offer.tid)


@pytest.fixture
async def site(stand_in):
    transport = httpx.ASGITransport(stand_in.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mam.test") as client:
        client.cookies.set("mam_id", MAM_ID)
        yield client


async def search(site, perpage=100, **tor):
    answer = await site.post(SEARCH, json={"tor": tor, "perpage": perpage})
    return answer.json()


async def test_only_the_top_levels_perpage_counts(site):
    nested = (await site.post(SEARCH, json={"tor": {"text": "", "perpage": 7}})).json()

    assert len(nested["data"]) == 20
    assert len((await search(site, 7, text=""))["data"]) == 7
    assert len((await search(site, 1, text=""))["data"]) == 5


async def test_an_empty_list_of_languages_breaks_the_search(site):
    assert (await search(site, text="fear"))["found"] == 41
    assert await search(site, text="fear", browse_lang=[]) == {
        "error": "Nothing returned, out of 0"
    }


async def test_categories_and_order_are_respected(site):
    rows = (await search(site, text="", cat=["41"], sortType="snatchedDesc"))["data"]

    assert [row["times_completed"] for row in rows] == list(range(39, -1, -1))
    assert {row["category"] for row in rows} == {41}


async def test_the_end_of_the_days_is_not_among_them(site, stand_in):
    day = f"{stand_in.added(OFFER):%Y-%m-%d}"
    without = await search(site, text="", cat=["87"], endDate=day)
    within = await search(site, text="", cat=["87"], startDate=day)

    assert "error" in without
    assert len(within["data"]) == 1
    assert time.time() - stand_in.added(OFFER).timestamp() < 36 * 86400


async def test_people_are_json_inside_of_strings(site):
    (row,) = (await search(site, text="quill", cat=["87"]))["data"]

    assert row["author_info"] == '{"11": "Arthur Conan Doyle"}'
    assert row["series_info"] == '{"91": ["Sherlock Holmes", "7"]}'
    assert row["size"] == "192.0 MiB"


async def test_sessions_change_and_grow_out_of_the_first(site, stand_in):
    await search(site, text="fear")
    new = site.cookies.get("mam_id", domain="mam.test")
    assert new == stand_in.session == f"{MAM_ID}-1"
    restarted = MamStandIn([], mam_id=MAM_ID)

    assert restarted._accepts(f"{MAM_ID}-1")
    assert not restarted._accepts(f"{MAM_ID}x")


async def test_the_old_session_can_die(site, stand_in):
    stand_in.faults.session_dies = True
    await search(site, text="fear")
    site.cookies.clear()
    answer = await site.post(SEARCH, json={}, headers={"cookie": f"mam_id={MAM_ID}"})

    assert answer.status_code == 403


async def test_who_is_not_signed_in_gets_a_page(site, stand_in):
    stand_in.faults.page_for_403 = True
    site.cookies.clear()
    answer = await site.post(SEARCH, json={})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "you are not signed in" in answer.text


@pytest.mark.parametrize("query", ["fl", "fl=1", "fl=0"])
async def test_the_mere_presence_of_fl_spends_a_wedge(site, stand_in, query):
    answer = await site.get(f"/tor/download.php?tid=500002&{query}")

    assert answer.content == b"d500002e"
    assert stand_in.standing.wedges == 9


async def test_a_download_counts_as_unsatisfied_once(site, stand_in):
    for _ in range(2):
        await site.get("/tor/download.php?tid=500002")

    assert stand_in.standing.unsatisfied == 13
    assert (await site.get("/tor/download.php?tid=1")).status_code == 404
    assert stand_in.calls.counted() == {"/tor/download.php": 3}


async def test_every_offer_of_the_catalogue_can_be_found_and_fetched():
    stand_in = MamStandIn()
    transport = httpx.ASGITransport(stand_in.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mam.test") as client:
        client.cookies.set("mam_id", MAM_ID)
        for offer in (offer for title in TITLES for offer in title.offers):
            rows = (await search(client, text=f"{offer.title} {offer.authors[0]}"))["data"]
            assert offer.tid in {row["id"] for row in rows}
