"""Two users, every call, each other's ids: nothing passes, even without filters of our own."""

import re

import pytest

from api.routes import offered
from pipeline.queries import QUERIES, Query
from tests.api import test_routes
from tests.api.test_routes import BODIES, STREAMED, address, order
from tests.support.callers import SECRET, calling

OURS = re.compile(
    r"\b(?:\w+\.)?user_id = (?:\(SELECT app_user\(\)\)|app_user\(\)|%\(user_id\)s::bigint)"
)
CALLS = [call for call in offered() if call.name not in STREAMED and call.scope is not None]


async def everything(pool, user_id):
    """Every row of a user, by table, with whatever is in it."""
    async with pool.user(user_id) as db:
        rows = await db.rows("accounts.export")
    # That a key was looked at is noted at the key; a page's own installation facts are nobody's.
    for row in rows:
        row["content"].pop("last_used_at", None)
    return sorted((row["relation"], str(sorted(row["content"].items()))) for row in rows)


async def answers_to(served, stranger, owner):
    """What a stranger gets who names the owner's rows in each call."""
    found = {}
    async with calling(served, stranger.key) as client:
        for call in sorted(CALLS, key=order):
            answer = await client.request(
                call.method, address(call, owner), json=BODIES.get(call.name)
            )
            found[call.name] = (call, answer)
    return found


def names_a_row(call) -> bool:
    """Whether the call names a row of somebody's, by its path or its query."""
    return (
        "{id" in call.path or "{key}" in call.path or "{" in test_routes.QUERIES.get(call.name, "")
    )


async def test_a_row_of_another_user_is_not_there(served, pool, owner, stranger):
    before = await everything(pool, owner.user_id)

    found = await answers_to(served, stranger, owner)

    seen = {name for name, (_, answer) in found.items() if owner.mark in answer.text}
    assert seen == set()
    wrong = {
        name: answer.status_code
        for name, (call, answer) in found.items()
        if names_a_row(call) and answer.status_code != 404
    }
    assert wrong == {}
    assert await everything(pool, owner.user_id) == before
    assert sum(names_a_row(call) for call in CALLS) >= 10


async def test_the_same_calls_show_their_owner_that_there_is_something(served, owner, stranger):
    found = await answers_to(served, owner, owner)

    blank = {
        name
        for name, (call, answer) in found.items()
        if call.method == "GET" and owner.mark not in answer.text
    }
    # These tell of values and times without naming them.
    assert blank == {"listServices", "listSchedules", "metrics"}


@pytest.fixture
def without_filters(monkeypatch):
    """Take every condition on the user out of every query that the API reads with."""
    changed = 0
    for name, query in list(QUERIES.items()):
        if name.split(".")[0] in {"views", "stats"}:
            bare = OURS.sub("true", query.text).replace("is_own_account(name)", "true")
            changed += bare != query.text
            monkeypatch.setitem(QUERIES, name, Query(query.name, query.about, bare, query.writes))
    assert changed >= 30


async def test_the_database_alone_holds_the_walls(without_filters, served, pool, owner, stranger):
    before = await everything(pool, owner.user_id)

    found = await answers_to(served, stranger, owner)

    assert {name for name, (_, answer) in found.items() if owner.mark in answer.text} == set()
    assert all(answer.status_code == 404 for call, answer in found.values() if names_a_row(call))
    assert await everything(pool, owner.user_id) == before


async def test_figures_for_prometheus_count_nobody_elses_rows(served, pool, owner, stranger):
    async with pool.user(owner.user_id) as db:
        await db.connection.execute(
            "INSERT INTO tasks (user_id, task_name, status)"
            " VALUES (app_user(), 'OWNERS', 'completed')"
        )

    async with calling(served, stranger.key) as client:
        strange = (await client.get("/metrics")).text
    async with calling(served, owner.key) as client:
        own = (await client.get("/metrics")).text

    assert "OWNERS" in own
    assert "OWNERS" not in strange
    assert 'bookrunner_library{what="books_owned"} 1.0' in strange


async def test_no_call_answers_a_stored_credential_or_a_key(served, owner):
    found = await answers_to(served, owner, owner)

    for name, (_, answer) in found.items():
        assert SECRET not in answer.text, name
        assert owner.key not in answer.text, name
