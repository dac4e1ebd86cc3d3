"""What every table of ours keeps to: described, walled between users, the owner's columns there."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, RaiseException
from psycopg.types.json import Jsonb

from tests.conftest import add_user

# The columns that the owner of the product gave, by table; more may stand beside them.
REQUIRED = {
    "books": "id abs_id title author series isbn asin metadata_completeness last_metadata_update"
    " metadata_source date_added date_updated",
    "series": "id name author total_books books_owned books_missing last_completion_check"
    " completion_status goodreads_id",
    "authors": "id name total_audiobooks_found audiobooks_owned audiobooks_missing"
    " last_completion_check external_ids",
    "missing_books": "id book_id series_id author_id title reason_missing identified_date"
    " download_status",
    "downloads": "id book_id source magnet_link status retry_count last_attempt next_retry"
    " abs_import_status",
    "tasks": "id task_name scheduled_time actual_start actual_end status log_output error_message",
    "failed_attempts": "id task_name item_id reason first_attempt last_attempt attempt_count"
    " created_at",
    "metadata_corrections": "id book_id field old_value new_value source correction_date",
}
# Procrastinate describes its own tables elsewhere; `procrastinate_schema` is ours.
OURS = """
    CREATE TEMP VIEW ours AS
    SELECT oid, relname::text AS name, relkind AS kind, relforcerowsecurity AS forced, reloptions,
        relrowsecurity AS walled FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        AND (relname NOT LIKE 'procrastinate\\_%' OR relname = 'procrastinate_schema')
"""
COLUMNS = """
    CREATE TEMP VIEW columns AS
    SELECT ours.name AS relation, kind, attname::text AS name, attrelid, attnum
    FROM ours JOIN pg_attribute ON attrelid = oid WHERE attnum > 0 AND NOT attisdropped
