import asyncio
import json
import logging
import math
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.clients.mam import (
    AUDIOBOOKS,
    Mam,
    categories_of,
    read_account,
    read_releases,
)
from pipeline.clients.mam.rows import moment, size
from pipeline.domain.governor import Account
from pipeline.domain.models import Release, SeriesPlace
from pipeline.errors import (
    BadInput,
    CircuitOpen,
    NotConfigured,
    RateLimited,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
)
from pipeline.limits import Limits, LocalLimits
from pipeline.remote import Remote
from pipeline.sandbox.catalogue import Offer, Title
from pipeline.sandbox.mam import MAM_ID, MamStandIn
from pipeline.sandbox.serve import serve
from tests.support import hostile
from tests.support.hostile import Hostile
from tests.support.shared import shared

TORRENT = b"d8:announce3:abce"
FEAR = Offer(
    tid=500_002,
    title="The Valley of Fear & Loathing",
    authors=("Arthur Conan Doyle", "Anne O'Nym"),
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
POPULAR = [
    replace(FEAR, tid=600_000 + i, title=f"Wisdom's Daughter {i}", category=41, snatched=i * 10)
    for i in range(30)
]
VINGT = replace(FEAR, tid=700_000, title="Vingt ans après", language="FRE", vip=False)
OFFERS = (FEAR, *POPULAR, VINGT)
TITLES = [Title("1", "1", "The Valley of Fear", ("Arthur Conan Doyle",), 1915, 420, offers=OFFERS)]


class Store:
    """A session kept in memory, with its history."""

    def __init__(self, mam_id=MAM_ID):
        self.mam_id, self.history = mam_id, []

    async def load(self):
        return self.mam_id

    async def save(self, mam_id):
        await asyncio.sleep(0)
        self.mam_id = mam_id
        self.history.append(mam_id)


@pytest.fixture
def stand_in():
    stand_in = MamStandIn(TITLES, lambda _: TORRENT)
    yield stand_in
    # The promise that matters most, held against every request of every test.
    for call in stand_in.calls.log:
        assert "fl" not in call.query
        assert '"fl"' not in json.dumps(call.body)
    assert stand_in.standing.wedges == 10


@pytest.fixture
def store():
    return Store()


@pytest.fixture
async def mam(stand_in, store):
    async with serve(stand_in.app) as url, Remote("mam", url) as remote:
        yield Mam(remote, store)


async def test_a_release_comes_with_all_that_the_tracker_says(mam):
    (release,) = await mam.search("valley of fear")

    assert release.title == "The Valley of Fear & Loathing"
    assert release.authors == ("Arthur Conan Doyle", "Anne O'Nym")
    assert release.narrators == ("Ada Quill",)
    assert release.series == (SeriesPlace("Sherlock Holmes", "7"),)
    assert (release.language, release.filetypes) == ("en", ("m4b",))
    assert (release.size, release.seeders, release.grabs) == (201_326_592, 41, 420)
    assert (release.freeleech, release.vip, release.snatched) == (True, True, False)
    assert (release.indexer, release.indexer_id) == ("MyAnonamouse", None)
    assert release.guid == "https://www.myanonamouse.net/t/500002"
    assert release.categories == (3030, 100_087)
    assert release.download_url is None  # a direct link would hold a credential


async def test_a_search_is_sent_as_the_api_wants_it(mam, stand_in):
    await mam.search("Valley: of (Fear)", categories=(87,), languages=(1,), limit=7)

    (call,) = stand_in.calls.log
    assert (call.method, call.path) == ("POST", "/tor/js/loadSearchJSONbasic.php")
    assert call.body == {
        "tor": {
            "text": "Valley of Fear",
            "srchIn": ["title", "author", "narrator", "series"],
            "searchType": "all",
            "searchIn": "torrents",
            "main_cat": [13],
            "cat": ["87"],
            "browse_lang": [1],
            "sortType": "default",
            "startNumber": "0",
        },
        "perpage": 7,
        "my_snatched": "true",
    }


async def test_without_a_language_none_is_named(mam, stand_in):
    await mam.search("fear")

    assert "browse_lang" not in stand_in.calls.log[0].body["tor"]


async def test_words_of_authors_and_series_find_a_book_too(mam):
    assert len(await mam.search("sherlock holmes quill valley")) == 1
    assert len(await mam.search("Wisdom's Daughter")) == 30
    assert len(await mam.search("apres")) == 1


async def test_nothing_returned_is_no_error(mam):
    assert await mam.search("no such book") == ()


async def test_a_search_for_nothing_is_not_sent(mam, stand_in):
    with pytest.raises(BadInput):
        await mam.search("?!")

    assert stand_in.calls.log == []


async def test_the_ten_most_snatched_of_some_days_come_in_order(mam, stand_in):
    end = datetime.now(UTC).date() + timedelta(days=1)
    week = await mam.top((41,), end - timedelta(days=8), end)
    ever = await mam.top((41,), date(2020, 1, 1), end, limit=3)

    body = stand_in.calls.log[0].body
    assert (body["tor"]["sortType"], body["perpage"]) == ("snatchedDesc", 10)
    assert (body["tor"]["startDate"], body["tor"]["endDate"]) == (
        (end - timedelta(days=8)).isoformat(),
        end.isoformat(),
    )
    assert [r.title for r in ever] == [f"Wisdom's Daughter {n}" for n in (29, 28, 27)]
    assert 0 < len(week) <= 10
    assert [r.grabs for r in week] == sorted((r.grabs for r in week), reverse=True)
    assert all(r.published_at >= f"{end - timedelta(days=8)}" for r in week)


async def test_each_new_session_is_saved_before_it_is_used(mam, stand_in, store):
    stand_in.faults.session_dies = True
    for _ in range(5):
        await mam.search("fear")

    assert store.history == [f"{MAM_ID}-{n}" for n in range(1, 6)]
    sent = [call.headers["cookie"] for call in stand_in.calls.log]
    assert sent == [f"mam_id={MAM_ID}", *(f"mam_id={MAM_ID}-{n}" for n in range(1, 5))]


async def test_requests_at_once_go_one_after_the_other(mam, stand_in, store):
    stand_in.faults.session_dies, stand_in.faults.slow = True, 0.01
    answers = await asyncio.gather(*(mam.search("fear") for _ in range(12)))

    assert all(len(found) == 1 for found in answers)
    assert len(store.history) == 12


async def test_workers_share_one_session(stand_in, store, pool):
    stand_in.faults.session_dies, stand_in.faults.slow = True, 0.005
    limits = Limits(pool), Limits(pool)
    async with (
        serve(stand_in.app) as url,
        Remote("mam", url, limits=limits[0], account="1") as one,
        Remote("mam", url, limits=limits[1], account="1") as two,
    ):
        workers = Mam(one, store), Mam(two, store)
        await asyncio.gather(*(worker.search("fear") for worker in workers * 6))
    for each in limits:
        await each.aclose()

    assert len(store.history) == 12


async def test_a_session_is_saved_also_from_an_answer_of_no_use(stand_in, store):
    async with Hostile() as broken, Remote("mam", broken.url) as remote:
        mam = Mam(remote, store)
        with pytest.raises(ServiceDown):
            await mam._ask("GET", "/rotates_and_breaks")
        assert store.mam_id == "the-next-session"
        with pytest.raises(ServiceDown):
            await mam._ask("GET", "/broken")

    assert "mam_id=the-next-session" in broken.heads[1]


async def test_a_session_is_saved_when_we_are_stopped_meanwhile(store):
    async with Hostile() as slow, Remote("mam", slow.url) as remote:
        asking = asyncio.create_task(Mam(remote, store)._ask("GET", "/rotates_and_drips"))
        await asyncio.sleep(0.2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    assert store.mam_id == "the-next-session"


async def test_a_session_that_is_deleted_is_not_saved(store):
    async with Hostile() as peer, Remote("mam", peer.url) as remote:
        await Mam(remote, store)._ask("GET", "/deletes_session")

    assert store.history == []


@pytest.mark.parametrize("page", [True, False])
async def test_a_session_not_accepted_is_said_in_words_and_not_insisted_on(
    mam, stand_in, store, page
):
    stand_in.faults.refuses, stand_in.faults.page_for_403 = True, page
    with pytest.raises(ServiceRefused, match="make a new one on MyAnonamouse"):
        await mam.search("fear")
    with pytest.raises(ServiceRefused, match="less than 15 minutes ago"):
        await mam.account()
    assert len(stand_in.calls.log) == 1

    stand_in.faults.refuses = False
    store.mam_id = f"{MAM_ID}-9"  # the user pasted a new one
    assert await mam.search("fear")


async def test_without_a_session_nothing_is_asked(stand_in):
    async with serve(stand_in.app) as url, Remote("mam", url) as remote:
        with pytest.raises(NotConfigured):
            await Mam(remote, Store("")).search("fear")

    assert stand_in.calls.log == []


@pytest.mark.parametrize(("header", "seconds"), [("40", 40), ("", None)])
async def test_a_request_to_slow_down_is_obeyed(mam, stand_in, header, seconds):
    stand_in.faults.rate_limited = header
    with pytest.raises(RateLimited) as caught:
        await mam.search("fear")

    after = caught.value.retry_after
    assert (after.total_seconds() if after else None) == seconds
    if seconds:
        with pytest.raises(CircuitOpen):
            await mam.search("fear")
        assert len(stand_in.calls.log) == 1


async def test_maintenance_is_a_service_down(mam, stand_in):
    stand_in.faults.down = True
    with pytest.raises(ServiceDown):
        await mam.search("fear")


async def test_broken_json_inside_of_strings_costs_only_what_it_held(mam, stand_in):
    stand_in.faults.malformed = True
    (release,) = await mam.search("valley")

    assert (release.authors, release.narrators, release.series) == ((), (), ())
    assert release.title == "The Valley of Fear & Loathing"


async def test_the_torrent_of_a_release_comes_as_bytes(mam, stand_in):
    (release,) = await mam.search("valley")
    data = await mam.download(release)

    assert data == await mam.download(500_002) == TORRENT
    assert stand_in.calls.log[1].query == {"tid": ["500002"]}
    assert (await mam.search("valley"))[0].snatched


async def test_a_release_that_prowlarr_offered_can_be_fetched_too(mam):
    offered = Release("https://www.myanonamouse.net/t/500002", "x", "MyAnonamouse", 24)

    assert await mam.download(offered) == TORRENT
    with pytest.raises(BadInput):
        await mam.download(Release("https://elsewhere/1", "x", "Else"))


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("page", ServiceRefused, "the session is not accepted"),
        ("empty", ServiceRefused, "an empty answer (200)"),
        ("other address", ServiceRefused, "does not match account"),
        ("gone", UnexpectedAnswer, "the torrent is gone (404)"),
    ],
)
async def test_what_comes_instead_of_a_torrent_is_named(mam, stand_in, fault, error, words):
    stand_in.faults.download = fault
    with pytest.raises(error) as caught:
        await mam.download(500_002)

    assert type(caught.value) is error
    assert words in str(caught.value)


