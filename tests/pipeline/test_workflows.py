"""Every chain holds together: what a stage passes on, a stage of the chain takes."""

from datetime import UTC, datetime

import pytest
from cronsim import CronSim

from pipeline.workflows import WORKFLOWS
from tests.support import stages


@pytest.mark.parametrize("name", WORKFLOWS)
class TestEveryWorkflow:
    def test_names_stages_that_exist(self, name):
        assert set(WORKFLOWS[name].stages) <= set(stages.NAMES)

    def test_names_no_stage_twice(self, name):
        chain = WORKFLOWS[name].stages

        assert len(set(chain)) == len(chain)

    def test_begins_with_the_event_that_its_first_stage_takes(self, name):
        assert stages.takes(WORKFLOWS[name].stages[0]) is WORKFLOWS[name].starts_with

    def test_has_one_stage_for_each_event(self, name):
        taken = [stages.takes(stage) for stage in WORKFLOWS[name].stages]

        assert len(set(taken)) == len(taken)

    def test_lets_every_stage_hand_on_to_another_but_the_last(self, name):
        chain = WORKFLOWS[name].stages
        taken = {stages.takes(stage) for stage in chain}

        stuck = [stage for stage in chain[:-1] if not stages.passes(stage) & taken]
        assert stuck == []

    def test_reaches_every_stage_from_the_first(self, name):
        by_event = {stages.takes(stage): stage for stage in WORKFLOWS[name].stages}
        reached, ahead = set(), [WORKFLOWS[name].stages[0]]
        while ahead:
            stage = ahead.pop()
            if stage not in reached:
                reached.add(stage)
                ahead += [by_event[event] for event in stages.passes(stage) if event in by_event]

        assert reached == set(WORKFLOWS[name].stages)

    def test_has_a_time_that_the_clock_can_read(self, name):
        every = WORKFLOWS[name].every

        assert every is None or next(CronSim(every, datetime(2026, 1, 1, tzinfo=UTC)))


def test_every_stage_has_a_place_in_some_workflow():
    placed = {stage for workflow in WORKFLOWS.values() for stage in workflow.stages}

    assert placed == set(stages.NAMES)
