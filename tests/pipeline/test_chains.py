"""Chains are read from the signatures of their stages, as late as can be."""

import pytest

from pipeline.chains import Chains
from pipeline.errors import ConfigurationError
from pipeline.runs import Run
from pipeline.wiring import Stages
from pipeline.workflows import WORKFLOWS
from tests.support.chains import Link, One, Three, Two, workflow


async def first_stage(event: One) -> None: ...


async def no_event(run: Run) -> None: ...


async def second_stage(event: Two) -> None: ...


class Shelf(dict):
    """Stages that remember which of them were taken."""

    def __init__(self, **stages):
        super().__init__(stages)
        self.taken = []

    def __getitem__(self, name):
        self.taken.append(name)
        return super().__getitem__(name)


@pytest.mark.parametrize(
    ("stages", "flow", "complaint"),
    [
        ({}, workflow("first"), "CHAIN names the stage first, which does not exist"),
        ({"first": no_event}, workflow("first"), "first takes no event"),
        (
            {"first": first_stage, "twin": first_stage},
            workflow("first", "twin"),
            "first and twin both take One",
        ),
        (
            {"second": second_stage},
            workflow("second"),
            "which its first stage second does not take",
        ),
    ],
)
def test_chains_that_do_not_fit_are_refused(stages, flow, complaint):
    with pytest.raises(ConfigurationError, match=complaint):
        Chains(stages, flow).check()


def test_all_chains_of_the_program_fit_together():
    Chains(Stages(), WORKFLOWS).check()


def test_no_stage_is_loaded_that_stands_behind_the_one_that_is_looked_for():
    stages = Shelf(first=first_stage, second=second_stage, third=no_event)
    chains = Chains(stages, workflow("first", "second", "third"))
    loaded_at_the_start = list(stages.taken)

    assert chains.route("CHAIN", Two()) == "second"
    assert chains.route("CHAIN", One()) == "first"
    assert (loaded_at_the_start, stages.taken) == ([], ["first", "second"])


def test_an_event_that_no_stage_takes_ends_there():
    stages = {"first": first_stage, "second": second_stage}

    assert Chains(stages, workflow("first", "second")).route("CHAIN", Three()) is None


def test_a_stage_that_takes_the_base_of_an_event_takes_the_event():
    async def any_link(event: Link) -> None: ...

    stages = {"any": any_link, "second": second_stage}
    chains = Chains(stages, workflow("any", "second"))

    assert chains.route("CHAIN", Two()) == "second"
    assert chains.route("CHAIN", Three()) == "any"
