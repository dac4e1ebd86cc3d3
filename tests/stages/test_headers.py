"""A stage's header says what its signature says."""

import inspect
import re

import pytest

from pipeline.outcomes import Stop, Wait
from tests.support import stages


@pytest.mark.parametrize("stage", stages.NAMES)
class TestEveryStage:
    def test_says_what_it_takes(self, stage):
        assert stages.header(stage)["Takes"] == stages.takes(stage).__name__

    def test_says_what_it_passes_on(self, stage):
        said = re.findall(r"\w+", stages.header(stage).get("Passes", ""))

        assert sorted(said) == sorted(event.__name__ for event in stages.passes(stage))

    def test_says_whether_it_waits(self, stage):
        assert ("Waits" in stages.header(stage)) == (Wait in stages.answers(stage))

    def test_says_whether_it_stops(self, stage):
        assert ("Stops" in stages.header(stage)) == (Stop in stages.answers(stage))

    def test_answers_with_nothing_but_events_wait_and_stop(self, stage):
        assert stages.answers(stage) - stages.passes(stage) <= {Wait, Stop, type(None)}

    def test_is_one_coroutine_whose_first_argument_is_the_event(self, stage):
        run = stages.function(stage)

        assert inspect.iscoroutinefunction(run)
        assert next(iter(inspect.signature(run).parameters)) == "event"


def test_a_header_is_read_over_several_lines(monkeypatch):
    written = type("Module", (), {"__doc__": "Do.\n\nTakes   A\nWaits   when x,\n        or y\n"})
    monkeypatch.setattr(stages, "module", lambda _: written)

    assert stages.header("any") == {"Takes": "A", "Waits": "when x, or y"}