@pytest.mark.parametrize("old", [False, True])
async def test_the_account_is_read_in_both_shapes(mam, stand_in, old):
    stand_in.faults.old_account = old
    account = await mam.account()

    assert isinstance(account, Account)
    assert (account.unsatisfied, account.unsatisfied_limit, account.limit) == (12, 150, 150)
    assert (account.ratio, account.uploaded, account.downloaded) == (4.2, 420 << 30, 100 << 30)
    assert (account.rank, account.is_vip, account.wedges) == ("VIP", True, 10)
    assert (account.name, account.bonus) == ("sandbox", 25_000)
    assert account.vip_until == datetime(2030, 1, 1, tzinfo=UTC)
    assert stand_in.calls.log[0].query == {"snatch_summary": [""]}


async def test_an_account_without_a_name_is_no_account():
    async with Hostile() as peer, Remote("mam", peer.url) as remote:
        odd = Mam(remote, Store())
        remote.ask = odd_ask(remote.ask)
        with pytest.raises(UnexpectedAnswer, match="no account"):
            await odd.account()


def odd_ask(ask):
    async def instead(method, path, **sent):
        sent.pop("params", None)
        return await ask(method, "/ok", **sent)

    return instead


async def test_nothing_secret_reaches_a_message_or_a_log(mam, stand_in, store, caplog):
    caplog.set_level(logging.DEBUG)
    await mam.search("fear")
    stand_in.faults.refuses = True
    with pytest.raises(ServiceRefused) as caught:
        await mam.search("fear")

    assert MAM_ID not in caplog.text + str(caught.value)


