"""Users come, keep their services to themselves, and go with all that is theirs."""

import asyncio
import json

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from pipeline import accounts
from pipeline.errors import BadInput, ConfigurationError
from pipeline.services import from_settings
from pipeline.settings import Settings
from tests.support.callers import SECRET, VAULT, furnished


@pytest.fixture
def given(tmp_path):
    """What the environment says."""
    return from_settings(
        Settings(
            _env_file=None, data_dir=tmp_path, abs_url="http://10.0.0.2:13378", abs_token="env",
            prowlarr_key="env",
        )
    )  # fmt: skip


async def test_the_first_start_makes_one_admin_and_one_key_however_many_start(pool):
    starts = await asyncio.gather(*(accounts.first_start(pool, "Europe/Vienna") for _ in range(5)))

    assert len({start.user_id for start in starts}) == 1
    assert sum(start.key is not None for start in starts) == 1
    (user,) = await accounts.list_users(pool)
    assert (user["name"], user["is_admin"], user["time_zone"]) == ("admin", True, "Europe/Vienna")


async def test_the_environment_holds_for_the_first_user_until_they_set_their_own(pool, given):
    first = (await accounts.first_start(pool, "UTC")).user_id

    before = await accounts.services(pool, VAULT, first, given)
    await accounts.store_credentials(pool, VAULT, first, {"abs_token": "own", "abs_library": "A"})
    after = await accounts.services(pool, VAULT, first, given)
    await accounts.store_credentials(pool, VAULT, first, {"abs_token": None})

    assert before == given
    assert after == given.but(abs_token=SecretStr("own"), abs_library="A")
    assert (await accounts.services(pool, VAULT, first, given)).abs_token == SecretStr("env")


async def test_another_user_is_given_nobodys_credentials(pool, given):
    await accounts.first_start(pool, "UTC")
    other = await accounts.add_user(pool, "other")

    services = await accounts.services(pool, VAULT, other, given)

    assert not services.abs_url
    assert not any(services.configured()[name] for name in ("audiobookshelf", "prowlarr", "mam"))
    assert services.google_books_url == given.google_books_url
    assert "env" not in str([v.get_secret_value() for v in (services.abs_token, services.mam_id)])


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"colour": "red"}, "no service has"),
        ({"library_paths": "/a=/etc"}, "only an administrator"),
        ({"goodreads_url": "http://10.0.0.1"}, "only an administrator"),
        ({"abs_url": "http://169.254.169.254/latest"}, "no service of anybody"),
        ({"abs_url": "http://[fe80::1]/"}, "no service of anybody"),
        ({"abs_url": "ftp://10.0.0.1"}, "like http"),
        ({"abs_url": "http://u:p@10.0.0.1"}, "credentials have own fields"),
        ({"abs_url": "http://10.0.0.1:99999"}, "no address"),
        ({"abs_token": "a\nb"}, "one line"),
    ],
)
async def test_what_a_user_may_not_set_is_refused_without_quoting_it(values, why, pool, user_id):
    with pytest.raises(BadInput, match=why) as refused:
        await accounts.store_credentials(pool, VAULT, user_id, values)

    assert not any(str(value) in str(refused.value) for value in values.values())
    assert await accounts.stored_credentials(pool, user_id) == []


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
async def test_a_name_that_cannot_be_shown_is_refused(name, pool):
    with pytest.raises(BadInput):
        await accounts.add_user(pool, name)


async def test_a_name_is_given_once(pool):
    await accounts.add_user(pool, "reader")

    with pytest.raises(BadInput, match="already"):
        await accounts.add_user(pool, "reader")


async def test_the_last_administrator_stays(pool):
    first = (await accounts.first_start(pool, "UTC")).user_id
    for leave in (accounts.disable_user, accounts.delete_user):
        with pytest.raises(BadInput, match="last administrator"):
            await leave(pool, first)

    second = await accounts.add_user(pool, "second", admin=True)
    await accounts.delete_user(pool, first)

    assert [user["id"] for user in await accounts.list_users(pool)] == [second]


