"""What arrived in a download, and whether it is the wanted recording; pure judgement of facts."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

from pipeline.domain.audio_files import AudioFile, Recording, Refused
from pipeline.domain.languages import language_code
from pipeline.domain.models import Preferences, WantedBook
from pipeline.domain.packs import assign
from pipeline.domain.people import SAME, people, same_person

# Narrators differ in speed by a quarter at most, publishers by some minutes of music and credits;
# abridged and dramatised recordings fall below, two readings in one download above.
SHORTEST: Final = 0.75
LONGEST: Final = 1.35
SLACK: Final = 600.0  # seconds, for short books; never more than half of the expected time

_ABRIDGED: Final = re.compile(r"(?i)\babridged\b|\bgekürzt")
_UNABRIDGED: Final = re.compile(r"(?i)\bun-?abridged\b|\bungekürzt")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a recording may go to the library. `reasons` refuse it, `notes` only tell."""

    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unsafe: bool = False

    @property
    def fit(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as it is stored beside the download."""
        return {
            "fit": self.fit,
            "unsafe": self.unsafe,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What is kept of a refused download: words and a place, never a file.

    The data stays with the download client, where it goes on seeding as the tracker's rules ask;
    nothing of it is linked, copied, moved or deleted.
    """

    where: str
    verdict: Verdict
    files: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"where": self.where, "files": list(self.files), **self.verdict.to_json()}


def quarantine(where: str, found: Recording, verdict: Verdict) -> Quarantine:
    """Record a refused download: *where* it lies with the client, and the files at fault."""
    at_fault = [refused.path for refused in found.refused]
    at_fault += [file.path for file in found.files if file.problem]
    return Quarantine(where, verdict, tuple(str(path) for path in at_fault))


def judge(
    found: Recording,
    book: WantedBook,
    preferences: Preferences,
    overruled: Collection[str] = (),
) -> Verdict:
    """Decide whether what arrived is the wanted recording; every reason in words.

    Refused are: programs, links and paths that leave the download (then `unsafe`), no audio,
    unreadable audio, a playing time outside 75 to 135 % of the expected one (10 minutes of slack
    for short books), an abridged recording, another language, and another narrator than the one
    insisted on. What cannot be checked is noted, not refused; so is what a person knew when they
    took the release against these *overruled* rules.
    """
    dangers = [f"{r.path}: {r.reason}" for r in found.refused if r.dangerous]
    reasons = [f"{r.path}: {r.reason}" for r in found.refused if not r.dangerous]
    reasons += [f"{f.path}: {f.problem or 'no duration'}" for f in found.files if not f.seconds]
    notes: list[str] = []
    if not found.files:
        reasons.append("there is no audio in it")
    else:
        for check, known_by in _CHECKS.items():
            refusal, note = check(found, book, preferences)
            (notes if known_by & set(overruled) else reasons).extend([refusal] if refusal else [])
            notes += [note] if note else []
    notes += [f"left behind: {', '.join(map(str, found.left))}"] if found.left else []
    return Verdict((*dangers, *reasons), tuple(notes), unsafe=bool(dangers))


_Check = tuple[str | None, str | None]


def _duration(found: Recording, book: WantedBook, _: Preferences) -> _Check:
    expected, actual = book.duration_seconds, found.seconds
    if not expected:
        return None, "its expected playing time is unknown"
    slack = min(SLACK, expected / 2)
    shortest = expected - max(expected * (1 - SHORTEST), slack)
    longest = expected + max(expected * (LONGEST - 1), slack)
    if shortest <= actual <= longest:
        return None, None
    return f"it plays {_hours(actual)}, but {_hours(expected)} were expected", None


def _abridged(found: Recording, _: WantedBook, preferences: Preferences) -> _Check:
    texts = {text for file in found.files for text in (file.album, file.title)}
    says = any(_ABRIDGED.search(_UNABRIDGED.sub("", text)) for text in texts)
    return ("its tags say that it is abridged" if says and not preferences.abridged else None), None


def _language(found: Recording, book: WantedBook, preferences: Preferences) -> _Check:
    told = {code for file in found.files if (code := language_code(file.language))}
    wanted = {book.language} if book.language else set(preferences.languages)
    if not told:
        return None, "its tags name no language"
    if told & wanted:
        return None, None
    return f"its tags say {', '.join(sorted(told))}, wanted is {', '.join(sorted(wanted))}", None


def _narrator(found: Recording, book: WantedBook, preferences: Preferences) -> _Check:
    wanted = book.narrators or preferences.narrators
    if not (preferences.narrator_required and wanted):
        return None, None
    told = tuple(dict.fromkeys(name for file in found.files for name in file.narrators))
    named = people(wanted)
    named_there = people([*told, *(name for file in found.files for name in file.artists)])
    if any(same_person(one, two) == SAME for one in named for two in named_there):
        return None, None
    if not told:
        return None, f"its tags name no narrator; wanted is {', '.join(wanted)}"
    return f"it is read by {', '.join(told)}, wanted is {', '.join(wanted)}", None


# What each check refuses is known to whoever takes a release that one of these rules refused.
_CHECKS: Final[dict[Callable[[Recording, WantedBook, Preferences], _Check], frozenset[str]]] = {
    _duration: frozenset({"unabridged", "not_dramatised", "whole_book"}),
    _abridged: frozenset({"unabridged"}),
    _language: frozenset({"language_wanted"}),
    _narrator: frozenset({"narrator_insisted_on"}),
}


def _hours(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes else f"{seconds:.0f} s"


__all__ = [
    "AudioFile",
    "Quarantine",
    "Recording",
    "Refused",
    "Verdict",
    "assign",
    "judge",
    "quarantine",
]
