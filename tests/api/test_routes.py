"""Every line of the table: it answers what it says, under both prefixes, to its scope only."""

from api.routes import CALLS, offered
from pipeline.accounts import add_key
from pipeline.workflows import WORKFLOWS
from tests.support.callers import calling, json_of

NINE = {
    ("GET", "/api/author/search"),
    ("GET", "/api/series/search"),
    ("GET", "/api/books/missing"),
    ("GET", "/api/top10/weekly"),
    ("GET", "/api/metadata/status"),
    ("POST", "/api/trigger/rescan"),
    ("POST", "/api/trigger/rescrape"),
    ("POST", "/api/trigger/redownload"),
    ("GET", "/api/system/stats"),
}
QUERIES = {
    "searchAuthors": "name=amber",
    "searchSeries": "name=amber",
    "searchBooks": "name=owl",
    "listMissingBooks": "type=series&id={series}",
    "triggerRedownload": "book_id={book}&release_id={release}",
    "triggerSearch": "book_id={book}",
}
BODIES = {
    "receiveAbsEvent": {"event": "item_added", "item": {"id": "li_1", "media": {"any": 1}}},
    "createKey": {"name": "phone", "scopes": ["read"]},
    "setServices": {"prowlarrUrl": "http://127.0.0.1:9696", "prowlarrKey": None},
    "answerApproval": {"approve": False},
}


# Which of the owner's ids stands for `{id}`, by what the path holds.
MEANT = {
    "/blocklist": "blocked",
    "/approvals": "approval",
    "/runs/{id:int}/rollback": "ended",
    "/books/{id:int}/rollback": "owned",
    "/books": "book",
}


def address(call, owner, path=None) -> str:
    """Return where a call of the owner's rows goes."""
    meant = next((name for start, name in MEANT.items() if call.path.startswith(start)), "run")
    ids = {**owner.ids, "id": owner.ids[meant], "workflow": "SERIES"}
    query = QUERIES.get(call.name, "").format(**ids)
    return (path or call.paths[0]).replace(":int", "").format(**ids) + (query and f"?{query}")


STREAMED = {"stream"}
ONE_SHOT = [call for call in offered() if call.name not in STREAMED]


def test_the_nine_calls_stand_at_their_paths_and_under_v1():
    found = {(call.method, path) for call in CALLS for path in call.paths}

    assert found >= NINE
    assert found >= {(method, path.replace("/api/", "/api/v1/")) for method, path in NINE}


def test_every_call_is_offered():
    assert offered() == CALLS


def test_a_call_without_its_workflow_is_not_offered():
    without = {name: flow for name, flow in WORKFLOWS.items() if name != "REDOWNLOAD"}

    assert {call.name for call in offered()} - {call.name for call in offered(without)} == {
        "triggerRedownload"
    }


def test_no_two_calls_share_a_name():
    names = [call.name for call in CALLS]

    assert len(set(names)) == len(names)


def order(call) -> int:
    """Reads first; then what takes away before what clears; a run's end last."""
    if "cancel" in call.path:
        return 3
    return ["GET", "DELETE", "PUT", "POST"].index(call.method)


def ask(client, call, owner, more=""):
    """Make a call as its table line says."""
    return client.request(call.method, address(call, owner) + more, json=BODIES.get(call.name))


async def test_each_call_answers_what_it_says(client, owner):
    wrong = {}
    for call in sorted(ONE_SHOT, key=order):
        answer = await ask(client, call, owner)
        if answer.status_code != call.status:
            wrong[call.name] = (answer.status_code, answer.text)
        elif call.answer is not None:
            call.answer.model_validate_json(answer.content)
            assert answer.headers["content-type"] == "application/json", call.name

    assert wrong == {}


async def test_each_call_answers_the_same_under_v1(client, owner):
    wrong = []
    for call in ONE_SHOT:
        if call.method != "GET" or len(call.paths) == 1 or call.name == "systemStats":
            continue  # statistics tell the time
        plain, numbered = [await client.get(address(call, owner, path)) for path in call.paths]
        if json_of(plain) != json_of(numbered):
            wrong.append(call.name)

    assert wrong == []


async def test_each_call_needs_a_key(served, owner):
    wrong = []
    async with calling(served) as nobody:
        for call in offered():
            if call.scope is None:
                continue
            answer = await ask(nobody, call, owner)
            if answer.status_code != 401 or "bearer" not in str(answer.headers).lower():
                wrong.append(call.name)

    assert wrong == []


async def test_each_call_asks_for_its_scope(served, pool, owner):
    less = {"trigger": ["read"], "admin": ["read", "trigger"]}
    keys = {scope: await add_key(pool, owner.user_id, "less", less[scope]) for scope in less}
    wrong, tried = [], 0
    for call in ONE_SHOT:
        if call.scope in keys:
            async with calling(served, keys[call.scope]) as client:
                answer = await ask(client, call, owner)
            tried += 1
            if answer.status_code != 403 or call.scope not in answer.json()["detail"]:
                wrong.append(call.name)

    assert wrong == []
    assert tried >= 10


async def test_each_call_refuses_a_parameter_that_it_does_not_know(client, owner):
    wrong = {}
    for call in ONE_SHOT:
        answer = await ask(
            client, call, owner, "&colour=x" if call.name in QUERIES else "?colour=x"
        )
        if call.scope is None and answer.status_code == 422:
            continue
        faults = answer.json().get("errors") or [{}]
        if answer.status_code != 422 or faults[0].get("field") != "colour":
            wrong[call.name] = answer.text

    assert wrong == {}


async def test_a_method_that_a_path_has_not_is_told_which_it_has(client, owner):
    answer = await client.request("DELETE", f"/api/runs/{owner.ids['run']}/cancel")

    assert json_of(answer, 405)["title"] == "Not this method"
    assert answer.headers["allow"] == "POST"


async def test_a_path_that_is_none_is_not_found(client):
    assert json_of(await client.get("/api/nothing"), 404)["status"] == 404
