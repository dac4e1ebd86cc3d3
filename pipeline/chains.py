"""Which stage takes which event, and what a stage wants: read from signatures, when first asked.

A worker looks at a stage when a step of it comes, so that it starts without loading every client.
What would be found too late that way is found by `check`, which the tests call with all stages.
"""

import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.errors import ConfigurationError
from pipeline.events import Event
from pipeline.reports import Outcome
from pipeline.workflows import Workflow

Stage = Callable[..., Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a stage's signature says: the events it takes, and the tools it wants by name."""

    stage: Stage
    takes: tuple[type[Event], ...]
    wants: tuple[tuple[str, type, bool], ...]  # name, type, whether it may be None

    def tools(self, have: Mapping[type, object], name: str) -> dict[str, object]:
        """Pick what the stage wants; raises ConfigurationError when something is not there."""
        for _, wanted, optional in self.wants:
            if wanted not in have and not optional:
                raise ConfigurationError(f"{name} asks for {wanted.__name__}, which nobody offers")
        return {parameter: have.get(wanted) for parameter, wanted, _ in self.wants}


class Chains:
    """The chains of *workflows*, made of *stages*; a stage is fetched from there when needed."""

    def __init__(self, stages: Mapping[str, Stage], workflows: Mapping[str, Workflow]) -> None:
        self._stages, self._workflows = stages, workflows
        self._wirings: dict[str, Wiring] = {}
        self._routes: dict[tuple[str, type], str | None] = {}

    def wiring(self, stage: str) -> Wiring:
        """Return what a stage takes and wants; raises ConfigurationError when there is none."""
        if stage not in self._wirings:
            if stage not in self._stages:
                raise ConfigurationError(f"there is no stage {stage}")
            self._wirings[stage] = wiring(stage, self._stages[stage])
        return self._wirings[stage]

    def route(self, workflow: str, event: Event) -> str | None:
        """Return the stage of *workflow* that takes *event*, or None when none does."""
        way = workflow, type(event)
        if way not in self._routes:
            self._routes[way] = self._find(*way)
        return self._routes[way]

    def _find(self, workflow: str, event: type[Event]) -> str | None:
        """Look from left to right, so that no stage is loaded which stands behind the one."""
        for kind in event.__mro__:
            for stage in self._workflows[workflow].stages:
                if kind in self.wiring(stage).takes:
                    return stage
        return None

    def check(self) -> None:
        """Raise ConfigurationError when chains and stages do not fit together."""
        for name, workflow in self._workflows.items():
            self._check(name, workflow)

    def _check(self, name: str, workflow: Workflow) -> None:
        routes: dict[type, str] = {}
        for stage in workflow.stages:
            if stage not in self._stages:
                raise ConfigurationError(f"{name} names the stage {stage}, which does not exist")
            for event in self.wiring(stage).takes:
                if event in routes:
                    raise ConfigurationError(
                        f"{name}: {routes[event]} and {stage} both take {event.__name__}"
                    )
                routes[event] = stage
        if routes.get(workflow.starts_with) != workflow.stages[0]:
            raise ConfigurationError(
                f"{name} starts with {workflow.starts_with.__name__},"
                f" which its first stage {workflow.stages[0]} does not take"
            )


def wiring(name: str, stage: Stage) -> Wiring:
    """Read a stage's signature; raises ConfigurationError when it takes no event."""
    hints = typing.get_type_hints(stage)
    hints.pop("return", None)
    takes = tuple(_choices(hints.pop("event", type(None))))
    if not takes or not all(isinstance(t, type) and issubclass(t, Event) for t in takes):
        raise ConfigurationError(
            f"{name} takes no event: its first parameter is `event: SomeEvent`"
        )
    wants = []
    for parameter, hint in hints.items():
        choices = list(_choices(hint))
        kinds = [choice for choice in choices if choice is not type(None)]
        wants.append((parameter, kinds[0], len(kinds) < len(choices)))
    return Wiring(stage, takes, tuple(wants))


def _choices(hint: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type itself."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)
