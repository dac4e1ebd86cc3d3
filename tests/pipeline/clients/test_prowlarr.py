import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.clients.prowlarr import Prowlarr, read_releases
from pipeline.clients.prowlarr.answers import read_disabled, read_health, read_indexers
from pipeline.domain.models import Release
from pipeline.errors import (
    BadInput,
    NotConfigured,
    RateLimited,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
    Unsafe,
)
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import Offer, Title
from pipeline.sandbox.prowlarr import API_KEY, PRIVATE, PUBLIC, ProwlarrStandIn
from pipeline.sandbox.serve import serve
from tests.support.hostile import Hostile
from tests.support.shared import shared

FEAR = Offer(
    tid=500_002,
    title="The Valley of Fear",
    authors=("Arthur Conan Doyle", "Somebody Else"),
    narrators=("Ada Quill",),
    series=(("Sherlock Holmes", "7"),),
    filetype="m4b",
    size=201_326_592,
    minutes=420,
    seeders=41,
    snatched=420,
    files=(("The Valley of Fear.m4b", 201_326_592),),
    category=87,
    freeleech=True,
    vip=True,
)
OZ = replace(FEAR, tid=500_003, title="Glinda of Oz", category=41, freeleech=False, vip=False)
TITLES = [
    Title("1", "1", "The Valley of Fear", ("Arthur Conan Doyle",), 1915, 420, offers=(FEAR,)),
    Title("2", "2", "Glinda of Oz", ("L. Frank Baum",), 1920, 300, offers=(OZ,)),
]
TORRENT = b"d8:announce3:abce"


@pytest.fixture
def stand_in():
    return ProwlarrStandIn(TITLES, lambda _: TORRENT)


@pytest.fixture
async def prowlarr(stand_in):
    async with serve(stand_in.app) as url, Remote("prowlarr", url) as remote:
        yield Prowlarr(remote, API_KEY)


async def found(prowlarr) -> Release:
    (release,) = (await prowlarr.search("valley of fear")).releases
    return release


async def test_a_release_is_found_with_all_that_its_title_says(prowlarr):
    release = await found(prowlarr)

    assert release.title == (
        "The Valley of Fear by Arthur Conan Doyle, Somebody Else [ENG / M4B] [VIP]"
    )
    assert release.authors == ("Arthur Conan Doyle", "Somebody Else")
    assert (release.language, release.filetypes) == ("en", ("m4b",))
    assert (release.vip, release.freeleech) == (True, True)
    assert (release.seeders, release.grabs, release.size) == (41, 420, 201_326_592)
    assert (release.indexer, release.indexer_id) == ("MyAnonamouse", 24)
    assert release.guid == release.info_url == "https://www.myanonamouse.net/t/500002"
    assert release.categories == (3030, 100_087)
    assert release.infohash is None


async def test_every_search_says_how_many_it_wants(prowlarr, stand_in):
    await prowlarr.search("valley  of fear", categories=(3030, 100_087), indexers=(24,))

    query = stand_in.calls.log[0].query
    assert query == {
        "query": ["valley of fear"],
        "type": ["search"],
        "categories": ["3030", "100087"],
        "indexerIds": ["24"],
        "limit": ["100"],
        "offset": ["0"],
    }


async def test_the_key_travels_in_a_header(prowlarr, stand_in):
    await prowlarr.search("valley of fear")

    assert all(call.headers["x-api-key"] == API_KEY for call in stand_in.calls.log)
    assert all("apikey" not in call.query for call in stand_in.calls.log)


async def test_a_search_with_results_costs_two_requests(prowlarr, stand_in):
    await prowlarr.search("valley of fear")

    assert stand_in.calls.counted() == {"/api/v1/search": 1, "/api/v1/indexerstatus": 1}


async def test_the_trackers_own_categories_narrow_a_search(prowlarr):
    result = await prowlarr.search("of", categories=(100_041,))

    assert [release.title[:12] for release in result.releases] == ["Glinda of Oz"]


async def test_nothing_found_is_nothing_found_when_all_indexers_are_well(prowlarr):
    result = await prowlarr.search("no such book")

    assert (result.releases, result.trouble) == ((), ())


async def test_an_indexer_that_fails_without_a_word_is_found_out(prowlarr, stand_in):
    stand_in.faults.failing = {PRIVATE}
    result = await prowlarr.search("valley of fear")

    assert result.releases == ()
    assert "MyAnonamouse is left alone by Prowlarr until" in result.trouble[0]
    assert "Prowlarr says: Indexers unavailable due to failures: MyAnonamouse" in result.trouble


async def test_when_every_indexer_fails_the_service_is_down(prowlarr, stand_in):
    stand_in.faults.failing = {PRIVATE, PUBLIC}
    with pytest.raises(ServiceDown, match="MyAnonamouse is left alone") as caught:
        await prowlarr.search("valley of fear")

    assert timedelta(seconds=9) < caught.value.retry_after <= timedelta(seconds=60)


