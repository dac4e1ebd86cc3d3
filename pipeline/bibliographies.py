"""What the library lacks of an author, within caps: never a runaway catalogue.

What a user wants of authors stands in their settings, `authors`; `Policy` has the defaults. More
missing books of one author than `ask_above` are a question to the user, and nothing is fetched
before they answer it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline import charts, wanted
from pipeline.clock import Clock
from pipeline.db import Database, StepDatabase
from pipeline.domain import bibliography
from pipeline.domain.bibliography import GOODREADS, GOOGLE_BOOKS, MAM, Compared, Scope
from pipeline.domain.models import Preferences
from pipeline.events import BookMissing, CollectionFound
from pipeline.listings import AuthorListings, Listings
from pipeline.outcomes import Stop
from pipeline.runs import Run


class Policy(BaseModel):
    """How much of authors is wanted: `scope` series (only series of which a book is owned) or all.

    A run compares `authors_per_run` authors, the longest unchecked first, and fetches at most
    `books_per_author` of each and `books_per_run` together; the next run goes on from there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: Scope = "series"
    authors_per_run: int = Field(50, ge=1, le=1000)
    books_per_author: int = Field(10, ge=1, le=100)
    books_per_run: int = Field(50, ge=1, le=500)
    ask_above: int = Field(5, ge=0, le=100)


async def policy(db: Database, run: Run) -> Policy:
    """Return what the user set; what cannot be read counts as not set, with a warning."""
    row = await db.row("authors.wishes")
    told = row["authors"] if row else None
    try:
        return Policy.model_validate(told or {})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        run.log(f"settings of authors are not read: {wrong}", level="warning")
        return Policy.model_validate({})


async def compare(  # noqa: PLR0913, PLR0917  # what its stage was given
    event: CollectionFound,
    listings: Listings,
    db: StepDatabase,
    preferences: Preferences,
    clock: Clock,
    run: Run,
) -> list[BookMissing] | Stop:
    """Join what the sources list of an author, compare, keep it; pass on the gaps to be filled."""
    lists = await listings.author(event, db)
    if lists is None:
        return Stop("the author is gone")
    for trouble in lists.troubles:
        run.log(f"{event.name}: {trouble}", level="warning")
    listed = bibliography.join(event.name, _by_source(lists))
    if not listed:
        return Stop(f"no source lists {event.name}")
    wishes = await policy(db, run)
    owned = [wanted.owned(row) for row in await db.rows("authors.books", author_id=event.id)]
    today = clock.now().date()
    compared = bibliography.compare(listed, owned, preferences, today=today, scope=wishes.scope)
    gaps = await _record(event, lists, compared, db)
    said = f"{event.name}: {len(compared)} works found, {len(gaps)} missing"
    run.log(said)
    if len(gaps) > wishes.ask_above:
        await _ask(event, gaps, db, run)
        return Stop(f"{said}; that many are fetched only when you agree")
    return await _within_caps(gaps, wishes, db, run) or Stop(said)


def _by_source(lists: AuthorListings) -> list[tuple[str, Sequence[Any]]]:
    at_goodreads, at_google = lists.goodreads, lists.google_books
    return [
        (GOODREADS, at_goodreads.works if at_goodreads else ()),
        (GOOGLE_BOOKS, at_google.works if at_google else ()),
        (MAM, [charts.work_of(release) for release in lists.releases]),
    ]


async def _record(
    event: CollectionFound, lists: AuthorListings, compared: Sequence[Compared], db: StepDatabase
) -> list[BookMissing]:
    """Keep the comparison work by work; return the gaps that the user has not ignored."""
    gaps, books, rows = [], [], []
    for place, each in enumerate(compared):
        entry = each.entry
        book_id = entry.book_id
        if entry.status in {"missing", "unreleased"}:
            book_id = await wanted.put(db, entry.work)
            books.append(book_id)
            if await _gap(event, each, book_id, db) == "missing":
                gaps.append(BookMissing(book_id=book_id, title=entry.work.title))
        rows.append(_row(event.id, place, each, book_id))
    await db.do("authors.forget_works", author_id=event.id)
    await db.many("authors.put_work", rows)
    await db.do("authors.close_others", author_id=event.id, books=books)
    cut = lists.goodreads is not None and not lists.goodreads.complete
    await db.do(
        "authors.compared",
        id=event.id,
        external_ids=_external_ids(event.name, lists),
        total=len(compared),
        owned=sum(each.entry.status in {"owned", "covered"} for each in compared),
        missing=sum(each.entry.status == "missing" for each in compared),
        warning="only the most popular works were read" if cut else None,
    )
    return gaps


async def _gap(event: CollectionFound, compared: Compared, book_id: int, db: StepDatabase) -> str:
    """Write a gap; return how far the book is: `missing` when it is to be filled now."""
    entry = compared.entry
    status: str = await db.value(
        "missing.put",
        book_id=book_id,
        series_id=None,
        author_id=event.id,
        title=entry.work.title,
        reason_missing="author_gap",
        status=entry.status,
        position=entry.position or None,
        released_on=entry.work.published,
        reason=entry.note or None,
    )
    return status


def _row(author_id: int, place: int, compared: Compared, book_id: int | None) -> dict[str, Any]:
    entry = compared.entry
    return {
        "author_id": author_id,
        "place": place,
        "title": entry.work.title,
        "series": compared.series,
        "position": entry.position,
        "status": entry.status,
        "book_id": book_id,
        "note": entry.note,
        "sources": list(compared.sources),
    }


def _external_ids(name: str, lists: AuthorListings) -> Mapping[str, str]:
    """Return under what each source knows the author; Google Books and MAM know names only."""
    ids = {
        "goodreads": lists.goodreads.external_id if lists.goodreads else None,
        "google_books": name if lists.google_books and lists.google_books.works else None,
        "mam": name if lists.releases else None,
    }
    return {source: known for source, known in ids.items() if known}


async def _ask(
    event: CollectionFound, gaps: Sequence[BookMissing], db: StepDatabase, run: Run
) -> None:
    books = [{"book_id": gap.book_id, "title": gap.title} for gap in gaps]
    await db.do(
        "approvals.ask",
        kind="author",
        subject=f"author:{event.id}",
        book_id=None,
        run_id=run.run_id,
        title=f"Fetch {len(gaps)} books by {event.name}?",
        proposal={"author_id": event.id, "books": books},
        reason=f"{len(gaps)} books by {event.name} are missing",
    )


async def _within_caps(
    gaps: Sequence[BookMissing], wishes: Policy, db: StepDatabase, run: Run
) -> list[BookMissing]:
    """Return what fits under the caps; the rest stays listed as missing, and says why."""
    await db.rows("authors.hold_run", run_id=run.run_id)
    passed: int = await db.value("authors.passed_on", run_id=run.run_id)
    room = max(0, min(wishes.books_per_author, wishes.books_per_run - passed))
    for gap in gaps[room:]:
        reason = "beyond what one run fetches; a later run does, or a request for it"
        await db.do("missing.mark", book_id=gap.book_id, status="missing", reason=reason)
    return list(gaps[:room])
