"""Try once more to fetch one book, with a clean slate: nothing is blocked for it any more."""

from pipeline import runs
from pipeline.db import Pool
from pipeline.errors import BadInput
from pipeline.events import BookMissing
from pipeline.runs import StartedRun

WORKFLOW = "REDOWNLOAD"


async def start(pool: Pool, user_id: int, book_id: int) -> StartedRun:
    """Start REDOWNLOAD for a wanted book, or answer with the run of it that is under way.

    Its blocklist is cleared once, by the request that starts the run; a book that the user ignored
    is wanted again. Raises BadInput for a book that is unknown, or that the library holds: that
    one is to be deleted in Audiobookshelf first.
    """
    async with pool.user(user_id) as db:
        book = await db.row("books.by_id", id=book_id)
        if book is None:
            raise BadInput(f"there is no book {book_id}")
        if book["abs_id"] is not None and not book["is_missing"]:
            raise BadInput(
                f"the library holds {book['title']!r} already;"
                " delete it in Audiobookshelf to have it fetched again"
            )
        event = BookMissing(book_id=book_id, title=book["title"])
        started = await runs.start(db, user_id, WORKFLOW, event=event, subject=str(book_id))
        if started.created:
            await db.do("downloads.unblock", book_id=book_id)
            await db.do("missing.want_again", book_id=book_id)
        return started