async def test_when_the_only_indexer_asked_for_is_disabled_the_service_is_down(prowlarr, stand_in):
    stand_in.faults.disabled = {PRIVATE}
    with pytest.raises(ServiceDown):
        await prowlarr.search("valley of fear", indexers=(PRIVATE,))


async def test_results_beside_a_disabled_indexer_come_with_its_trouble(prowlarr, stand_in):
    stand_in.faults.disabled = {PUBLIC}
    result = await prowlarr.search("valley of fear")

    assert len(result.releases) == 1
    assert [words.split(" is ")[0] for words in result.trouble] == ["Quiet Shelf"]


async def test_without_an_indexer_for_it_there_is_nothing_to_ask(prowlarr):
    with pytest.raises(NotConfigured, match="no enabled indexer has the categories 7020"):
        await prowlarr.search("valley of fear", categories=(7020,))


async def test_all_indexers_unavailable_is_a_service_down(prowlarr, stand_in):
    stand_in.faults.unavailable = True
    with pytest.raises(ServiceDown, match="all selected indexers being unavailable"):
        await prowlarr.search("valley of fear")


async def test_an_empty_search_is_not_sent(prowlarr, stand_in):
    with pytest.raises(BadInput):
        await prowlarr.search("  ")

    assert stand_in.calls.log == []


async def test_a_wrong_key_is_said_in_words(stand_in):
    async with serve(stand_in.app) as url, Remote("prowlarr", url) as remote:
        with pytest.raises(ServiceRefused, match="API key is not accepted"):
            await Prowlarr(remote, "wrong").search("x")
        with pytest.raises(NotConfigured):
            await Prowlarr(remote, "").search("x")


async def test_prowlarr_being_away_is_a_service_down(prowlarr, stand_in):
    stand_in.faults.down = True
    with pytest.raises(ServiceDown, match="503"):
        await prowlarr.search("valley of fear")


async def test_the_torrent_of_a_release_comes_as_bytes(prowlarr, stand_in):
    grab = await prowlarr.download(await found(prowlarr))

    assert (grab.data, grab.magnet) == (TORRENT, None)
    assert stand_in.calls.counted()["/24/download"] == 1


async def test_a_redirect_to_a_magnet_is_a_magnet(prowlarr, stand_in):
    stand_in.faults.download = "magnet"
    grab = await prowlarr.download(await found(prowlarr))

    assert grab.data is None
    assert grab.magnet.startswith("magnet:?xt=urn:btih:")


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("page", UnexpectedAnswer, "200 Login (no torrent)"),
        ("empty", UnexpectedAnswer, "no torrent"),
        ("invalid", UnexpectedAnswer, "400 Invalid Prowlarr link"),
        ("gone", ServiceRefused, "410 Indexer is disabled"),
        ("broken", ServiceDown, "500 Getting release from indexer failed"),
        ("rate limited", RateLimited, "429 Indexer is disabled till"),
    ],
)
async def test_what_comes_instead_of_a_torrent_is_named(prowlarr, stand_in, fault, error, words):
    release = await found(prowlarr)
    stand_in.faults.download = fault
    with pytest.raises(error) as caught:
        await prowlarr.download(release)

    assert type(caught.value) is error
    assert words in str(caught.value)
    assert API_KEY not in str(caught.value)


async def test_one_indexers_pause_is_not_prowlarrs(prowlarr, stand_in):
    release = await found(prowlarr)
    stand_in.faults.download, stand_in.faults.retry_after = "rate limited", 77
    with pytest.raises(RateLimited) as caught:
        await prowlarr.download(release)

    assert caught.value.retry_after == timedelta(seconds=77)
    assert (await prowlarr.search("valley of fear")).releases


async def test_a_redirect_to_another_place_goes_there_without_our_key(stand_in):
    async with (
        Hostile() as tracker,
        serve(stand_in.app) as url,
        Remote("prowlarr", url) as remote,
    ):
        prowlarr = Prowlarr(remote, API_KEY, private_redirects=True)
        stand_in.faults.download, stand_in.faults.redirect_to = "redirect", f"{tracker.url}/ok"
        with pytest.raises(UnexpectedAnswer, match="no torrent"):
            await prowlarr.download(await found(prowlarr))
        stand_in.faults.redirect_to = f"{tracker.url}/redirect_magnet"
        grab = await prowlarr.download(await found(prowlarr))

    assert grab.magnet.startswith("magnet:?")
    assert API_KEY not in "".join(tracker.heads)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/x", "http://169.254.169.254/x", "file:///etc/passwd"]
)
async def test_a_redirect_to_a_place_nobody_meant_is_refused(prowlarr, stand_in, target):
    stand_in.faults.download, stand_in.faults.redirect_to = "redirect", target
    with pytest.raises(Unsafe):
        await prowlarr.download(await found(prowlarr))


async def test_a_redirect_to_nowhere_ends(prowlarr, stand_in):
    stand_in.faults.download = "redirect"
    with pytest.raises(UnexpectedAnswer, match="no address"):
        await prowlarr.download(await found(prowlarr))


