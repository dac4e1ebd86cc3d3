"""Whoever starts something twice gets the run that is under way."""

import asyncio

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
    for name in ("REDOWNLOAD", "IMPORTED", "NOTHING", "series"):
        assert (await client.post(f"/api/trigger/{name}")).status_code == 404


async def test_a_book_is_fetched_again_once(client, owner):
    there = f"/api/trigger/redownload?book_id={owner.ids['book']}"

    first, second = json_of(await client.post(there), 202), json_of(await client.post(there), 202)

    assert (first["created"], second["created"]) == (True, False)
    assert first["id"] == second["id"]


async def test_a_book_that_is_there_is_not_fetched_again(client, owner):
    answer = await client.post(f"/api/trigger/redownload?book_id={owner.ids['owned']}")

    assert "holds" in json_of(answer, 409)["detail"]


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
