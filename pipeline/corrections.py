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
from pipeline.db import StepDatabase
from pipeline.domain import metadata as describing
from pipeline.domain.metadata import Change
from pipeline.domain.models import Field, Metadata
from pipeline.errors import ServiceRefused


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the changes: which took, and which the library did not accept."""

    item: Item
    taken: tuple[Change, ...] = ()
    refused: tuple[Change, ...] = ()
    identifiers: dict[str, str] = field(default_factory=dict)


async def write(
    db: StepDatabase,
    audiobookshelf: Audiobookshelf,
    book: dict[str, Any],
    item: Item,
    changes: Sequence[Change],
    *,
    run_id: int,
    known: Mapping[Field, str] | None = None,
    identifiers: Mapping[str, str] | None = None,
) -> Written:
    """Apply *changes* to a book and record those that took; *book* is its row, *item* fresh.

    *known* says whose each field is, as far as judging the changes found out.
    """
    if changes:
        pending = {"run": run_id, "changes": [change.to_json() for change in changes]}
        await db.at_once("books.intend", id=book["id"], pending=pending)
        item = await _send(audiobookshelf, item, changes)
    if known is not None:
        sources = {f: s for f, s in known.items() if f not in {c.field for c in changes}}
        book["metadata_source"] = {**book["metadata_source"], **sources}
    return await _settle(db, book, item, changes, run_id, dict(identifiers or {}))


async def resume(
    db: StepDatabase, audiobookshelf: Audiobookshelf, book: dict[str, Any], item: Item
) -> Written | None:
    """Settle a write that a crash left between intention and record; None when there is none."""
    pending = book["pending_write"]
    if not pending:
        return None
    changes = [Change.from_json(each) for each in pending["changes"]]
    again = [c for c in changes if describing.value(item.metadata, c.field) == c.old]
    if again:
        item = await _send(audiobookshelf, item, again)
    return await _settle(db, book, item, changes, pending["run"], {})


async def _send(audiobookshelf: Audiobookshelf, item: Item, changes: Sequence[Change]) -> Item:
    """Write to the library; return the item as it shows it afterwards."""
    shown = await audiobookshelf.update({item.id: {c.field: c.new for c in changes}})
    if item.id not in shown:
        raise ServiceRefused(f"audiobookshelf: write {item.metadata.title}: the item is gone")
    return replace(item, metadata=shown[item.id])


async def _settle(
    db: StepDatabase,
    book: dict[str, Any],
    item: Item,
    changes: Sequence[Change],
    run_id: int,
    identifiers: dict[str, str],
) -> Written:
    shown = item.metadata
    taken = [c for c in changes if describing.same(describing.value(shown, c.field), c.new)]
    for change in taken:
        told = change.to_json()
        await db.do(
            "corrections.record",
            book_id=book["id"],
            field=change.field,
            old=json.dumps(told["old"]),
            new=json.dumps(told["new"]),
            source=change.source,
            run_id=run_id,
        )
    fields = describing.to_json(shown)
    sources = {**book["metadata_source"], **{c.field: c.source for c in taken}}
    last_written = {**book["last_written"], **{c.field: fields[c.field] for c in taken}}
    await db.do(
        "books.describe",
        id=book["id"],
        **library.display(shown),
        metadata=fields,
        metadata_source=sources,
        last_written=last_written,
        completeness=describing.completeness(shown),
        identifiers=identifiers,
    )
    book.update(metadata_source=sources, last_written=last_written, pending_write=None)
    refused = [c for c in changes if c not in taken]
    return Written(item, tuple(taken), tuple(refused), identifiers)


async def link(db: StepDatabase, book_id: int, about: Metadata) -> None:
    """Write where a book now stands, in the step's transaction."""
    transaction = await db.transaction()
    await transaction.do("books.unlink", books=[book_id])
    await library.link(transaction, [(book_id, about)])
