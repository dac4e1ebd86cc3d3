"""A crawl is judged by evidence, and what is not proved is unknown."""

import json

import pytest

from pipeline.domain.crawl_verdict import Evidence, State, judge, read_state

GOOD = "INFO - Authentication successful\n"
DONE = GOOD + "INFO - CRAWL COMPLETE\n"
OLD = State(frozenset({"a"}))
MORE = State(frozenset({"a", "b", "c"}))
FAILED = State(frozenset({"a"}), failed=2)


def evidence(log="", after=OLD, **more):
    return Evidence(
        **{"exit_code": 0, "before": OLD, "written": 0, "log": log, "after": after, **more}
    )


@pytest.mark.parametrize(
    ("found", "word", "reason"),
    [
        (evidence(DONE, MORE), "completed", "2 new guides"),
        (
            evidence(DONE, State(MORE.completed, 1)),
            "completed",
            "2 new guides, 1 could not be read",
        ),
        (evidence(DONE), "nothing new", "every guide was known already"),
        (
            evidence(GOOD + "All guides already crawled"),
            "nothing new",
            "every guide was known already",
        ),
        (evidence("Authentication failed"), "failed", "the tracker did not accept the login"),
        (evidence("authentication FAILED"), "failed", "the tracker did not accept the login"),
        (evidence(GOOD + "No guide links found"), "failed", "no links to guides were found"),
        (evidence("Crawl failed: x"), "failed", "the script says that the crawl failed"),
        # a summary at the end proves nothing when nothing came of it
        (
            evidence("Authentication failed\nCRAWL COMPLETE"),
            "failed",
            "the tracker did not accept the login",
        ),
        # a login that worked the second time
        (evidence("Authentication failed\n" + DONE, MORE), "completed", "2 new guides"),
        (evidence(DONE, FAILED), "failed", "2 guides could not be read, and none is new"),
        (evidence(GOOD), "unknown", "its log does not say how it ended"),
        (evidence(""), "unknown", "its log does not say how it ended"),
        (
            evidence(GOOD, MORE),
            "unknown",
            "its log does not say how it ended; 2 new guides are kept",
        ),
        (
            evidence(DONE, MORE, exit_code=3),
            "failed",
            "it crashed with exit code 3; 2 new guides are kept",
        ),
        (evidence(DONE, exit_code=-9), "failed", "it was killed by signal 9"),
        (evidence(DONE, exit_code=None), "failed", "it was stopped"),
        (
            evidence(GOOD, MORE, exit_code=None, limit_hours=6.0),
            "failed",
            "it was stopped because it took longer than 6 hours; 2 new guides are kept",
        ),
    ],
)
def test_a_verdict_follows_the_evidence(found, word, reason):
    verdict = judge(found)

    assert (verdict.word, verdict.reason) == (word, reason)
    assert verdict.good == (word in {"completed", "nothing new"})


def test_without_a_readable_state_the_files_are_counted():
    assert judge(evidence(DONE, None, written=3)).new == 3


def test_a_state_that_was_broken_before_and_is_whole_again_counts_what_it_names():
    assert judge(evidence(DONE, MORE, before=None)).new == 3


def test_the_state_file_is_read_as_the_script_writes_it():
    text = json.dumps(
        {
            "completed": ["a"],
            "failed": [{"url": "b", "title": "B", "error": "e", "timestamp": "t"}] * 2,
            "pending": [],
            "last_run": "2026-11-22T02:00:00",
        }
    )

    assert read_state(text) == State(frozenset({"a"}), 2, "2026-11-22T02:00:00")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"completed": 3}', '{"completed": [], "failed": 1}']
)
def test_a_state_file_of_another_shape_is_none(text):
    assert read_state(text) is None
