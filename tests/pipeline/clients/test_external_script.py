"""A script of the user's is asked in JSON, kept within bounds, and judged like any catalogue."""

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from pipeline.clients.external_script import Backed, ExternalScript
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.domain.sources import BookQuery, SourceAnswer
from pipeline.errors import CircuitOpen, NotConfigured, ServiceDown, UnexpectedAnswer

QUERY = BookQuery(title="Emma", authors=("Jane Austen",), isbn="9780141439587")


@dataclass(frozen=True)
class Said:
    score: float
    band: str
    reason: str = "as told"


def judge(work):
    return Said(100.0, "same") if work.title == "Emma" else Said(0.0, "different")


@pytest.fixture
def ask(tmp_path):
    """Ask a script whose body is given."""
    entered = []

    @asynccontextmanager
    async def exclusive(name):
        entered.append(name)
        yield

    async def asked(body, *, seconds=10.0, query=QUERY):
        script = tmp_path / "goodreads_scraper.py"
        script.write_text("import json, os, sys, time\n" + body, encoding="utf-8")
        client = ExternalScript(
            "Goodreads",
            script=script,
            python=sys.executable,
            environment={"PATH": "/usr/bin"},
            seconds=seconds,
            exclusive=exclusive,
        )
        answer = await client.describe(query, judge)
        assert entered == ["script:goodreads_scraper.py"]
        return answer

    return asked


def says(**fields):
    return f"print({json.dumps(json.dumps(fields))})\n"


async def test_the_script_is_asked_for_title_author_isbn_and_asin(ask, tmp_path):
    await ask("open('asked.json', 'w').write(sys.stdin.read()); print('{}')\n")

    asked = json.loads((tmp_path / "asked.json").read_text())
    assert asked == {
        "title": "Emma",
        "author": "Jane Austen",
        "isbn": "9780141439587",
        "asin": None,
    }


async def test_its_fields_become_ours_and_others_are_left_alone(ask):
    answer = await ask(
        says(
            title="Emma",
            authors="Jane Austen",
            narrators=["A", "B"],
            series=[{"name": "Classics", "sequence": 4}, "Novels"],
            published_year=1815,
            description=None,
            rating=4.5,
        )
    )

    assert answer.metadata == Metadata(
        title="Emma",
        authors=("Jane Austen",),
        narrators=("A", "B"),
        series=(SeriesPlace("Classics", "4"), SeriesPlace("Novels")),
        published_year="1815",
    )
    assert answer.band == "same"


async def test_an_empty_object_means_that_nothing_was_found(ask):
    assert await ask("print('{}')\n") is None


async def test_another_book_is_no_answer(ask):
    assert await ask(says(title="Persuasion", description="x")) is None


async def test_an_answer_that_names_no_book_waits_for_a_person(ask):
    answer = await ask(says(description="A novel."))

    assert answer.band == "doubtful"
    assert "does not say which book" in answer.reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("print('not json')\n", "no JSON"),
        ("", "no JSON"),
        ("print('[1]')\n", "no JSON object"),
        (says(title={"a": 1}), "odd field"),
        (says(title=True), "odd field"),
        (says(authors=3), "odd field"),
        (says(series=[{"sequence": "1"}]), "odd field"),
        ("sys.stdout.write('x' * (2 << 20))\n", "more than"),
    ],
)
async def test_an_answer_of_another_shape_is_named_as_such(body, said, ask):
    with pytest.raises(UnexpectedAnswer, match=said):
        await ask(body)


@pytest.mark.parametrize(
    "body", ["sys.exit(3)\n", "import not_there\n", "os.kill(os.getpid(), 9)\n"]
)
async def test_a_script_that_fails_is_tried_again_later(body, ask):
    with pytest.raises(ServiceDown, match="exit code"):
        await ask(body)


async def test_a_script_that_hangs_is_ended_at_its_limit(ask):
    began = time.monotonic()
    with pytest.raises(ServiceDown, match=r"no answer within 0\.3 s"):
        await ask("time.sleep(60)\n", seconds=0.3)

    assert time.monotonic() - began < 5


async def test_the_script_sees_no_variables_of_ours(ask, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKRUNNER_SECRET_KEY", "hidden")
    await ask("open('seen.json', 'w').write(json.dumps(sorted(os.environ))); print('{}')\n")

    seen = set(json.loads((tmp_path / "seen.json").read_text()))
    assert seen - {"LC_CTYPE"} == {"PATH", "PYTHONUTF8"}


async def test_a_cancelled_question_ends_the_script(ask, tmp_path):
    task = asyncio.create_task(ask("open('began', 'w'); time.sleep(3); open('ended', 'w')\n"))
    async with asyncio.timeout(5):
        while not (tmp_path / "began").exists():
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(3)

    assert not (tmp_path / "ended").exists()


class Source:
    """A source that answers so, or raises so, and counts."""

    name = "Goodreads"

    def __init__(self, answer):
        self.answer, self.asked = answer, 0

    async def describe(self, query, judge):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def answer(band, title="Emma"):
    return SourceAnswer(Metadata(title=title), 90.0, band, "r")


SURE, DOUBTFUL, SCRIPTS = answer("same"), answer("doubtful"), answer("same", "Emma by script")
BLOCKED = CircuitOpen("goodreads: left alone", after=timedelta(hours=1))
DOWN = ServiceDown("goodreads: search: 500")


@pytest.mark.parametrize(
    ("catalogue", "script", "expected"),
    [
        (SURE, SCRIPTS, SURE),
        (None, SCRIPTS, SCRIPTS),
        (None, None, None),
        (DOUBTFUL, SCRIPTS, SCRIPTS),
        (DOUBTFUL, None, DOUBTFUL),
        (NotConfigured("off"), SCRIPTS, SCRIPTS),
        (NotConfigured("off"), None, None),
        (BLOCKED, SCRIPTS, SCRIPTS),
        (DOWN, SCRIPTS, SCRIPTS),
        (DOUBTFUL, ServiceDown("script: exit code 1"), DOUBTFUL),
    ],
)
async def test_the_script_fills_in_where_the_catalogue_is_not_sure(catalogue, script, expected):
    behind = Source(script)

    assert await Backed(Source(catalogue), behind).describe(QUERY, judge) is expected
    assert behind.asked == (catalogue is not SURE)


@pytest.mark.parametrize("raised", [BLOCKED, DOWN])
@pytest.mark.parametrize("script", [None, DOUBTFUL, UnexpectedAnswer("script: no JSON")])
async def test_a_catalogue_that_cannot_answer_now_is_asked_again_unless_the_script_is_sure(
    raised, script
):
    with pytest.raises(type(raised)):
        await Backed(Source(raised), Source(script)).describe(QUERY, judge)


async def test_where_the_script_stands_alone_its_failure_is_told():
    with pytest.raises(UnexpectedAnswer):
        await Backed(Source(None), Source(UnexpectedAnswer("script: no JSON"))).describe(
            QUERY, judge
        )
