import asyncio
import logging
import resource
import socket
import time
from datetime import timedelta

import pytest

from pipeline.errors import (
    BadInput,
    CircuitOpen,
    NotNow,
    RateLimited,
    ServiceBlocked,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
    Unsafe,
)
from pipeline.limits import FAILURES, Limits, LocalLimits
from pipeline.remote import Pace, Remote
from tests.support import hostile
from tests.support.hostile import Hostile

KEY = "0123456789abcdef-the-key"


@pytest.fixture
async def peer():
    async with Hostile() as hostile:
        yield hostile


@pytest.fixture
async def remote(peer):
    async with Remote("peer", peer.url) as door:
        yield door


async def test_a_whole_answer_is_read(remote):
    answer = await remote.ask("GET", "/ok")

    assert (answer.status, answer.json()) == (200, {"a": 1})
    assert answer.asked == "peer: GET /ok"


async def test_we_say_who_we_are_and_ask_for_no_compression(peer):
    async with Remote("peer", peer.url, contact="https://example.org/me") as remote:
        await remote.ask("GET", "ok")

    assert "user-agent: Bookrunner/" in peer.heads[0].replace("User-Agent", "user-agent")
    assert "(+https://example.org/me)" in peer.heads[0]
    assert "accept-encoding: identity" in peer.heads[0].lower()


async def test_the_character_set_is_respected(remote):
    assert (await remote.ask("GET", "/latin")).text == "café"


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("unauthorised", ServiceRefused, "peer: GET /unauthorised: 401 Unauthorized"),
        ("forbidden", ServiceRefused, "403 Forbidden: Forbidden"),
        ("missing", UnexpectedAnswer, "404 Not Found"),
        ("bad_request", UnexpectedAnswer, "no such filter"),
        ("challenge", UnexpectedAnswer, "202"),
        ("broken", ServiceDown, "500 Internal Server Error: boom"),
        ("maintenance", ServiceDown, "503"),
        ("slow_down", RateLimited, "429"),
        ("redirect_file", UnexpectedAnswer, "redirect to file://"),
        ("redirect_magnet", UnexpectedAnswer, "redirect to magnet:"),
        ("redirect_metadata", UnexpectedAnswer, "redirect to http://169.254.169.254"),
        ("cut", ServiceDown, "the connection broke"),
        ("closes", ServiceDown, "the connection broke"),
        ("reset", ServiceDown, "the connection broke"),
        ("bad_gzip", UnexpectedAnswer, "packed as 'gzip'"),
        ("odd_coding", UnexpectedAnswer, "packed as 'br'"),
        ("bomb", UnexpectedAnswer, "damaged or too large"),
        ("noise", UnexpectedAnswer, "no HTTP came back"),
        ("two_lengths", UnexpectedAnswer, "no HTTP came back"),
        ("many_headers", UnexpectedAnswer, "no HTTP came back"),
        ("endless", UnexpectedAnswer, "more than 1,000,000 bytes"),
        ("drip", ServiceDown, "no whole answer within 1 s"),
        ("drip_head", ServiceDown, "no whole answer within 1 s"),
        ("hang", ServiceDown, "no whole answer within 1 s"),
    ],
)
async def test_what_goes_wrong_is_one_of_our_errors(remote, path, error, words):
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with pytest.raises(error) as caught:
        await remote.ask("GET", f"/{path}", deadline=1.0, largest=1_000_000)

    assert type(caught.value) is error
    assert words in str(caught.value)
    assert time.monotonic() - began < 2.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32_000  # KiB


async def test_an_answer_that_came_packed_is_read_all_the_same(remote):
    assert (await remote.ask("GET", "/gzip")).json() == {"a": 1}


@pytest.mark.parametrize("path", ["not_json", "deep"])
async def test_what_is_not_json_is_named(remote, path):
    answer = await remote.ask("GET", f"/{path}")
    with pytest.raises(UnexpectedAnswer, match=f"peer: GET /{path}: not JSON but"):
        answer.json()


async def test_expected_statuses_are_the_callers(remote):
    answer = await remote.ask("GET", "/redirect_magnet", expected=frozenset({301}))

    assert answer.headers["location"].startswith("magnet:?")
    assert (await remote.ask("GET", "/created")).status == 201


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("slow_down", 1),
        ("until", 90),
        ("slow_down_somehow", None),
        ("slow_down_for_ages", 366 * 86400),
    ],
)
async def test_retry_after_is_read_in_both_forms(peer, path, seconds):
    async with Remote("peer", peer.url) as remote:
        with pytest.raises(RateLimited) as caught:
            await remote.ask("GET", path)

    after = caught.value.retry_after
    assert (after.total_seconds() if after else after) == pytest.approx(seconds, abs=3)


