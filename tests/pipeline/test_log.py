"""The log is for people or for programs, and holds no secret in either."""

import io
import json
import logging

import pytest
import structlog

from pipeline import log

SECRET = "s3cr3t-0123456789abcdef"


@pytest.fixture
def logged():
    """Set up the log on a buffer; give it back as it was afterwards."""
    root = logging.getLogger()
    before = (root.handlers, root.level, structlog.get_config())
    levels = {name: logging.getLogger(name).level for name in log._QUIET}

    def configure(**settings):
        stream = io.StringIO()
        log.configure(stream=stream, **settings)
        return stream

    yield configure
    root.handlers, root.level = before[0], before[1]
    structlog.configure(**before[2])
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    "text",
    [
        f"GET http://prowlarr/1/download?apikey={SECRET}&link=x",
        f"http://x/?apiKey={SECRET}",
        f"https://www.googleapis.com/books/v1/volumes?q=a&key={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"authorization=Basic {SECRET}",
        f"the header was Bearer {SECRET}",
        f"Cookie: mam_id={SECRET}; uid=1",
        f"mam_id: {SECRET}",
        f'{{"token": "{SECRET}", "name": "x"}}',
        f"{{'password': '{SECRET}'}}",
        f"X-Api-Key: {SECRET}",
        f"https://user:{SECRET}@tracker/x",
        f"https://t.myanonamouse.net/{'a' * 8}{SECRET.replace('-', 'x')}/announce",
        f"https://tracker/announce.php?passkey={SECRET}",
        f"https://tracker/download.php/{'9' * 40}/x.torrent",
        f"access_token={SECRET}",
        f"login with SID={SECRET} failed",
    ],
)
def test_secrets_in_text_are_hidden(text):
    hidden = log.redact(text)

    assert SECRET not in hidden
    assert "9" * 40 not in hidden
    assert SECRET.replace("-", "x") not in hidden
    assert "***" in hidden


@pytest.mark.parametrize(
    "text",
    [
        "The Key to Midnight: not found",
        "keyword=dragons, key: series:12",
        "torrent:0123456789abcdef0123456789abcdef01234567",
        "a secret history, by Donna Tartt",
        "password protected archive refused",
        "42 tokens compared",
        "http://abs:13378/api/items/li_8gch9ve09orgn4fdz8",
    ],
)
def test_what_is_no_secret_stays(text):
    assert log.redact(text) == text


def test_a_line_for_programs_is_json_with_its_context_and_no_secret(logged):
    stream = logged(style="json")

    with structlog.contextvars.bound_contextvars(run=7, workflow="SERIES", stage="x", user=1):
        structlog.get_logger().info(
            "asked", url=f"http://x/?apikey={SECRET}", token=SECRET, headers={"X-Api-Key": SECRET}
        )

    line = json.loads(stream.getvalue())
    assert {line[k] for k in ("event", "level", "workflow", "stage")} == {
        "asked",
        "info",
        "SERIES",
        "x",
    }
    assert (line["run"], line["user"]) == (7, 1)
    assert line["timestamp"].endswith("Z")
    assert SECRET not in stream.getvalue()
    assert line["token"] == "***"


def test_a_line_for_people_names_what_it_is_about(logged):
    stream = logged(style="console")

    structlog.get_logger().warning("no seeds", book="Dune", passkey=SECRET)

    assert "no seeds" in stream.getvalue()
    assert "Dune" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_lines_and_tracebacks_of_libraries_go_the_same_way(logged):
    stream = logged(style="json")

    def stumble():
        raise ValueError(f"token={SECRET}")

    try:
        stumble()
    except ValueError:
        logging.getLogger("some.library").exception("asked http://x/?apikey=%s", SECRET)

    line = json.loads(stream.getvalue())
    assert line["event"] == "asked http://x/?apikey=***"
    assert "ValueError" in line["exception"]
    assert SECRET not in stream.getvalue()


def test_talkative_libraries_are_heard_from_warnings_on(logged):
    stream = logged(level="debug", style="json")

    logging.getLogger("procrastinate.worker").info("started job")
    logging.getLogger("httpx").info("HTTP Request: GET")
    structlog.get_logger().debug("ours")
    logging.getLogger("procrastinate.worker").warning("slow")

    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == ["ours", "slow"]


def test_the_level_is_kept(logged):
    stream = logged(level="warning", style="json")

    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")

    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()
