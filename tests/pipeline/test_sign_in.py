"""One-time addresses and sessions: what opens, what no longer does, and what is stored of it."""

import asyncio

import pytest

from pipeline import accounts, api_keys, sign_in
from tests.conftest import add_user
from tests.support.household import look


async def test_a_one_time_address_signs_in_once(pool, user_id):
    token = await sign_in.make_address(pool, user_id)

    first = await sign_in.use_address(pool, token, "Firefox", "127.0.0.1")
    second = await sign_in.use_address(pool, token, "Firefox", "127.0.0.1")

    assert first is not None
    assert second is None
    session = await sign_in.recognise(pool, first)
    assert session is not None
    assert session.user_id == user_id
    assert session.may("admin")


async def test_of_many_who_use_an_address_at_once_one_gets_in(pool, user_id):
    token = await sign_in.make_address(pool, user_id)

    opened = await asyncio.gather(
        *(sign_in.use_address(pool, token, "", "127.0.0.1") for _ in range(8))
    )

    assert sum(each is not None for each in opened) == 1


async def test_a_new_address_takes_the_place_of_the_one_before(pool, user_id):
    former = await sign_in.make_address(pool, user_id)
    await sign_in.make_address(pool, user_id)

    assert await sign_in.use_address(pool, former, "", "") is None


async def test_an_address_is_good_for_a_day(pool, user_id, database_url):
    token = await sign_in.make_address(pool, user_id)
    look(
        database_url,
        "update sign_in_addresses set expires_at = expires_at - interval '24 hours' returning 1",
    )

    assert await sign_in.use_address(pool, token, "", "") is None


async def test_neither_an_address_nor_a_session_can_be_read_from_the_database(
    pool, user_id, database_url
):
    address = await sign_in.make_address(pool, user_id)
    token = await sign_in.open_session(pool, user_id, browser="", address="")

    stored = str(look(database_url, "select * from sessions")) + str(
        look(database_url, "select * from sign_in_addresses")
    )

    assert token not in stored
    assert address not in stored


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\ud800", "' or 1=1 --"])
async def test_what_is_no_token_opens_nothing(pool, user_id, token):
    assert await sign_in.recognise(pool, token) is None


async def test_a_session_ends_when_it_is_signed_out_by_its_user_only(pool, user_id):
    other = await add_user(pool, "other")
    token = await sign_in.open_session(pool, user_id, browser="", address="")
    session = await sign_in.recognise(pool, token)
    assert session is not None

    assert not await sign_in.revoke(pool, other, session.id)
    assert await sign_in.recognise(pool, token) is not None
    assert await sign_in.revoke(pool, user_id, session.id)
    assert await sign_in.recognise(pool, token) is None


async def test_a_session_that_a_key_opened_ends_with_the_key_and_reaches_no_further(pool, user_id):
    key = await api_keys.add_key(pool, user_id, "phone", ["read"])
    public = api_keys.key_id(key)
    token = await sign_in.open_session(
        pool, user_id, browser="", address="", scopes=["read"], key_id=public
    )
    session = await sign_in.recognise(pool, token)
    assert session is not None
    assert session.may("read")
    assert not session.may("trigger")

    await api_keys.revoke_key(pool, user_id, public)

    assert await sign_in.recognise(pool, token) is None
    assert await sign_in.open_sessions(pool, user_id) == []


async def test_a_disabled_user_is_signed_out_everywhere(pool, user_id):
    token = await sign_in.open_session(pool, user_id, browser="", address="")
    address = await sign_in.make_address(pool, user_id)

    await accounts.disable_user(pool, user_id)

    assert await sign_in.recognise(pool, token) is None
    assert await sign_in.use_address(pool, address, "", "") is None


async def test_a_session_lives_on_while_it_is_used_and_ends_unused(pool, user_id, database_url):
    token = await sign_in.open_session(pool, user_id, browser="", address="")
    days = "update sessions set expires_at = expires_at - make_interval(days => %s),"
    days += " last_seen_at = last_seen_at - make_interval(days => %s) returning 1"
    look(database_url, days, 29, 29)

    assert await sign_in.recognise(pool, token) is not None
    look(database_url, days, 29, 29)
    assert await sign_in.recognise(pool, token) is not None
    look(database_url, days, 31, 31)
    assert await sign_in.recognise(pool, token) is None


async def test_the_list_of_sessions_is_the_users_own_and_shows_no_control_characters(pool, user_id):
    other = await add_user(pool, "other")
    await sign_in.open_session(pool, other, browser="Opera", address="10.0.0.1")
    await sign_in.open_session(
        pool, user_id, browser="Fire\x00fox\x1b[31m" + "x" * 900, address="127.0.0.1"
    )

    rows = await sign_in.open_sessions(pool, user_id)

    assert [row["browser"][:12] for row in rows] == ["Firefox[31mx"]
    assert len(rows[0]["browser"]) == 200


async def test_all_other_browsers_are_signed_out_at_once(pool, user_id):
    tokens = [await sign_in.open_session(pool, user_id, browser="", address="") for _ in range(3)]
    own = await sign_in.recognise(pool, tokens[0])
    assert own is not None

    assert await sign_in.revoke_others(pool, user_id, own.id) == 2
    assert [await sign_in.recognise(pool, token) is not None for token in tokens] == [
        True,
        False,
        False,
    ]