async def test_of_two_administrators_who_leave_at_once_one_stays(pool):
    first = (await accounts.first_start(pool, "UTC")).user_id
    second = await accounts.add_user(pool, "second", admin=True)

    outcomes = await asyncio.gather(
        *(accounts.disable_user(pool, user) for user in (first, second)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["BadInput", "NoneType"]


async def test_a_user_who_is_disabled_leaves_no_run_under_way(pool, user_id):
    owner = await furnished(pool, user_id, "Amber")

    await accounts.disable_user(pool, user_id)

    async with pool.user(user_id) as db:
        assert (await db.row("tasks.overview", id=owner.ids["run"]))["status"] == "cancelled"


async def test_a_user_is_exported_without_secrets_and_deleted_without_a_trace(pool, user_id):
    owner = await furnished(pool, user_id, "Amber")
    other = await furnished(pool, await accounts.add_user(pool, "other"), "Bramble")

    exported = json.dumps(await accounts.export_user(pool, user_id))
    await accounts.delete_user(pool, user_id)

    for table in ("books", "series", "downloads", "metadata_corrections", "failed_attempts"):
        assert f'"{table}"' in exported
    assert exported.count("Amber") >= 15
    for secret in ("Bramble", SECRET, owner.key, '"hash"', '"token"'):
        assert secret not in exported
    async with await psycopg.AsyncConnection.connect(pool.url) as superuser:
        left = {}
        for table in json.loads(exported)["tables"]:
            column = "id" if table == "users" else "user_id"
            cursor = await superuser.execute(
                sql.SQL("SELECT count(*) FROM {} WHERE {} = %s").format(
                    sql.Identifier(table), sql.Identifier(column)
                ),
                [user_id],
            )
            left[table] = (await cursor.fetchone())[0]
        words = await (
            await superuser.execute(
                "SELECT count(*) FROM search_words WHERE user_id = %s", [user_id]
            )
        ).fetchone()
    assert {table: n for table, n in left.items() if n} == {"failed_attempts": 1}
    assert words == (0,)
    assert (await accounts.export_user(pool, other.user_id))["tables"]["books"]


def dump_of(table):
    return sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(table))


async def test_a_dump_of_the_database_holds_no_credential_and_no_key(pool, user_id):
    owner = await furnished(pool, user_id, "Amber")
    known = {
        "abs_token": "tok-31415926535",
        "qbittorrent_password": "pass phrase 271828",
        "prowlarr_key": "0123456789abcdef0123456789abcdef",
    }
    await accounts.store_credentials(pool, VAULT, user_id, known)

    texts = []
    async with await psycopg.AsyncConnection.connect(pool.url) as superuser:
        tables = await (
            await superuser.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace"
            )
        ).fetchall()
        for (table,) in tables:
            async with superuser.cursor().copy(dump_of(table)) as copy:
                texts.append(b"".join([bytes(part) async for part in copy]))
    dump = b"\n".join(texts)

    assert b"Amber" in dump
    for secret in (*known.values(), SECRET, owner.key, owner.key[13:]):
        assert secret.encode() not in dump
        assert secret.encode().hex().encode() not in dump


async def test_a_value_moved_to_another_user_does_not_open(pool, user_id, given):
    owner = await furnished(pool, user_id, "Amber")
    thief = await accounts.add_user(pool, "thief")
    async with await psycopg.AsyncConnection.connect(pool.url) as superuser:
        await superuser.execute(
            "INSERT INTO credentials SELECT %s, service, field, token FROM credentials"
            " WHERE user_id = %s",
            [thief, owner.user_id],
        )

    with pytest.raises(ConfigurationError, match="belongs elsewhere"):
        await accounts.services(pool, VAULT, thief, given)
