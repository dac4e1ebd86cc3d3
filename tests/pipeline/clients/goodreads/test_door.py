import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from pipeline.clients.goodreads import EmptyPage
from pipeline.errors import (
    CircuitOpen,
    NotConfigured,
    ServiceBlocked,
    ServiceDown,
    UnexpectedAnswer,
)
from pipeline.limits import LocalLimits
from pipeline.remote import Pace
from pipeline.sandbox.catalogue import SERIES_IDS, title_of

SHE = title_of("She").goodreads_id


async def test_switched_off_it_asks_nothing(site):
    with pytest.raises(NotConfigured, match="switched off"):
        await site.client(enabled=False).suggestions("She")

    assert site.paths == []


async def test_a_challenge_closes_the_door_for_hours_for_everybody(site):
    limits = LocalLimits()
    site.faults.challenge_after = 1
    await site.client(limits=limits).suggestions("She")

    with pytest.raises(ServiceBlocked, match="202 and a firewall's challenge") as blocked:
        await site.client(limits=limits).book(SHE)
    with pytest.raises(CircuitOpen):
        await site.client(limits=limits).book(SHE)

    assert timedelta(hours=5.9) < blocked.value.after <= timedelta(hours=6)
    assert len(site.paths) == 2


async def test_what_is_kept_is_told_even_while_the_door_is_closed(site):
    limits = LocalLimits()
    known = await site.client(limits=limits).book(SHE)
    site.faults.challenge_after = 0
    with pytest.raises(ServiceBlocked):
        await site.client(limits=limits).suggestions("She")

    assert await site.client(limits=limits).book(SHE) == known


async def test_being_sent_to_sign_in_is_a_block_too(site):
    site.faults.signed_out = True

    with pytest.raises(ServiceBlocked, match="sign-in"):
        await site.client().book(SHE)


async def test_a_page_without_content_is_tried_again_and_then_left_for_hours(site):
    client = site.client()
    site.faults.empty = 3
    for _ in range(2):
        with pytest.raises(EmptyPage):
            await client.book(SHE)
    with pytest.raises(ServiceBlocked, match="3 times in a row") as blocked:
        await client.book(SHE)

    assert blocked.value.after == timedelta(hours=6)
    assert (await client.book(SHE)).work.title == "She"


async def test_a_changed_layout_is_an_error_of_its_own_and_not_kept(site):
    client = site.client()
    site.faults.old_layout = True
    for ask in (
        client.book(SHE),
        client.series(SERIES_IDS["Oz"]),
        client.suggestions("She"),
        client.author("8801"),
        client.audio_editions("7000001"),
    ):
        with pytest.raises(UnexpectedAnswer):
            await ask
    site.faults.old_layout = False

    assert (await client.book(SHE)).work.title == "She"


async def test_a_failing_server_is_down_and_not_empty(site):
    site.faults.down = 1

    with pytest.raises(ServiceDown):
        await site.client().book(SHE)


async def test_a_book_that_is_gone_is_none_and_asked_for_again(site):
    client = site.client()

    assert await client.book("1") is None
    assert await client.book("1") is None
    assert site.paths == ["/book/show/1"] * 2


async def test_many_at_once_are_served_one_at_a_time_at_the_pace(site):
    limits, pace = LocalLimits(), Pace(timedelta(milliseconds=60))
    clients = [site.client(limits=limits, pace=pace) for _ in range(3)]
    site.faults.slow = 0.01

    words = ["She", "Oz", "Anne", "Raffles", "Barsoom", "Thorne"]
    await asyncio.gather(*(clients[at % 3].suggestions(word) for at, word in enumerate(words)))

    moments = sorted(call.at for call in site.stand_in.calls)
    assert len(moments) == 6
    assert moments[-1] - moments[0] >= 5 * 0.06 - 0.03
    assert min(two - one for one, two in pairwise(moments)) >= site.faults.slow