async def test_after_a_retry_after_everybody_waits_at_most_a_day(peer):
    limits = LocalLimits()
    async with Remote("peer", peer.url, limits=limits) as remote:
        with pytest.raises(RateLimited):
            await remote.ask("GET", "/slow_down_for_ages")
        with pytest.raises(CircuitOpen) as caught:
            await remote.ask("GET", "/ok")

    assert peer.asked["ok"] == 0
    assert caught.value.after <= timedelta(days=1, minutes=2)


async def test_a_get_whose_connection_broke_is_asked_once_more(peer, remote):
    assert (await remote.ask("GET", "/reset_once")).status == 200
    with pytest.raises(ServiceDown):
        await remote.ask("GET", "/reset")

    assert (peer.asked["reset_once"], peer.asked["reset"]) == (2, 2)


async def test_a_post_is_never_repeated(peer, remote):
    for path in ("reset", "closes", "broken", "cut"):
        with pytest.raises(ServiceDown):
            await remote.ask("POST", path, json={})

    assert {peer.asked[path] for path in ("reset", "closes", "broken", "cut")} == {1}


async def test_nobody_listening_is_a_service_down():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with Remote("peer", f"http://127.0.0.1:{port}") as remote:
            with pytest.raises(ServiceDown, match="peer: GET /x: cannot connect"):
                await remote.ask("GET", "/x")


async def test_an_unknown_name_is_a_service_down(monkeypatch):
    async def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    async with Remote("peer", "http://nowhere.invalid") as remote:
        with pytest.raises(ServiceDown, match=r"no address is known for nowhere\.invalid"):
            await remote.ask("GET", "/x")


async def test_no_secret_reaches_a_message_or_a_log(peer, caplog):
    caplog.set_level(logging.DEBUG)
    async with Remote("peer", peer.url, headers={"X-Api-Key": KEY}) as remote:
        await remote.ask("GET", "/cookie")
        for path in ("broken", "missing", "unauthorised", "hang", "reset", "noise"):
            with pytest.raises(Exception, match="query=Dune") as caught:
                await remote.ask(
                    "GET",
                    path,
                    params={"query": "Dune", "apikey": KEY, "token": KEY, "mam_id": "m" * 40},
                    headers={"Authorization": f"Bearer {KEY}"},
                    deadline=0.3,
                )
            said = f"{caught.value} {caught.value!r}"
            assert "apikey=***" in said
            assert not any(secret in said for secret in (KEY, "m" * 40, "secret-session"))

    assert KEY not in caplog.text
    assert "m" * 40 not in caplog.text


async def test_an_echoed_secret_is_blacked_out(peer, monkeypatch):
    echo = hostile.whole(b"bad key " + KEY.encode() + b" for x", status=b"400 Bad Request")
    monkeypatch.setitem(hostile.FIXED, "echo", echo)
    async with Remote("peer", peer.url, headers={"X-Api-Key": KEY}) as remote:
        with pytest.raises(UnexpectedAnswer, match=r"bad key \*\*\* for x"):
            await remote.ask("GET", "/echo")


async def test_a_credential_that_http_does_not_allow_is_named_but_not_shown(peer):
    async with Remote("peer", peer.url, headers={"X-Api-Key": "good"}) as remote:
        with pytest.raises(BadInput) as caught:
            await remote.ask("GET", "/ok", headers={"Authorization": f"Bearer {KEY}\nX: y"})

    assert KEY not in str(caught.value)


async def test_cookies_stay_with_their_account(peer, remote):
    await remote.ask("GET", "/cookie")
    await remote.ask("GET", "/ok")
    async with Remote("peer", peer.url) as other:
        await other.ask("GET", "/ok")

    assert "secret-session" in peer.heads[1]
    assert "secret-session" not in peer.heads[2]


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0", "0", "224.0.0.1",
     "[64:ff9b::a9fe:a9fe]", "100.100.100.200", "2852039166"],
)  # fmt: skip
async def test_nobody_goes_to_metadata_and_link_local_addresses(address):
    async with Remote("peer", f"http://{address}:9") as remote:
        with pytest.raises(Unsafe, match="none that we go to"):
            await remote.ask("GET", "/latest/meta-data")


async def test_private_addresses_pass_only_where_they_are_meant(peer):
    async with Remote("peer", peer.url, allow_private=False) as remote:
        with pytest.raises(Unsafe):
            await remote.ask("GET", "/ok")

    assert peer.asked["ok"] == 0