async def test_the_address_that_we_know_is_asked_whatever_the_link_says(prowlarr):
    release = await found(prowlarr)
    behind_proxy = release.download_url.partition("/24/")[2]
    moved = replace(release, download_url=f"https://books.example/prowlarr/24/{behind_proxy}")

    assert (await prowlarr.download(moved)).data == TORRENT


async def test_no_log_line_holds_the_key(prowlarr, stand_in, caplog):
    caplog.set_level(logging.DEBUG)
    release = await found(prowlarr)
    await prowlarr.download(release)
    stand_in.faults.down = True
    with pytest.raises(ServiceDown) as caught:
        await prowlarr.search("valley of fear")

    assert API_KEY not in caplog.text + str(caught.value)


async def test_it_says_who_it_is(prowlarr, stand_in):
    assert await prowlarr.ping()
    assert await prowlarr.version() == "2.3.6.5000"
    assert [i.name for i in await prowlarr.indexers()] == ["MyAnonamouse", "Quiet Shelf"]
    assert await prowlarr.health() == ()


@pytest.mark.parametrize(
    ("title", "authors", "language", "filetypes", "vip"),
    [
        ("Stand by Me by Stephen King [ENG / MP3]", ("Stephen King",), "en", ("mp3",), False),
        ("Dune by F. Herbert [ENG / M4B MP3] [VIP]", ("F. Herbert",), "en", ("m4b", "mp3"), True),
        ("Momo by Michael Ende [GER / M4B]", ("Michael Ende",), "de", ("m4b",), False),
        ("Dune by Frank Herbert [M4B]", ("Frank Herbert",), None, ("m4b",), False),
        ("Dune", (), None, (), False),
    ],
)  # fmt: skip
def test_titles_of_mam_are_read(title, authors, language, filetypes, vip):
    row = {"guid": "https://www.myanonamouse.net/t/1", "title": title, "protocol": "torrent"}
    (release,) = read_releases([row])

    assert release.title == title
    assert (release.authors, release.language, release.filetypes) == (authors, language, filetypes)
    assert release.vip is vip


def test_what_is_no_torrent_release_is_left_out():
    good = {"guid": "g", "title": "t", "protocol": "torrent"}
    rows = [good, good, None, [], {"guid": "x"}, {**good, "guid": "u", "protocol": "usenet"}]

    assert [release.guid for release in read_releases(rows)] == ["g"]
    with pytest.raises(UnexpectedAnswer):
        read_releases({"message": "no"})


def test_odd_values_count_as_not_said():
    row = {"guid": "g", "title": "t", "size": "big", "seeders": None, "categories": "x"}
    row |= {"indexerFlags": None, "infoHash": 5, "grabs": float("inf"), "publishDate": []}
    (release,) = read_releases([row])

    assert (release.size, release.seeders, release.categories) == (0, None, ())
    assert (release.infohash, release.grabs, release.published_at) == (None, None, None)


def test_a_disabled_time_that_has_passed_counts_no_more():
    now = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
    rows = [
        {"indexerId": 1, "disabledTill": "2026-10-01T12:00:01Z"},
        {"indexerId": 2, "disabledTill": "2026-10-01T11:59:59Z"},
        {"indexerId": 3},
    ]

    assert list(read_disabled(rows, now)) == [1]


def test_saved_answers_are_read(figure):
    saved = json.loads(shared("facts", "prowlarr_mam", "prowlarr.json").read_text())
    (release,) = read_releases(saved["GET /api/v1/search"])
    before = datetime(2026, 10, 1, 11, 30, tzinfo=UTC)
    disabled = read_disabled(saved["GET /api/v1/indexerstatus"], before)
    health = read_health(saved["GET /api/v1/health"])
    filled = [n for n in release.__dataclass_fields__ if getattr(release, n) not in {None, "", ()}]

    figure(f"prowlarr: 1 release with {len(filled)} fields")
    assert (release.title, release.size) == (
        "Example Title by Example Author [ENG / MP3]",
        1_932_735_232,
    )
    assert (release.authors, release.filetypes) == (("Example Author",), ("mp3",))
    assert (release.grabs, release.seeders, release.freeleech) == (1123, 85, True)
    assert release.categories == (3030, 100_043)
    assert list(disabled) == [24]
    assert health == ("Prowlarr says: Indexers unavailable due to failures: MyAnonamouse",)


def test_the_fields_that_we_read_are_those_of_its_own_description():
    described = json.loads(shared("facts", "prowlarr_mam", "prowlarr_openapi.json").read_text())
    fields = described["components"]["schemas"]["ReleaseResource"]["properties"]
    read = "guid title indexer indexerId size seeders leechers grabs publishDate downloadUrl"
    read += " magnetUrl infoUrl infoHash indexerFlags categories protocol"

    assert set(read.split()) <= set(fields)
    indexer = described["components"]["schemas"]["IndexerResource"]["properties"]
    assert {"id", "name", "enable", "protocol", "privacy", "capabilities"} <= set(indexer)
    status = described["components"]["schemas"]["IndexerStatusResource"]["properties"]
    assert {"indexerId", "disabledTill"} <= set(status)
    assert read_indexers([]) == ()