async def test_what_was_refused_is_remembered_without_the_session(stand_in):
    limits = LocalLimits()
    stand_in.faults.refuses = True
    async with serve(stand_in.app) as url, Remote("mam", url, limits=limits) as remote:
        with pytest.raises(ServiceRefused):
            await Mam(remote, Store()).search("fear")

    assert all(MAM_ID not in key for _, key in limits.cache._kept)


def test_every_category_has_its_names():
    assert categories_of("Fantasy") == (41,)
    assert categories_of("science fiction") == categories_of("Sci-Fi") == (47,)
    assert categories_of("Thriller") == categories_of("Crime") == (40,)
    assert categories_of("Mystery") == (87,)
    assert categories_of("Young-Adult") == (111,)
    assert categories_of("Humor") == categories_of("humour") == (99,)
    assert categories_of("Biography") == (50,)
    assert categories_of("adventure") == (39,)
    assert all(number in categories_of(name) for number, name in AUDIOBOOKS.items())
    assert len(AUDIOBOOKS) == 35
    with pytest.raises(BadInput, match="there are: Action/Adventure, Art"):
        categories_of("Polka")


@pytest.mark.parametrize(
    ("written", "size_in_bytes"),
    [
        ("451.8 MiB", 473_746_637),
        ("1,024.5 KiB", 1_049_088),
        ("473746637", 473_746_637),
        (473_746_637, 473_746_637),
        ("2 GB", 2_000_000_000),
        ("1 B", 1),
        ("big", None),
        ("1.2.3 MiB", None),
        (None, None),
        (True, None),
        (float("nan"), None),
    ],
)
def test_sizes_are_read(written, size_in_bytes):
    assert size(written) == size_in_bytes


