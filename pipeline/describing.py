"""What describing a book reads from and writes to our tables."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline import corrections
from pipeline.clients.audiobookshelf import Item
from pipeline.corrections import Written
from pipeline.db import StepDatabase
from pipeline.domain import metadata as fields_of
from pipeline.domain.languages import language_code
from pipeline.domain.metadata import FIELDS, Value, is_empty, value
from pipeline.domain.models import Field, Metadata, Preferences
from pipeline.domain.provenance import MANUAL, NEVER_FROM, Merge, merge, owner
from pipeline.domain.sources import BookQuery
from pipeline.errors import NotNow
from pipeline.events import AnswerOwed
from pipeline.library import Library
from pipeline.runs import Run
from pipeline.sources import Asked

# Many books rightly have neither; lacking only these, a book is not worth another source's time.
RARE: frozenset[Field] = frozenset({"subtitle", "series", "asin"})


async def row_of(db: StepDatabase, library: Library, item: Item) -> dict[str, Any]:
    """Return the book's row, brought up to date with *item* first."""
    books = await library.keep(db, [item])
    row = await db.row("books.by_id", id=books[item.id])
    assert row is not None  # noqa: S101  # it was written a moment ago
    return row


def query(
    book: Mapping[str, Any], about: Metadata, wanted: frozenset[Field] | None = None
) -> BookQuery:
    """Return what the sources are asked for; *wanted* saves requests for anything else."""
    return BookQuery(
        title=about.title or book["title"],
        authors=about.authors,
        series=about.series,
        isbn=about.isbn,
        asin=about.asin,
        language=language_code(about.language or ""),
        narrators=about.narrators,
        wanted=wanted,
    )


def lacking(
    book: Mapping[str, Any], about: Metadata, preferences: Preferences
) -> frozenset[Field] | None:
    """Return the fields that are worth asking for; None when every source is to be asked.

    A field that the user emptied is theirs and not lacking.
    """
    if preferences.overwrite:
        return None
    written = last_written(book)
    empty = {f for f in FIELDS if is_empty(value(about, f))}
    free = {f for f in empty if owner(f, about, book["metadata_source"], written) != MANUAL}
    return frozenset(free - RARE)


def last_written(book: Mapping[str, Any]) -> dict[Field, Value]:
    """Return the value that each field showed right after we last wrote it."""
    return fields_of.values_from_json(book["last_written"])


async def apply(  # noqa: PLR0913, PLR0917  # the book as we and as the library know it, and what was said
    db: StepDatabase,
    library: Library,
    book: dict[str, Any],
    item: Item,
    asked: Asked,
    preferences: Preferences,
    run: Run,
) -> tuple[Merge, Written]:
    """Merge what the sources said into the book, write it to the library, write it down."""
    merged = merge(
        item.metadata,
        book["metadata_source"],
        last_written(book),
        asked.answers,
        preferences.overwrite,
    )
    written = await corrections.write(
        db,
        library.audiobookshelf,
        book,
        item,
        merged.changes,
        run_id=run.run_id,
        known=merged.provenance,
        identifiers={k: v for a in asked.answers.values() for k, v in a.identifiers.items()},
    )
    await record(db, run, book, asked, merged, written)
    return merged, written


def owed(
    book: Mapping[str, Any], asked: Asked, merged: Merge, preferences: Preferences, now: datetime
) -> list[AnswerOwed]:
    """Return what sources that could not answer now still owe: what nobody else has filled."""
    missing = frozenset(merged.missing) - RARE
    return [
        AnswerOwed(
            book_id=book["id"],
            abs_id=book["abs_id"],
            title=book["title"],
            source=source,
            since=now,
        )
        for source in asked.later
        if preferences.overwrite or missing - NEVER_FROM.get(source, frozenset())
    ]


async def give_up(db: StepDatabase, run: Run, event: AnswerOwed, error: NotNow) -> str:
    """Write down that a source did not answer for days; return why, in words."""
    reason = f"{event.title}: {event.source} did not answer since {event.since:%Y-%m-%d}: {error}"
    await db.do(
        "failed_attempts.note",
        task_name=run.workflow,
        stage="ask_again",
        item_id=event.key,
        code=error.code,
        reason=reason,
        attempts=1,
    )
    return reason


async def record(  # noqa: PLR0913, PLR0917  # everything that describing a book found out
    db: StepDatabase,
    run: Run,
    book: Mapping[str, Any],
    asked: Asked,
    merged: Merge,
    written: Written,
) -> None:
    """Write down what was learnt, what waits for the user, and which source could not answer."""
    title = book["title"]
    for change in written.taken:
        run.log(f"{title}: {change.field} from {change.source}")
    for change in written.refused:
        run.log(f"{title}: the library did not take {change.field}", level="warning")
    for proposal in merged.proposals:
        await db.do(
            "approvals.ask",
            kind="metadata",
            subject=f"{book['id']}:{proposal.source}",
            book_id=book["id"],
            run_id=run.run_id,
            title=f"{title}: {len(proposal.changes)} fields from {proposal.source}?",
            proposal=proposal.to_json(),
            reason=proposal.reason,
        )
    for source, error in asked.broken.items():
        run.log(f"{title}: {error}", level="warning")
        await db.do(
            "failed_attempts.note",
            task_name=run.workflow,
            stage="fetch_metadata",
            item_id=f"{book['abs_id']}:{source}",
            code=error.code,
            reason=f"{title}: {error}",
            attempts=run.attempt,
        )
    for error in asked.later.values():
        run.log(f"{title}: {error}; asked again another day")
    if not asked.later and not asked.broken:
        await db.do("books.asked", id=book["id"])
