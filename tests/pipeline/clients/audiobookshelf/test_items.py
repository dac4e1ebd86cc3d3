import json
import re
from collections import Counter
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from pipeline.clients.audiobookshelf import Audiobookshelf, items
from pipeline.clients.audiobookshelf.items import AudioFile
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import BookrunnerError, ServiceRefused, UnexpectedAnswer
from pipeline.limits import LocalLimits
from pipeline.remote import Remote
from pipeline.sandbox.serve import serve
from tests.support.shared import shared

ITEM = {
    "id": "7e248b16",
    "libraryId": "5284a5f0",
    "path": "/audiobooks/Ann Author/Gulls/1 - Kites",
    "relPath": "Ann Author/Gulls/1 - Kites",
    "addedAt": 1795332289242,
    "updatedAt": 1795332289243,
    "isMissing": False,
    "isInvalid": False,
    "mediaType": "book",
    "media": {
        "metadata": {
            "title": "Kites",
            "subtitle": None,
            "authors": [{"id": "a1", "name": "Ann Author"}, {"id": "a2", "name": "Doe, Jane"}],
            "narrators": ["Nan Narrator"],
            "series": [
                {"id": "s1", "name": "Gulls", "sequence": "1-3"},
                {"id": "s2", "name": " Terns ", "sequence": None},
            ],
            "genres": ["Birds"],
            "publishedYear": "2006",
            "publisher": None,
            "description": "<p>Up.</p>",
            "isbn": None,
            "asin": "B002V0QCYU",
            "language": "English",
            "explicit": False,
            "abridged": True,
        },
        "coverPath": None,
        "tags": ["x"],
        "audioFiles": [{"metadata": {"path": "/audiobooks/k.m4b"}, "duration": 5.25}],
        "duration": 5.25,
        "size": 23188,
    },
    "size": 23190,
}


def changed(**media):
    return ITEM | {"media": ITEM["media"] | media}


def test_an_item_is_read_exactly_as_it_is_shown():
    item = items.item(ITEM)

    assert item.metadata == Metadata(
        title="Kites",
        authors=("Ann Author", "Doe, Jane"),
        narrators=("Nan Narrator",),
        series=(SeriesPlace("Gulls", "1-3"), SeriesPlace(" Terns ", None)),
        published_year="2006",
        description="<p>Up.</p>",
        genres=("Birds",),
        language="English",
        asin="B002V0QCYU",
    )
    assert (item.duration_seconds, item.size_bytes, item.tags) == (5.25, 23190, ("x",))
    assert item.audio_files == (AudioFile("/audiobooks/k.m4b", 5.25),)
    assert (item.abridged, item.explicit, item.has_cover) == (True, False, False)
    assert item.added_at == datetime(2026, 11, 22, 7, 24, 49, 242000, UTC)


def test_characters_that_no_database_keeps_are_replaced():
    metadata = ITEM["media"]["metadata"] | {"title": "Ki\x00tes \ud83d"}

    item = items.item(changed(metadata=metadata))

    assert item.metadata.title == "Ki\ufffdtes \ufffd"


def test_the_plain_form_of_an_item_is_read_too():
    plain = json.loads(json.dumps(ITEM))
    del plain["media"]["duration"], plain["size"]
    plain["libraryFiles"] = [{"metadata": {"size": 23188}}, {"metadata": {"size": 2}}]

    assert items.item(plain) == items.item(ITEM)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "OK",
        [],
        {},
        ITEM | {"mediaType": "podcast"},
        ITEM | {"addedAt": "2026-11-22"},
        ITEM | {"addedAt": 10**30},
        changed(audioFiles=None),
        changed(tags="x"),
        changed(duration="5"),
        changed(metadata={}),
        changed(metadata=ITEM["media"]["metadata"] | {"authors": ["Ann Author"]}),
        changed(metadata=ITEM["media"]["metadata"] | {"title": 7}),
    ],
)
def test_an_item_of_another_shape_is_an_error_of_its_own(answer):
    with pytest.raises(UnexpectedAnswer, match="audiobookshelf: read an item"):
        items.item(answer)


def test_a_scan_is_under_way_only_for_its_own_library_and_only_unfinished():
    def task(action, library, *, done):
        return {"action": action, "data": {"libraryId": library}, "isFinished": done}

    quiet = [
        task("watcher-scan", "a", done=False),
        task("library-scan", "b", done=False),
        task("library-scan", "a", done=True),
    ]

    assert items.is_scanning({"tasks": quiet}, "a") is False
    assert items.is_scanning({"tasks": [*quiet, task("library-scan", "a", done=False)]}, "a")
    with pytest.raises(UnexpectedAnswer):
        items.is_scanning({"tasks": None}, "a")


