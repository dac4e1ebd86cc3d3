"""Who is let in, who is not, and who is asked to slow down."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline import accounts, api_keys
from tests.support.callers import app, calling, json_of

THERE = "/api/runs"


async def ask(served, headers=None, params=None, **how):
    async with calling(served, **how) as client:
        return await client.get(THERE, headers=headers or {}, params=params)


@pytest.mark.parametrize(
    "shown",
    [
        lambda key: {"headers": {"X-Api-Key": key}},
        lambda key: {"headers": {"Authorization": f"Bearer {key}"}},
        lambda key: {"headers": {"Authorization": f"bearer  {key}"}},
        lambda key: {"params": {"apikey": key}},
        lambda key: {"params": {"ApiKey": key, "page": "1"}},
    ],
)
async def test_a_key_is_taken_from_header_bearer_and_query(shown, served, owner):
    assert (await ask(served, **shown(owner.key))).status_code == 200


@pytest.mark.parametrize("key", ["", "brk_", "x" * 60, "brk_aaaaaaaa_" + "a" * 46, "kéy"])
async def test_what_is_no_key_opens_nothing(key, served, owner):
    answer = await ask(served, params={"apikey": key})

    assert json_of(answer, 401)["type"] == "urn:bookrunner:problem:unauthorized"


async def test_a_mistyped_key_costs_no_attempt(served, owner):
    wrong = owner.key[:-1] + ("a" if owner.key[-1] != "a" else "b")
    for _ in range(30):
        assert (await ask(served, {"X-Api-Key": wrong})).status_code == 401

    assert (await ask(served, {"X-Api-Key": owner.key})).status_code == 200


async def test_a_revoked_key_opens_nothing(served, pool, owner):
    assert await api_keys.revoke_key(pool, owner.user_id, owner.key[4:12])

    assert (await ask(served, {"X-Api-Key": owner.key})).status_code == 401


async def test_an_expired_key_opens_nothing(served, pool, owner):
    key = await api_keys.add_key(
        pool, owner.user_id, "brief", expires_at=datetime.now(UTC) + timedelta(hours=1)
    )
    assert (await ask(served, {"X-Api-Key": key})).status_code == 200
    async with pool.system() as db:
        await db.connection.execute(
            "UPDATE api_keys SET expires_at = now() WHERE id = %s", [key[4:12]]
        )

    assert (await ask(served, {"X-Api-Key": key})).status_code == 401


async def test_a_disabled_user_is_refused_at_once_and_let_in_again(served, pool, owner, stranger):
    assert (await ask(served, {"X-Api-Key": owner.key})).status_code == 200

    await accounts.disable_user(pool, owner.user_id)
    refused = await ask(served, {"X-Api-Key": owner.key})
    await accounts.enable_user(pool, owner.user_id)

    assert json_of(refused, 403)["detail"] == "this user is disabled"
    assert (await ask(served, {"X-Api-Key": owner.key})).status_code == 200


async def test_a_scope_reaches_as_far_as_those_before_it(served, pool, owner):
    key = await api_keys.add_key(pool, owner.user_id, "remote", ["trigger"])
    async with calling(served, key) as client:
        read = await client.get("/api/runs")
        trigger = await client.post("/api/trigger/rescan")
        admin = await client.get("/api/keys")

    assert [read.status_code, trigger.status_code, admin.status_code] == [200, 202, 403]


async def test_whoever_guesses_is_told_to_wait(served, owner):
    answers = [
        await ask(served, {"X-Api-Key": api_keys.new_key().text}, address="203.0.113.7")
        for _ in range(12)
    ]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert json_of(answers[-1], 429)["title"] == "Too many failed attempts"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


async def test_nobody_locks_the_owner_out(served, pool, owner):
    mine = {"X-Api-Key": owner.key}
    assert (await ask(served, mine, address="203.0.113.7")).status_code == 200
    public, made = owner.key[:13], api_keys.new_key().text
    for _ in range(15):  # from the owner's address, and with the owner's key id
        await ask(served, {"X-Api-Key": public + made[13:]}, address="203.0.113.7")

    assert (await ask(served, mine, address="203.0.113.7")).status_code == 200
    assert (await ask(served, mine, address="198.51.100.1")).status_code == 429


async def test_the_last_use_of_a_key_is_noted_once_a_minute(served, pool, owner):
    async def last():
        async with pool.system() as db:
            rows = await db.rows("accounts.keys", user_id=owner.user_id)
        return next(row["last_used_at"] for row in rows if row["id"] == owner.key[4:12])

    assert await last() is None
    await ask(served, {"X-Api-Key": owner.key})
    first = await last()
    await ask(served, {"X-Api-Key": owner.key})

    assert first is not None
    assert await last() == first
    async with pool.system() as db:
        await db.connection.execute("UPDATE api_keys SET last_used_at = now() - interval '2 min'")
    await ask(served, {"X-Api-Key": owner.key})
    assert await last() > first - timedelta(minutes=1)


async def test_the_key_that_calls_is_not_revoked_by_its_own_call(client, owner):
    answer = await client.delete(f"/api/keys/{owner.key[4:12]}")

    assert "the key that you call with" in json_of(answer, 409)["detail"]


async def test_a_made_key_is_shown_once_and_opens(served, client, owner):
    made = json_of(
        await client.post("/api/keys", json={"name": "tv", "scopes": ["read"], "expiresInDays": 2}),
        201,
    )
    listed = json_of(await client.get("/api/keys"))

    assert (await ask(served, {"X-Api-Key": made["key"]})).status_code == 200
    assert made["key"] not in str(listed)
    (entry,) = [key for key in listed["records"] if key["id"] == made["id"]]
    assert entry["scopes"] == ["read"]
    assert entry["expiresAt"].endswith("Z")


async def test_two_apps_count_apart(pool, tmp_path, owner):
    first, second = app(pool, tmp_path), app(pool, tmp_path)
    for _ in range(11):
        await ask(first, {"X-Api-Key": api_keys.new_key().text})

    assert (await ask(first, {"X-Api-Key": api_keys.new_key().text})).status_code == 429
    assert (await ask(second, {"X-Api-Key": api_keys.new_key().text})).status_code == 401
