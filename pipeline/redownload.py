"""Fetch one book by the rules' choice or by a person's, or only look what there is of it."""

from typing import Any

from pipeline import runs
from pipeline.db import Pool, Transaction
from pipeline.errors import BadInput
from pipeline.events import BookMissing
from pipeline.runs import StartedRun

WORKFLOW = "REDOWNLOAD"
SEARCH = "SEARCH"


class Forgotten(BadInput):
    """A release that nobody looked at for this book, or that was forgotten since."""


async def start(pool: Pool, user_id: int, book_id: int) -> StartedRun:
    """Start REDOWNLOAD for a wanted book, or answer with the run of it that is under way.

    Its blocklist is cleared once, by the request that starts the run; a book that the user ignored
    is wanted again. Raises BadInput for a book that is unknown, or that the library holds: that
    one is to be deleted in Audiobookshelf first.
    """
    async with pool.user(user_id) as db:
        event = await _missing(db, book_id)
        started = await runs.start(db, user_id, WORKFLOW, event=event, subject=str(book_id))
        if started.created:
            await db.do("downloads.unblock", book_id=book_id)
            await db.do("missing.want_again", book_id=book_id)
        return started


async def search(pool: Pool, user_id: int, book_id: int) -> StartedRun:
    """Start SEARCH for a wanted book, which takes nothing, or answer with the one under way."""
    async with pool.user(user_id) as db:
        event = await _missing(db, book_id)
        return await runs.start(db, user_id, SEARCH, event=event, subject=str(book_id))


async def take(pool: Pool, user_id: int, book_id: int, release_id: int) -> StartedRun:
    """Start REDOWNLOAD with exactly this release, whatever the rules have against it.

    *release_id* is the decision about it. The same release taken twice is one run. Its book is
    wanted again; the blocklist stays as it is. Raises Forgotten for a release that nobody looked
    at for the book, and BadInput for one that is blocked, or while another one is being fetched.
    """
    async with pool.user(user_id) as db:
        event = await _missing(db, book_id)
        release = await db.row("downloads.decision", id=release_id)
        if release is None or release["book_id"] != book_id:
            raise Forgotten(f"there is no release {release_id} of this book: search again")
        if run := await _fetching(db, release):
            return run
        event = event.model_copy(update={"release_id": release_id})
        started = await runs.start(db, user_id, WORKFLOW, event=event, subject=str(book_id))
        if started.created:
            await db.do("missing.want_again", book_id=book_id)
        elif not await db.value("downloads.run_takes", run_id=started.id, guid=release["guid"]):
            raise BadInput(
                f"run {started.id} is looking for this book already; wait for its end, or cancel"
                " it, and take this release then"
            )
        return started


async def _missing(db: Transaction, book_id: int) -> BookMissing:
    book = await db.row("books.by_id", id=book_id)
    if book is None:
        raise BadInput(f"there is no book {book_id}")
    if book["abs_id"] is not None and not book["is_missing"]:
        raise BadInput(
            f"the library holds {book['title']!r} already;"
            " delete it in Audiobookshelf to have it fetched again"
        )
    return BookMissing(book_id=book_id, title=book["title"])


async def _fetching(db: Transaction, release: dict[str, Any]) -> StartedRun | None:
    """Return the run that is fetching just this release; raises BadInput when it must not be."""
    of = {"book_id": release["book_id"]}
    if block := await db.row("downloads.block_on", guid=release["guid"], **of):
        raise BadInput(
            f"{release['title']!r} is on the blocklist of this book ({block['reason']});"
            f" allow it there first, as entry {block['id']}"
        )
    download = await db.row("downloads.looked_after", **of)
    if download is None:
        return None
    if download["guid"] == release["guid"]:
        return StartedRun(download["run_id"], created=False)
    raise BadInput(
        f"run {download['run_id']} is fetching {download['title']!r} for this book; cancel that"
        " run, and take this release then"
    )
