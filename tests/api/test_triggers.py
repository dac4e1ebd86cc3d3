"""Whoever starts something twice gets the run that is under way."""

import asyncio

import pytest

from pipeline.workflows import WORKFLOWS
from tests.support.callers import json_of
from tests.support.chains import value


async def test_ten_calls_at_once_start_one_run(client, pool, owner):
    answers = await asyncio.gather(*(client.post("/api/trigger/rescrape") for _ in range(10)))

    started = [json_of(answer, 202) for answer in answers]
    assert len({run["id"] for run in started}) == 1
    assert sum(run["created"] for run in started) == 1
    assert {answer.headers["location"] for answer in answers} == {f"/api/runs/{started[0]['id']}"}
    assert await value(pool, "SELECT count(*) FROM tasks WHERE task_name = 'METADATA_FULL'") == 1
    assert json_of(await client.get(answers[0].headers["location"]))["workflow"] == "METADATA_FULL"


async def test_each_workflow_that_needs_only_its_name_is_started_by_it(client):
    for name in ("TOP10", "METADATA_FULL", "METADATA_NEW", "SERIES", "RESCAN"):
        assert name in WORKFLOWS
        assert json_of(await client.post(f"/api/trigger/{name}"), 202)["workflow"] == name


async def test_a_workflow_that_needs_a_book_or_does_not_exist_is_not_started_by_name(client):
    for name in ("REDOWNLOAD", "SEARCH", "IMPORTED", "NOTHING", "series"):
        assert (await client.post(f"/api/trigger/{name}")).status_code == 404


async def test_a_book_is_fetched_again_once(client, owner):
    there = f"/api/trigger/redownload?book_id={owner.ids['book']}"

    first, second = json_of(await client.post(there), 202), json_of(await client.post(there), 202)

    assert (first["created"], second["created"]) == (True, False)
    assert first["id"] == second["id"]


async def test_a_book_that_is_there_is_not_fetched_again(client, owner):
    answer = await client.post(f"/api/trigger/redownload?book_id={owner.ids['owned']}")

    assert "holds" in json_of(answer, 409)["detail"]


def take(owner, release=None, book=None):
    """The call that takes a release of a book."""
    return (
        f"/api/trigger/redownload?book_id={book or owner.ids['book']}"
        f"&release_id={release or owner.ids['release']}"
    )


@pytest.fixture
async def allowed(pool, owner):
    """The owner's release may be tried again."""
    async with pool.user(owner.user_id) as db:
        await db.connection.execute("DELETE FROM blocklist")


async def test_a_release_that_a_rule_refused_is_taken_once(client, pool, owner, allowed):
    answers = await asyncio.gather(*(client.post(take(owner)) for _ in range(5)))

    runs = [json_of(answer, 202) for answer in answers]
    assert len({run["id"] for run in runs}) == 1
    assert sum(run["created"] for run in runs) == 1
    event = await value(pool, "SELECT event FROM steps WHERE run_id = %s", runs[0]["id"])
    assert (event["book_id"], event["release_id"]) == (owner.ids["book"], owner.ids["release"])


async def test_a_blocked_release_has_to_be_allowed_first(client, pool, owner):
    refused = json_of(await client.post(take(owner)), 409)
    blocked = json_of(await client.get(f"/api/books/{owner.ids['book']}/decisions"))["records"]
    allow = await client.delete(f"/api/blocklist/{blocked[0]['blockedAs']}")

    assert "blocklist" in refused["detail"]
    assert f"entry {owner.ids['blocked']}" in refused["detail"]
    assert allow.status_code == 204
    assert json_of(await client.post(take(owner)), 202)["created"]


async def test_a_release_is_named_as_the_fault_when_it_is_none_of_the_book(
    client, owner, stranger, allowed
):
    unknown = [
        await client.post(take(owner, release=2**40)),
        await client.post(take(owner, release=stranger.ids["release"])),
    ]
    theirs = await client.post(take(owner, book=stranger.ids["book"]))
    nonsense = await client.post(take(owner, release="abc"))

    for answer in unknown:
        assert [fault["field"] for fault in json_of(answer, 404)["errors"]] == ["release_id"]
    assert json_of(theirs, 404)["detail"] == "there is no such book"
    assert [fault["field"] for fault in json_of(nonsense, 422)["errors"]] == ["release_id"]


async def test_no_other_release_is_taken_while_the_book_is_looked_for(client, pool, owner, allowed):
    run = json_of(await client.post(f"/api/trigger/redownload?book_id={owner.ids['book']}"), 202)

    refused = json_of(await client.post(take(owner)), 409)
    await client.post(f"/api/runs/{run['id']}/cancel")

    assert f"run {run['id']}" in refused["detail"]
    assert json_of(await client.post(take(owner)), 202)["created"]


@pytest.mark.parametrize(("guid", "status"), [("g", 202), ("other", 409)])
async def test_a_release_that_a_run_is_fetching_is_answered_with_that_run(
    client, pool, owner, allowed, guid, status
):
    run = await value(
        pool,
        "WITH d AS (UPDATE downloads SET release_guid = %s WHERE user_id = %s RETURNING id)"
        " INSERT INTO steps (user_id, run_id, stage, kind, key, event, status, due_at)"
        " SELECT %s, %s, 'import_files', 'download_queued', 'k',"
        " jsonb_build_object('download_id', d.id), 'waiting', now() FROM d RETURNING run_id",
        guid,
        owner.user_id,
        owner.user_id,
        owner.ids["run"],
    )

    answer = json_of(await client.post(take(owner)), status)

    found = (answer.get("id"), answer.get("created"))
    assert found == ((run, False) if status == 202 else (None, None))
    assert status == 202 or f"run {run}" in answer["detail"]


async def test_a_search_takes_nothing_and_leaves_the_blocklist_alone(client, pool, owner):
    there = f"/api/trigger/search?book_id={owner.ids['book']}"

    first, second = json_of(await client.post(there), 202), json_of(await client.post(there), 202)
    owned = await client.post(f"/api/trigger/search?book_id={owner.ids['owned']}")

    assert (first["workflow"], first["created"]) == ("SEARCH", True)
    assert (second["id"], second["created"]) == (first["id"], False)
    assert await value(pool, "SELECT count(*) FROM steps WHERE stage = 'search_releases'") == 1
    assert json_of(await client.get("/api/blocklist"))["totalRecords"] == 1
    assert "holds" in json_of(owned, 409)["detail"]


async def test_five_copies_of_one_event_are_one_run(client):
    event = {"event": "item_added", "item": {"id": "li_1", "libraryId": "x", "media": {}}}

    answers = await asyncio.gather(*(client.post("/api/events/abs", json=event) for _ in range(5)))

    runs = [json_of(answer, 202)["runs"] for answer in answers]
    assert len({run["id"] for (run,) in runs}) == 1
    assert sum(run["created"] for (run,) in runs) == 1


async def test_several_items_are_a_run_each(client):
    items = [{"id": f"li_{n}"} for n in (1, 2, 2)]

    found = json_of(
        await client.post("/api/events/abs", json={"event": "items_added", "items": items}), 202
    )

    assert len({run["id"] for run in found["runs"]}) == 2


async def test_a_cancelled_run_ends_and_its_steps_with_it(client, owner):
    there = f"/api/runs/{owner.ids['run']}"
    (step,) = json_of(await client.get(there))["steps"]["records"]
    assert (step["status"], step["reason"]) == ("waiting", "Amber reason")

    ended = json_of(await client.post(f"{there}/cancel"))

    assert ended["status"] == "cancelled"
    assert ended["counts"] == {"compare_library": {"cancelled": 1}}