def saved():
    for file in sorted(shared("facts", "audiobookshelf").glob("*.json")):
        answer = json.loads(file.read_text("utf-8"))
        if isinstance(answer, dict) and "response" in answer:
            method, path = answer["request"]["method"], answer["request"].get("url_path", "")
            asked = re.sub(r"(libraries|items)/(?!batch)[^/]+", r"\1/*", path.partition("?")[0])
            yield file.stem, f"{method} {asked}", answer["status"], answer["response"]


# What we ask, who reads the answer, and which of our questions it is.
ASKED = {
    "GET /api/libraries": (items.libraries, lambda ours: ours.libraries()),
    "GET /api/libraries/*/items": (items.page, lambda ours: ours.newest("x")),
    "GET /api/libraries/*/search": (items.found, lambda ours: ours.find("x", "y")),
    "POST /api/libraries/*/scan": (None, lambda ours: ours.scan("x")),
    "POST /api/items/batch/get": (items.batch, lambda ours: ours.details(["x"])),
    "POST /api/items/batch/update": (None, lambda ours: ours._send({"x": {"title": "y"}})),
    "POST /api/items/*/scan": (None, lambda ours: ours.rescan_item("x")),
    "GET /api/items/*": (items.item, None),
    "PATCH /api/items/*/media": (lambda answer: items.item(answer["libraryItem"]), None),
    "GET /api/me": (items.account, lambda ours: ours.me()),
    "GET /api/tasks": (lambda answer: items.is_scanning(answer, "x"), None),
}


def untrimmed(value):
    """Drop the notes that stand where saved lists were cut short."""
    if isinstance(value, list):
        kept = [each for each in value if not str(each).startswith("__trimmed")]
        return [untrimmed(each) for each in kept]
    if isinstance(value, dict):
        return {key: untrimmed(each) for key, each in value.items()}
    return value


def test_every_saved_answer_to_what_we_ask_is_read(figure):
    read, others = Counter(), 0
    for name, asked, status, answer in saved():
        reader, _ = ASKED.get(asked, (None, None))
        if reader is None or status != 200:
            others += 1
            continue
        parsed = reader(untrimmed(answer))
        read[asked] += 1
        if name == "item_expanded":
            assert parsed.metadata.series == (SeriesPlace("Mistborn", "1"),)
            assert parsed.metadata.language == "English"
            assert (parsed.duration_seconds, parsed.size_bytes) == (5.0, 23188)

    figure(
        f"Audiobookshelf: {read.total()} saved answers read {dict(read)};"
        f" {others} refusals or answers to what we never ask"
    )
    assert read.total() >= 50


async def test_every_saved_refusal_of_what_we_ask_is_an_error_of_ours(figure):
    refused = Counter()
    for name, asked, status, answer in saved():
        _, question = ASKED.get(asked, (None, None))
        if question is None or status == 200:
            continue
        with pytest.raises(BookrunnerError) as refusal:
            await answered(question, status, answer)
        refused[type(refusal.value).__name__] += 1
        if status == 401:
            assert isinstance(refusal.value, ServiceRefused), name
        if name == "nonadmin_scan":
            assert "no administrator" in str(refusal.value)

    figure(f"Audiobookshelf: saved refusals: {dict(refused)}")
    assert refused.total() >= 10


async def answered(question, status, answer):
    """Ask *question* of a server that answers just so (and that no scan is under way)."""

    async def replay(request):
        if request.url.path == "/api/tasks":
            return JSONResponse({"tasks": []})
        if isinstance(answer, str):
            return PlainTextResponse(answer, status)
        return JSONResponse(answer, status)

    app = Starlette(routes=[Route("/{path:path}", replay, methods=["GET", "POST"])])
    limits = LocalLimits()
    async with serve(app) as url, Remote("audiobookshelf", url, limits=limits) as remote:
        await question(Audiobookshelf(remote, "token", exclusive=limits.exclusive))


def test_items_in_the_sockets_events_are_read_by_the_same_parser():
    file = shared("facts", "audiobookshelf", "socket_event_samples.json")
    samples = untrimmed(json.loads(file.read_text("utf-8"))["samples"])

    single = [items.item(each) for each in samples["item_added"] + samples["item_updated"]]
    many = [items.item(each) for event in samples["items_added"] for each in event]

    assert len(single) >= 3
    assert len(many) >= 2
