"""Do what the user agreed to: write a doubtful source's fields, or fetch the books proposed.

Takes   ApprovalGiven
Passes  BookDescribed, BookMissing
Stops   when the book is gone, or nothing of the proposal stands any more
"""

from pipeline import approvals, corrections
from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.db import StepDatabase
from pipeline.domain import metadata
from pipeline.domain.provenance import Proposal
from pipeline.events import ApprovalGiven, BookDescribed, BookMissing
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: ApprovalGiven, audiobookshelf: Audiobookshelf, db: StepDatabase, run: Run
) -> list[BookMissing] | BookDescribed | Stop:
    """Look at what was agreed to; a value that changed since the question stays as it is."""
    asked = await db.row("approvals.by_id", id=event.approval_id)
    if asked is None:
        return Stop("the question is gone")
    if asked["kind"] != "metadata":
        return await _fetch(asked["proposal"], db)
    book = await db.row("books.by_id", id=asked["book_id"])
    item = await audiobookshelf.item(asked["abs_id"]) if asked["abs_id"] else None
    if book is None or item is None:
        return Stop("the book is gone from the library")
    if resumed := await corrections.resume(db, audiobookshelf, book, item):
        item = resumed.item
    proposal = Proposal.from_json(asked["proposal"])
    agreed = [c for c in proposal.changes if event.fields is None or c.field in event.fields]
    fresh, stale = metadata.still_valid(item.metadata, agreed)
    for change in stale:
        run.log(f"{book['title']}: {change.field} was changed since the question; it stays")
    written = await corrections.write(db, audiobookshelf, book, item, fresh, run_id=run.run_id)
    for change in (*written.taken, *written.refused):
        did = "from" if change in written.taken else "was not taken by the library, though from"
        run.log(f"{book['title']}: {change.field} {did} {change.source}, as agreed")
    if not written.taken:
        return Stop("nothing of the proposal stands any more")
    return BookDescribed(book_id=book["id"], abs_id=item.id, title=book["title"])


async def _fetch(proposal: dict[str, object], db: StepDatabase) -> list[BookMissing]:
    """Pass the proposed books on to the search; those that arrived meanwhile end there."""
    books = approvals.books_of(proposal)
    for row in await db.rows("books.titles", books=books):
        await db.do("missing.mark", book_id=row["id"], status="queued", reason=None)
    await db.do("approvals.answer_charts", books=books, decision="fetched", reason="as agreed")
    rows = await db.rows("books.titles", books=books)
    return [BookMissing(book_id=row["id"], title=row["title"]) for row in rows]
