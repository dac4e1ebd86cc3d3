"""What came of a crawl, judged by evidence: the script's exit code is nearly always 0. Pure.

The evidence is what the script itself leaves behind: the lines that this run added to its log, how
its state file differs from before, and the guides that it wrote.
"""

import json
from dataclasses import dataclass
from typing import Literal

Word = Literal["completed", "nothing new", "failed", "unknown"]

COMPLETE = "crawl complete"
NOTHING_NEW = "all guides already crawled"
# What the script writes when it went wrong, and what that means.
BAD = {
    "authentication failed": "the tracker did not accept the login",
    "no guide links found": "no links to guides were found",
    "crawl failed": "the script says that the crawl failed",
}


@dataclass(frozen=True, slots=True)
class State:
    """The script's state file: URLs that it has read, how many failures it noted."""

    completed: frozenset[str] = frozenset()
    failed: int = 0
    last_run: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run left. `exit_code` is negative for a signal, None when we ended it ourselves.

    `log` is what this run added; a state is None where the file cannot be read; `written` counts
    guides that are new or changed; `limit_hours` is set when the run was ended for taking longer.
    """

    log: str
    exit_code: int | None
    before: State | None
    after: State | None
    written: int
    limit_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it, why we say so, how many guides are new, how many failed."""

    word: Word
    reason: str
    new: int
    failed: int

    @property
    def good(self) -> bool:
        """Whether the evidence says that all is well."""
        return self.word in {"completed", "nothing new"}


def read_state(text: str) -> State | None:
    """Read the state file; None when it is not what the script writes."""
    try:
        told = json.loads(text)
        failed = told.get("failed", [])
        return State(frozenset(map(str, told["completed"])), len(failed), told.get("last_run"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def judge(evidence: Evidence) -> Verdict:
    """Weigh the evidence; what it does not prove is unknown."""
    new, failed = _counts(evidence)
    word, reason = _weigh(evidence, new, failed)
    kept = f"; {new} new guides are kept" if new and word in {"failed", "unknown"} else ""
    return Verdict(word, reason + kept, new, failed)


def _weigh(evidence: Evidence, new: int, failed: int) -> tuple[Word, str]:
    if stopped := _how_it_was_stopped(evidence):
        return "failed", stopped
    log = evidence.log.casefold()
    wrong = [meaning for marker, meaning in BAD.items() if marker in log]
    complete, up_to_date = COMPLETE in log, NOTHING_NEW in log
    if wrong and not (complete and new):
        return "failed", " and ".join(wrong)
    if new and (complete or up_to_date):
        some = f", {failed} could not be read" if failed else ""
        return "completed", f"{new} new guides{some}"
    if complete and failed:
        return "failed", f"{failed} guides could not be read, and none is new"
    if complete or up_to_date:
        return "nothing new", "every guide was known already"
    return "unknown", "its log does not say how it ended"


def _how_it_was_stopped(evidence: Evidence) -> str | None:
    if evidence.limit_hours is not None:
        return f"it was stopped because it took longer than {evidence.limit_hours:g} hours"
    if evidence.exit_code is None:
        return "it was stopped"
    if evidence.exit_code < 0:
        return f"it was killed by signal {-evidence.exit_code}"
    if evidence.exit_code > 0:
        return f"it crashed with exit code {evidence.exit_code}"
    return None


def _counts(evidence: Evidence) -> tuple[int, int]:
    """Return how many guides are new and how many failed; by the files where no state tells."""
    if evidence.after is None:
        return evidence.written, 0
    before = evidence.before or State()
    new = len(evidence.after.completed - before.completed)
    # The same guide may fail again and again, and is noted each time; the list never shrinks.
    return new, max(0, evidence.after.failed - before.failed)
