"""Turn what a stage answered, or how it failed, into what is recorded of its step. Pure."""

import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pipeline.errors import BookrunnerError, NotNow, Transient
from pipeline.events import Event
from pipeline.outcomes import Stop, Wait
from pipeline.redaction import redact
from pipeline.runs import Level

ATTEMPTS = 5
FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=10)
LONGEST_NOT_NOW = timedelta(days=7)
LONGEST_REASON = 2000
LONGEST_TRACEBACK = 8000

Outcome = Event | Sequence[Event] | Stop | Wait | None


@dataclass(frozen=True, slots=True)
class Report:
    """What becomes of a step; durations count from the moment it is recorded."""

    status: str
    outcome: str
    reason: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    delay: timedelta | None = None
    deadline: timedelta | None = None
    topic: str | None = None
    code: str | None = None
    level: Level | None = None

    def fields(
        self, route: Callable[[Event], str | None], lines: Sequence[tuple[str, str]]
    ) -> dict[str, Any]:
        """Return it as `close_step` in the database takes it."""
        routed = ((each, route(each)) for each in self.events)
        return {
            "status": self.status,
            "outcome": self.outcome,
            "reason": self.reason,
            "detail": self.detail,
            "delay": self.delay and self.delay.total_seconds(),
            "deadline": self.deadline and self.deadline.total_seconds(),
            "topic": self.topic,
            "code": self.code,
            "lines": lines,
            "events": [
                {
                    "stage": stage,
                    "kind": each.kind,
                    "key": each.key,
                    "event": each.model_dump(mode="json"),
                }
                for each, stage in routed
                if stage is not None
            ],
        }


def answered(outcome: Outcome) -> Report:
    """Report what a stage answered; raises TypeError for what is no outcome."""
    match outcome:
        case None:
            return Report("done", "nothing to pass on")
        case Stop(reason, detail):
            return Report("stopped", "stop", _text(reason), dict(detail), level="info")
        case Wait():
            return Report(
                "waiting",
                "wait",
                _text(outcome.reason),
                delay=outcome.delay,
                deadline=outcome.deadline,
                topic=outcome.topic,
            )
        case Event():
            return Report("done", "passed on 1", events=(outcome,))
        case Sequence() if all(isinstance(each, Event) for each in outcome):
            return Report("done", f"passed on {len(outcome)}", events=tuple(outcome))
        case _:
            raise TypeError(f"a stage answered {outcome!r}, which is no outcome")


def failed(error: Exception, attempts: int, chance: Callable[[], float] = random.random) -> Report:
    """Report a stage that raised; *attempts* is how often it was tried before this time."""
    if isinstance(error, NotNow):
        return Report(
            "waiting", error.code, _text(error), delay=error.after, deadline=LONGEST_NOT_NOW
        )
    if isinstance(error, Transient) and attempts + 1 < ATTEMPTS:
        delay = max(backoff(attempts, chance), error.retry_after or timedelta())
        return Report("retrying", error.code, _text(error), delay=delay, level="warning")
    if isinstance(error, BookrunnerError):
        detail = _detail(error) if not isinstance(error, Transient) else {}
        return Report("failed", "failed", _text(error), detail, code=error.code, level="error")
    reason = _text(f"{type(error).__name__}: {error}")
    return Report("failed", "failed", reason, _detail(error), code="bug", level="error")


def backoff(attempts: int, chance: Callable[[], float] = random.random) -> timedelta:
    """Return how long to leave a service alone after *attempts* + 1 failures in a row.

    Doubles from 2 seconds to 10 minutes, spread by a fifth either way so that steps which failed
    together do not come back together.
    """
    return min(FIRST_BACKOFF * 2.0**attempts, LONGEST_BACKOFF) * (0.8 + 0.4 * chance())


def _text(message: object) -> str:
    """Return *message* as one line without secrets, fit for a text column."""
    line = " ".join(str(message).replace("\x00", "").split())
    return redact(line)[:LONGEST_REASON]


def _detail(error: Exception) -> dict[str, Any]:
    text = "".join(traceback.format_exception(error)).replace("\x00", "")
    return {"error": type(error).__name__, "traceback": redact(text)[-LONGEST_TRACEBACK:]}
