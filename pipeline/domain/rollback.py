"""Undo corrections: only where our value still stands; what it replaced comes back exactly.

A rollback is itself a correction, by hand: the field is the user's from then on, so that the next
run does not write the same value again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.domain.metadata import Change, Value, changed, same, value
from pipeline.domain.models import Field, Metadata
from pipeline.domain.provenance import MANUAL, untouched


@dataclass(frozen=True, slots=True)
class Correction:
    """A row of `metadata_corrections`: `id` grows with time; `undone` when it was rolled back."""

    id: int
    field: Field
    old: Value
    new: Value
    source: str
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """A correction to make that takes `correction_id` back."""

    correction_id: int
    change: Change


@dataclass(frozen=True, slots=True)
class Refusal:
    """A correction that is not taken back, and why, in words for the user."""

    correction_id: int
    field: Field
    reason: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """What to write, in this order, and what stays as it is.

    `restored` is the book afterwards; `changes` sums up the undos to one change per field, for
    the library; each undo is recorded as a correction of its own.
    """

    undos: tuple[Undo, ...]
    refused: tuple[Refusal, ...]
    restored: Metadata
    changes: tuple[Change, ...] = field(default=())


def rollback(
    current: Metadata, last_written: Mapping[Field, Value], corrections: Iterable[Correction]
) -> Rollback:
    """Take *corrections* of one book back, the newest first.

    Give one correction for a field, all of a book for the book, those of a run for the run. One is
    refused when the user edited the field since we last wrote it, or another correction followed
    that is not taken back with it.
    """
    undos: list[Undo] = []
    refused: list[Refusal] = []
    state = current
    edited = {f for f, written in last_written.items() if not untouched(value(current, f), written)}
    for each in sorted(corrections, key=lambda c: c.id, reverse=True):
        now = value(state, each.field)
        reason = _obstacle(each, now, edited)
        if reason:
            refused.append(Refusal(each.id, each.field, reason))
            continue
        change = Change(each.field, now, each.old, MANUAL)
        undos.append(Undo(each.id, change))
        state = changed(state, [change])
    return Rollback(tuple(undos), tuple(refused), state, _summed(current, state, undos))


def _obstacle(correction: Correction, now: Value, edited: Iterable[Field]) -> str | None:
    name = correction.field.replace("_", " ")
    if correction.undone:
        return "it was rolled back already"
    if correction.field in edited:
        return f"the {name} was edited in the library since"
    if not same(now, correction.new):
        return f"the {name} was changed again since"
    return None


def _summed(current: Metadata, state: Metadata, undos: Iterable[Undo]) -> tuple[Change, ...]:
    fields = dict.fromkeys(undo.change.field for undo in undos)
    return tuple(
        Change(name, value(current, name), value(state, name), MANUAL)
        for name in fields
        if value(current, name) != value(state, name)
    )
