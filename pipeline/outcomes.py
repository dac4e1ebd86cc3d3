"""What a stage may answer instead of passing events on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

LONGEST_WAIT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: run this step again after `delay`, or as soon as `topic` is woken.

    A wait always ends: `deadline` counts from the first wait of the step, and a step that is still
    waiting when it has passed fails with the code `deadline_passed`.
    """

    reason: str
    delay: timedelta = timedelta(minutes=5)
    topic: str | None = None
    deadline: timedelta = LONGEST_WAIT


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing is left to do for this event, and that is fine; `reason` is shown to the user."""

    reason: str
    detail: Mapping[str, object] = field(default_factory=dict)