async def test_the_address_checked_is_the_address_dialled(peer, monkeypatch):
    looked_up = []
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def rebinding(host, port, **how):
        looked_up.append(host)
        return await real("169.254.169.254" if len(looked_up) > 1 else "127.0.0.1", port, **how)

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    async with Remote("peer", f"http://rebind.test:{peer.port}") as remote:
        assert (await remote.ask("GET", "/ok")).status == 200
        await asyncio.sleep(0)
        with pytest.raises(Unsafe):
            await remote.ask("GET", "/ok")

    assert looked_up == ["rebind.test", "rebind.test"]
    assert peer.asked["ok"] == 1


async def test_a_name_with_a_good_and_a_bad_address_goes_to_the_good_one(peer, monkeypatch):
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def both(host, port, **how):
        bad = await real("169.254.169.254", port, **how)
        return [*bad, *(await real("127.0.0.1", port, **how))]

    monkeypatch.setattr(loop, "getaddrinfo", both)
    async with Remote("peer", f"http://nas.local:{peer.port}") as remote:
        assert (await remote.ask("GET", "/ok")).status == 200


async def test_a_path_cannot_lead_elsewhere(peer, remote):
    for path in ("http://169.254.169.254/x", "//example.org/x"):
        with pytest.raises(Unsafe):
            await remote.ask("GET", path)


async def test_fetching_elsewhere_takes_nothing_of_the_account_along(peer):
    async with Remote("peer", "http://127.0.0.1:9", headers={"X-Api-Key": KEY}) as remote:
        answer = await remote.fetch(f"{peer.url}/ok?apikey=theirs", private=True)

    assert answer.json() == {"a": 1}
    assert KEY not in peer.heads[0]
    assert answer.asked == "peer: GET http://127.0.0.1"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "http:///x", "http://169.254.169.254/", "//x"]
)
async def test_fetching_elsewhere_goes_only_to_public_places(peer, remote, url):
    with pytest.raises(Unsafe):
        await remote.fetch(url)
    with pytest.raises(Unsafe):
        await remote.fetch(f"{peer.url}/ok")


async def test_a_service_that_keeps_failing_is_left_alone(peer, remote):
    for _ in range(FAILURES):
        with pytest.raises(ServiceDown):
            await remote.ask("GET", "/broken")
    with pytest.raises(CircuitOpen, match="left alone"):
        await remote.ask("GET", "/ok")

    assert peer.asked["ok"] == 0


async def test_refusals_and_odd_answers_leave_the_circuit_closed(peer, remote):
    for path in ["unauthorised", "missing", "challenge"] * FAILURES:
        with pytest.raises((ServiceRefused, UnexpectedAnswer)):
            await remote.ask("GET", path)

    assert (await remote.ask("GET", "/ok")).status == 200


async def test_a_block_leaves_the_service_alone_for_hours(peer, remote):
    error = await remote.blocked("a challenge instead of the page")
    with pytest.raises(CircuitOpen, match="a challenge instead of the page"):
        await remote.ask("GET", "/ok")

    assert isinstance(error, ServiceBlocked)
    assert error.after.total_seconds() == pytest.approx(6 * 3600, abs=5)
    assert str(error) == "peer: a challenge instead of the page"


async def test_accounts_have_circuits_of_their_own(peer):
    limits = LocalLimits()
    async with (
        Remote("peer", peer.url, limits=limits, account="1") as one,
        Remote("peer", peer.url, limits=limits, account="2") as two,
    ):
        await one.blocked("challenge")

        assert (await two.ask("GET", "/ok")).status == 200


async def test_the_pace_is_kept_by_every_process_together(peer, pool, figure):
    pace = Pace(timedelta(milliseconds=100))
    limits = Limits(pool)
    async with (
        Remote("peer", peer.url, limits=limits, pace=pace) as one,
        Remote("peer", peer.url, limits=limits, pace=pace) as two,
    ):
        began = time.monotonic()
        await asyncio.gather(*(door.ask("GET", "/ok") for door in (one, two) * 4))
        took = time.monotonic() - began
        await pool_is_told(limits)

    figure(f"eight requests of two clients at 10/s: {took:.2f} s")
    assert took >= 0.7


async def pool_is_told(limits):
    (circuit,) = await limits.circuits()
    assert circuit["name"] == "peer"
    assert circuit["last_success_at"] is not None


async def test_a_turn_too_far_away_is_not_now_and_asks_nothing(peer):
    async with Remote("peer", peer.url, pace=Pace(timedelta(hours=1))) as remote:
        await remote.ask("GET", "/ok")
        with pytest.raises(NotNow):
            await remote.ask("GET", "/ok")

    assert peer.asked["ok"] == 1
