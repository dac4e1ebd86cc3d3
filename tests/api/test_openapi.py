"""The document is valid, says all, and a client made from it performs the calls."""

import asyncio
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from api import openapi, reference
from api.routes import CALLS, offered
from pipeline.accounts import add_key
from pipeline.sandbox.serve import serve
from pipeline.workflows import WORKFLOWS
from tests.support.callers import json_of

DOCUMENT = openapi.document(CALLS, WORKFLOWS)
BIN = Path(sys.executable).parent


def operations():
    return [
        (path, method, operation)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid():
    validate(DOCUMENT)

    assert DOCUMENT["openapi"] == "3.1.0"
    assert len(operations()) == len(CALLS)


def test_each_call_tells_its_refusals_as_problems():
    for path, _, operation in operations():
        refusals = {s: r for s, r in operation["responses"].items() if s.startswith(("4", "5"))}
        assert {"421", "503"} <= set(refusals), path
        for answer in refusals.values():
            assert list(answer["content"]) == ["application/problem+json"], path
        assert ("401" in refusals) == ("security" in operation), path


def test_no_parameter_is_null_and_each_model_is_closed():
    for path, _, operation in operations():
        for parameter in operation["parameters"]:
            assert "null" not in json.dumps(parameter["schema"]), (path, parameter)
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if schema.get("type") == "object" and name != "AbsItem":
            assert schema["additionalProperties"] is False, name


async def test_programs_and_people_read_it_here(client):
    assert json_of(await client.get("/api/openapi.json")) == json.loads(json.dumps(DOCUMENT))
    page = await client.get("/api/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text.replace("http://192", "")
    assert all(call.name in page.text for call in offered())


def test_the_page_shows_hostile_words_as_text():
    hostile = json.loads(json.dumps(DOCUMENT))
    hostile["paths"]["/ping"]["get"]["summary"] = "<script>alert(1)</script>"

    page, policy = reference.page(hostile)

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "unsafe" not in policy


async def fuzz(url: str, key: str, cases: int, phases: str) -> str:
    """Let schemathesis loose with all checks; return what it prints, fail where it finds."""
    process = await asyncio.create_subprocess_exec(
        str(BIN / "schemathesis"), "run", f"{url}/api/openapi.json",
        "--header", f"X-Api-Key: {key}", "--checks", "all", "--phases", phases,
        "--max-examples", str(cases), "--exclude-path", "/api/stream",
        "--generation-database", "none", "--no-color",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed = (await process.communicate())[0].decode()
    assert process.returncode == 0, printed
    return printed


def counted(printed: str) -> str:
    return next(line.strip() for line in printed.splitlines() if "generated" in line)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_fuzzer_finds_nothing(served, pool, stranger, owner, figure):
    async with serve(served) as url:
        printed = await fuzz(url, await add_key(pool, owner.user_id, "fuzz"), 8, "fuzzing")

    figure(f"schemathesis, all checks: {counted(printed)}")


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
async def test_a_fuzzer_finds_nothing_in_thousands_of_cases(served, pool, stranger, owner, figure):
    phases = "examples,coverage,fuzzing,stateful"
    async with serve(served) as url:
        printed = await fuzz(url, await add_key(pool, owner.user_id, "fuzz"), 40, phases)

    figure(f"schemathesis, all checks: {counted(printed)}")
    assert int(counted(printed).split()[0].replace(",", "")) >= 3000


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """A client that openapi-python-client makes from the document."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(DOCUMENT))
    (folder / "config.yml").write_text("package_name_override: made_client\npost_hooks: []\n")
    subprocess.run(  # noqa: S603  # a tool of ours on a file of ours
        [
            str(BIN / "openapi-python-client"), "generate", "--path", "openapi.json",
            "--config", "config.yml", "--meta", "none", "--fail-on-warning",
        ],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    sys.path.insert(0, str(folder))
    yield "made_client"
    sys.path.remove(str(folder))


async def test_a_generated_client_performs_the_nine_calls(generated, served, owner):
    made = importlib.import_module(generated)
    kinds = importlib.import_module(f"{generated}.models")

    def call(tag, name):
        return importlib.import_module(f"{generated}.api.{tag}.{name}").asyncio

    async with (
        serve(served) as url,
        made.AuthenticatedClient(
            base_url=url, token=owner.key, prefix="", auth_header_name="X-Api-Key"
        ) as client,
    ):
        authors = await call("library", "search_authors")(client=client, name="amber")
        series = await call("library", "search_series")(client=client, name="amber")
        missing = await call("library", "list_missing_books")(
            client=client,
            type_=kinds.ListMissingBooksType.SERIES,
            id=owner.ids["series"],
        )
        charts = await call("library", "weekly_top_10")(client=client)
        status = await call("metadata", "metadata_status")(client=client)
        stats = await call("system", "system_stats")(client=client)
        started = [
            await call("triggers", name)(client=client, **how)
            for name, how in (
                ("trigger_rescan", {}),
                ("trigger_rescrape", {}),
                ("trigger_redownload", {"book_id": owner.ids["book"]}),
            )
        ]

    assert authors.records[0].name == "J. R. R. Amber"
    assert series.records[0].owned_books[0].title == "The Amber Owl"
    assert missing.records[0].title == "Amber Wanted"
    assert charts.genres[0].entries[0].rank == 1
    assert status.total_records == 1
    assert stats.library.books_missing == 2
    assert [run.workflow for run in started] == ["RESCAN", "METADATA_FULL", "REDOWNLOAD"]