"""


@pytest.fixture(scope="module")
def schema(schema_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(schema_url, autocommit=True) as opened:
        opened.execute(OURS)
        opened.execute(COLUMNS)
        yield opened


def names(schema: psycopg.Connection[Any], query: LiteralString, *values: str) -> list[str]:
    return [row[0] for row in schema.execute(query, values).fetchall()]


def test_every_table_and_view_is_described(schema):
    nameless = "SELECT name FROM ours WHERE obj_description(oid, 'pg_class') IS NULL"

    assert names(schema, nameless) == []


def test_every_column_is_described(schema):
    nameless = """
        SELECT relation || '.' || name FROM columns
        WHERE kind <> 'v' AND col_description(attrelid, attnum) IS NULL
    """

    assert names(schema, nameless) == []


def test_every_table_of_a_user_has_a_wall_around_each_user(schema):
    open_tables = """
        SELECT name FROM ours WHERE kind IN ('r', 'p')
            AND name IN (SELECT relation FROM columns WHERE columns.name = 'user_id')
            AND NOT (walled AND forced AND EXISTS (SELECT FROM pg_policy
                WHERE polrelid = ours.oid AND 'bookrunner_app'::regrole = ANY (polroles)))
    """

    assert names(schema, open_tables) == []
    assert len(names(schema, "SELECT name FROM ours WHERE walled AND forced")) >= 20


def test_every_view_looks_with_the_rights_of_who_asks(schema):
    blind = """
        SELECT name FROM ours WHERE kind = 'v'
            AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
    """

    assert names(schema, blind) == []


@pytest.mark.parametrize("table", REQUIRED)
def test_a_required_table_has_the_columns_that_the_owner_gave(table, schema):
    columns = names(schema, "SELECT name FROM columns WHERE relation = %s", table)

    assert {*REQUIRED[table].split(), "user_id"} <= set(columns)


@pytest.fixture
async def failure(pool, user_id):
    async with pool.user(user_id) as own:
        await own.connection.execute(
            "INSERT INTO failed_attempts (user_id, task_name, item_id, reason)"
            " VALUES (app_user(), 'SERIES', 'book:1', 'nobody seeds it')"
        )


@pytest.mark.parametrize("statement", ["DELETE FROM failed_attempts", "TRUNCATE failed_attempts"])
async def test_the_ledger_of_failures_refuses_to_forget_even_for_the_owner(
    statement, pool, failure
):
    owner = await pool.dedicated()
    async with owner:
        with pytest.raises(RaiseException, match="permanent ledger"):
            await owner.execute(statement)


@pytest.mark.parametrize("role", ["bookrunner_app", "bookrunner_system"])
async def test_neither_role_may_delete_from_the_ledger_of_failures(role, pool, failure):
    connection = await pool.dedicated()
    async with connection:
        await connection.execute("SELECT set_config('role', %s, false)", [role])

        with pytest.raises(InsufficientPrivilege):
            await connection.execute("DELETE FROM failed_attempts")


async def test_the_ledger_of_failures_outlives_its_user(pool, user_id, failure):
    async with pool.system() as system:
        await system.connection.execute("DELETE FROM users WHERE id = %s", [user_id])
        cursor = await system.connection.execute("SELECT count(*) FROM failed_attempts")

        assert await cursor.fetchone() == (1,)


async def furnish(pool, user):
    """Give *user* a row in tables that stand for all kinds."""
    async with pool.user(user) as own:
        execute = own.connection.execute
        row = await (
            await execute(
                "INSERT INTO books (user_id, title) VALUES (app_user(), 'Emma') RETURNING id"
            )
        ).fetchone()
        await execute("INSERT INTO tasks (user_id, task_name) VALUES (app_user(), 'SERIES')")
        await execute(
            "INSERT INTO credentials (user_id, service, field, token)"
            " VALUES (app_user(), 'mam', 'id', '\\x00')"
        )
        await execute(
            "INSERT INTO metadata_corrections (user_id, book_id, field, new_value, source)"
            " VALUES (app_user(), %s, 'title', %s, 'Manual')",
            [row[0], Jsonb("Emma")],
        )
    return row[0]


async def test_a_user_sees_nothing_of_another(schema, pool, user_id):
    other = await add_user(pool, "stranger")
    await furnish(pool, user_id)

    seen = {}
    for table in names(schema, "SELECT name FROM ours WHERE walled AND forced"):
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        async with pool.user(other) as strange:
            seen[table] = (await (await strange.connection.execute(count)).fetchone())[0]

    assert {table: count for table, count in seen.items() if count} == {"users": 1}
    assert len(seen) >= 20


async def test_a_user_writes_nothing_to_another(pool, user_id):
    other = await add_user(pool, "stranger")
    book = await furnish(pool, user_id)

    async with pool.user(other) as strange:
        changed = await strange.connection.execute("UPDATE books SET title = 'Mine' WHERE true")
    assert changed.rowcount == 0
    with pytest.raises(InsufficientPrivilege, match="row-level security"):
        async with pool.user(other) as strange:
            await strange.connection.execute(
                "INSERT INTO books (user_id, title) VALUES (%s, 'Planted')", [user_id]
            )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        async with pool.user(other) as strange:
            await strange.connection.execute(
                "INSERT INTO blocklist (user_id, book_id, guid, title, reason)"
                " VALUES (app_user(), %s, 'g', 't', 'r')",
                [book],
            )


async def test_a_transaction_without_a_user_sees_nobody(pool, user_id):
    await furnish(pool, user_id)
    connection = await pool.dedicated()
    async with connection:
        await connection.execute("SET ROLE bookrunner_app")
        cursor = await connection.execute("SELECT count(*) FROM books")

        assert await cursor.fetchone() == (0,)


async def test_a_user_may_change_preferences_but_not_become_an_administrator(pool, user_id):
    async with pool.user(user_id) as own:
        await own.connection.execute("UPDATE users SET time_zone = 'Europe/Vienna'")

    with pytest.raises(InsufficientPrivilege):
        async with pool.user(user_id) as own:
            await own.connection.execute("UPDATE users SET is_admin = true")


async def test_the_user_of_a_transaction_does_not_outlive_it(pool, user_id):
    await furnish(pool, user_id)
    async with pool.user(user_id) as own:
        assert (await (await own.connection.execute("SELECT app_user()")).fetchone()) == (user_id,)

    async with pool.system() as system:
        cursor = await system.connection.execute("SELECT current_user, app_user()")

        assert await cursor.fetchone() == ("bookrunner_system", None)
