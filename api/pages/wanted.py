"""Wanted: what is missing, why nothing fits yet, and what the user may do about it."""

from typing import Any, Literal

from api.library import SHORTEST_BEGINNING, bounds, parted, words_of
from api.pages.lists import most_said
from api.pages.serving import back
from api.pages.visit import Action, Done, Listing, Page, Shown, Visit
from pipeline import redownload
from pipeline.errors import BadInput

State = Literal["open", "missing", "coming", "refused", "failed", "unreleased", "ignored"]
STATES: tuple[tuple[State, str], ...] = (
    ("open", "to be had"),
    ("missing", "not looked for yet"),
    ("coming", "on their way"),
    ("refused", "nothing fits"),
    ("failed", "failed"),
    ("unreleased", "not released"),
    ("ignored", "ignored"),
)


class Wanted(Listing):
    """Which wanted books."""

    state: State = "open"


async def listed(visit: Visit) -> Shown:
    """Show the wanted books, each with what speaks against the releases found."""
    query: Wanted = visit.query
    words = words_of(query.q)[1] if query.q else []
    async with visit.db() as db:
        total, rows = parted(
            await db.rows(
                "pages_wanted.wanted",
                state=query.state,
                words=words,
                bounds=bounds(words, SHORTEST_BEGINNING),
                **query.window,
            )
        )
        counts = await db.rows("pages_wanted.counts")
        books = [row["book_id"] for row in rows]
        refusals = await db.rows("pages_wanted.refusals", books=books)
    against = {row["book_id"]: _against(row) for row in refusals}
    for row in rows:
        row["against"] = against.get(row["book_id"])
    return {"total": total, "books": rows, "states": STATES, "counts": _counts(counts)}


def _against(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "releases": row["releases"],
        "fit": row["fit"],
        "said": most_said(row["refusals"]),
    }


def _counts(rows: list[dict[str, Any]]) -> dict[str, int]:
    found = {row["status"]: int(row["books"]) for row in rows}
    coming = found.get("queued", 0) + found.get("downloading", 0)
    shut = ("imported", "ignored", "unreleased")
    return found | {
        "coming": coming,
        "open": sum(count for status, count in found.items() if status not in shut),
    }


async def fetch(visit: Visit) -> Done:
    """Search for a book now, with a clean slate; one that was ignored is wanted again."""
    book_id: int = visit.path["id"]
    run = await redownload.start(visit.desk.pool, visit.user_id, book_id)
    how = "Searching" if run.created else "A search is under way already"
    return Done(back(visit.request, f"/books/{book_id}"), f"{how}: run {run.id}.")


async def search(visit: Visit) -> Done:
    """Look for a book's releases now, and take none."""
    book_id: int = visit.path["id"]
    run = await redownload.search(visit.desk.pool, visit.user_id, book_id)
    how = "Searching; nothing is taken" if run.created else "A search is under way already"
    return Done(f"/books/{book_id}#releases", f"{how}: run {run.id}.")


async def take(visit: Visit) -> Done:
    """Fetch exactly this release for its book, whatever the rules have against it."""
    row = await _release(visit)
    book_id: int = row["book_id"]
    run = await redownload.take(visit.desk.pool, visit.user_id, book_id, row["id"])
    how = "Taken" if run.created else "Taken already"
    return Done(f"/books/{book_id}", f"{how}: {row['title'][:200]}, run {run.id}.")


async def ignore(visit: Visit) -> Done:
    """Never fetch a book for a gap again."""
    book_id: int = visit.path["id"]
    async with visit.db() as db:
        if not await db.do("approvals.ignore_gaps", books=[book_id]):
            raise BadInput("this book is on its way, in the library, or not wanted at all")
    return Done(back(visit.request, f"/books/{book_id}"), "Ignored: it is not fetched any more.")


async def block(visit: Visit) -> Done:
    """Never try a release again for its book."""
    row = await _release(visit)
    async with visit.db() as db:
        await db.do(
            "downloads.block",
            book_id=row["book_id"],
            guid=row["guid"],
            infohash=None,
            title=row["title"],
            reason="blocked by the user",
        )
    return Done(
        back(visit.request, f"/books/{row['book_id']}"), "Blocked: this release is not tried again."
    )


async def _release(visit: Visit) -> dict[str, Any]:
    """Return the release that a form is about, as it was decided upon."""
    async with visit.db() as db:
        row = await db.row("downloads.decision", id=visit.path["id"])
    if row is None:
        raise BadInput("there is no such release any more")
    return row


async def allow(visit: Visit) -> Done:
    """Take a release off the blocklist."""
    async with visit.db() as db:
        if await db.value("views.allow_release", id=visit.path["id"]) is None:
            raise BadInput("this release is not on the blocklist any more")
    return Done(back(visit.request, "/activity/blocklist"), "Allowed: it may be tried again.")


PAGES = (Page("/wanted", listed, "wanted.html", "Wanted", "wanted", Wanted),)
ACTIONS = (
    Action("/books/{id:int}/fetch", fetch),
    Action("/books/{id:int}/search", search),
    Action("/books/{id:int}/ignore", ignore),
    Action("/releases/{id:int}/take", take),
    Action("/releases/{id:int}/block", block),
    Action("/blocklist/{id:int}/allow", allow),
)
