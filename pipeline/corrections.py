"""Write corrections to the library so that no crash doubles, loses or misreads one.

Three steps. The intention is committed first (`books.pending_write`); then Audiobookshelf is
written and read back; then the correction is recorded in the step's own transaction. A step that
is run again after a crash finds the intention and settles it by what the library now shows: the new
value (our write took: record it), the old value (it did not: write again), or anything else (the
user was there meanwhile: theirs stays). Without the intention our own write would look like the
user's edit.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline import library
from pipeline.clients.audiobookshelf import Audiobookshelf, Item
from pipeline.db import Database, StepDatabase
from pipeline.domain import metadata as fields_of
from pipeline.domain.metadata import Change
from pipeline.domain.models import Field, Metadata
from pipeline.domain.provenance import MANUAL
from pipeline.domain.rollback import Undo
from pipeline.errors import ServiceRefused


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the changes: which took, and which the library did not accept."""

    item: Item
    taken: tuple[Change, ...] = ()
    refused: tuple[Change, ...] = ()


async def write(  # noqa: PLR0913  # what is written, and what is learnt with it
    db: StepDatabase,
    audiobookshelf: Audiobookshelf,
    book: dict[str, Any],
    item: Item,
    changes: Sequence[Change],
    *,
    run_id: int,
    known: Mapping[Field, str] | None = None,
    identifiers: Mapping[str, str] | None = None,
    undos: Sequence[Undo] = (),
) -> Written:
    """Apply *changes* to a book and record those that took; *book* is its row, *item* fresh.

    *known* says whose each field is, as far as judging the changes found out. *undos* are the
    corrections that *changes* take back; each is recorded in their place, and marked as undone.
    """
    if changes or undos:
        pending = {
            "run": run_id,
            "changes": [change.to_json() for change in changes],
            "undos": [[undo.correction_id, undo.change.to_json()] for undo in undos],
        }
        await db.at_once("books.intend", id=book["id"], pending=pending)
    if changes:
        item = await _send(audiobookshelf, item, changes)
    settled = _Settled(changes, undos, run_id, dict(known or {}), dict(identifiers or {}))
    return await _settle(db, book, item, settled)


async def resume(
    db: StepDatabase, audiobookshelf: Audiobookshelf, book: dict[str, Any], item: Item
) -> Written | None:
    """Settle a write that a crash left between intention and record; None when there is none."""
    pending = book["pending_write"]
    if not pending:
        return None
    changes = [Change.from_json(each) for each in pending["changes"]]
    again = [c for c in changes if fields_of.value(item.metadata, c.field) == c.old]
    if again:
        item = await _send(audiobookshelf, item, again)
    undos = [Undo(number, Change.from_json(each)) for number, each in pending.get("undos", ())]
    # At once, not with the step: the step may go on to intend another write of the same book.
    async with db.apart() as apart:
        return await _settle(apart, book, item, _Settled(changes, undos, pending["run"]))


async def _send(audiobookshelf: Audiobookshelf, item: Item, changes: Sequence[Change]) -> Item:
    """Write to the library; return the item as it shows it afterwards."""
    shown = await audiobookshelf.update({item.id: {c.field: c.new for c in changes}})
    if item.id not in shown:
        raise ServiceRefused(f"audiobookshelf: write {item.metadata.title}: the item is gone")
    return replace(item, metadata=shown[item.id])


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was sent to the library, and what else is learnt with it."""

    changes: Sequence[Change]
    undos: Sequence[Undo]
    run_id: int
    known: dict[Field, str] = field(default_factory=dict)
    identifiers: dict[str, str] = field(default_factory=dict)


async def _settle(db: Database, book: dict[str, Any], item: Item, settled: _Settled) -> Written:
    """Record what took; only what changed is written, since others may describe the book too."""
    shown, changes = item.metadata, settled.changes
    fields = fields_of.to_json(shown)
    taken = [c for c in changes if fields_of.same(fields_of.value(shown, c.field), c.new)]
    refused = [c for c in changes if c not in taken]
    undone = [u for u in settled.undos if u.change.field not in {c.field for c in refused}]
    for undo in undone:
        await _record(db, book["id"], undo.change, settled.run_id, undo.correction_id)
    for change in taken:
        if change.field not in {undo.change.field for undo in undone}:
            await _record(db, book["id"], change, settled.run_id, None)
    theirs = {c.field: c.source for c in (*taken, *(undo.change for undo in undone))}
    sure = {f: s for f, s in settled.known.items() if s == MANUAL} | theirs
    fields = fields_of.to_json(shown)
    rows = await db.rows(
        "books.describe",
        id=book["id"],
        **library.display(shown),
        metadata=fields,
        known={f: s for f, s in settled.known.items() if f not in theirs},
        sure=sure,
        last_written={name: fields[name] for name in theirs},
        completeness=fields_of.completeness(shown),
        identifiers=settled.identifiers,
    )
    book.update(*rows)
    return Written(item, tuple(taken), tuple(refused))


async def _record(
    db: Database, book_id: int, change: Change, run_id: int, undoes: int | None
) -> None:
    told = change.to_json()
    await db.do(
        f"corrections.{'record' if undoes is None else 'undo'}",
        book_id=book_id,
        field=change.field,
        old=json.dumps(told["old"]),
        new=json.dumps(told["new"]),
        source=change.source,
        run_id=run_id,
        **({} if undoes is None else {"undoes": undoes}),
    )


async def link(db: StepDatabase, book_id: int, about: Metadata) -> None:
    """Write where a book now stands, in the step's transaction."""
    transaction = await db.transaction()
    await transaction.do("books.unlink", books=[book_id])
    await library.link(transaction, [(book_id, about)])