def test_moments_are_utc():
    assert moment("2026-10-01 15:36:00") == "2026-10-01T15:36:00Z"
    assert moment("0000-00-00 00:00:00") is None
    assert moment(None) is None


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ('{"1": ["Discworld", "3.5", 3.5]}', (SeriesPlace("Discworld", "3.5"),)),
        ('{"1": ["Discworld", ""]}', (SeriesPlace("Discworld"),)),
        ('{"1": ["Discworld", 3.0]}', (SeriesPlace("Discworld", "3"),)),
        ('{"1": ["Discworld"]}', (SeriesPlace("Discworld"),)),
        ('{"1": "Discworld", "2": []}', (SeriesPlace("Discworld"),)),
        ({"1": ["Tom &amp; Jerry", "1-3"]}, (SeriesPlace("Tom & Jerry", "1-3"),)),
        ('{"1": [["x"], {}]}', ()),
        ("[]", ()),
        ("", ()),
        ("{", ()),
        ("[" * 100_000, ()),
        (None, ()),
        (7, ()),
    ],
)
def test_series_are_read_in_every_shape(value, places):
    (release,) = read_releases({"data": [{"id": "7", "name": "x", "series_info": value}]})

    assert release.series == places


def test_rows_without_number_or_title_are_left_out():
    rows = [{"id": 1}, {"title": "x"}, None, 7, {"id": "12", "title": " a  b "}]

    assert [(r.guid[-2:], r.title) for r in read_releases({"data": rows})] == [("12", "a b")]
    assert read_releases({"error": "x"}) == read_releases([]) == read_releases(None) == ()


def test_an_account_says_what_it_can():
    bare = read_account({"username": "u"})
    fresh = read_account({"username": "u", "uploaded_bytes": "5", "downloaded_bytes": "0"})
    infinite = read_account({"username": "u", "ratio": "∞", "vip_until": 1_893_456_000})

    assert (bare.ratio, bare.unsatisfied, bare.limit, bare.vip_until) == (None, None, None, None)
    assert fresh.ratio == infinite.ratio == math.inf
    assert infinite.vip_until == datetime(2030, 1, 1, tzinfo=UTC)
    assert read_account({"username": "u", "vip_until": 10**30}).vip_until is None


def test_saved_answers_are_read(figure):
    def saved(name):
        return json.loads(shared("facts", "prowlarr_mam", name).read_text())

    (release,) = read_releases(saved("mam_search.json"))
    accounts = saved("mam_jsonLoad_snatch_summary.json")
    new, old = read_account(accounts["since_2026_09"]), read_account(accounts["before"])
    filled = Counter(bool(getattr(release, n) not in {None, "", ()}) for n in Release.__slots__)

    figure(f"mam: 1 release with {filled[True]} fields, 2 accounts")
    assert (release.title, release.size) == ("Example Title", 473_746_637)
    assert release.authors == ("Example Author",)
    assert release.narrators == ("Example Narrator",)
    assert release.series == (SeriesPlace("Example Series", "1"),)
    assert (release.filetypes, release.language, release.vip) == (("m4b",), "en", True)
    assert (release.seeders, release.grabs) == (16, 18)
    assert release.published_at == "2026-10-01T15:36:00Z"
    assert (new.unsatisfied, new.unsatisfied_limit, new.wedges, new.ratio) == (42, 50, 10, 1.5)
    assert (new.uploaded, new.bonus, new.connectable) == (10_737_418_240, 1000, True)
    assert (old.unsatisfied, old.unsatisfied_limit) == (42, 50)


@pytest.mark.parametrize(
    ("name", "ask", "outcome"),
    [
        ("empty", "search", ()),
        ("not_signed_in", "search", ServiceRefused),
        ("bad_session", "search", ServiceRefused),
        ("rate_limited", "search", RateLimited),
        ("download_ip_mismatch", "download", ServiceRefused),
        ("download_login_page", "download", ServiceRefused),
    ],
)
async def test_saved_errors_are_told_apart(monkeypatch, name, ask, outcome):
    saved = json.loads(shared("facts", "prowlarr_mam", "mam_errors.json").read_text())[name]
    body = json.dumps(saved["json"]) if "json" in saved else saved.get("body", "<html>login")
    answer = hostile.whole(body.encode(), status=b"%d Saved" % saved["status"])
    for path in ("tor/js/loadSearchJSONbasic.php", "tor/download.php"):
        monkeypatch.setitem(hostile.FIXED, path, answer)
    async with Hostile() as tracker, Remote("mam", tracker.url) as remote:
        mam = Mam(remote, Store())
        asking = mam.search("fear") if ask == "search" else mam.download(7)
        if outcome == ():
            assert await asking == ()
        else:
            with pytest.raises(outcome):
                await asking
