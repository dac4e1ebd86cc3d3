"""Compare a collection's whole list with the library; what is lacking is a gap.

Takes   CollectionFound
Passes  BookMissing
Stops   when nothing is missing, or no source lists the collection
"""

from pipeline import bibliographies, charts, wanted
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.domain import completeness
from pipeline.domain.completeness import Completion
from pipeline.domain.models import Preferences
from pipeline.events import BookMissing, CollectionFound
from pipeline.listings import Listings
from pipeline.outcomes import Stop
from pipeline.runs import Run


async def run(
    event: CollectionFound,
    listings: Listings,
    db: StepDatabase,
    preferences: Preferences,
    clock: Clock,
    run: Run,
) -> list[BookMissing] | Stop:
    """Ask for the list, compare, keep the comparison, name the gaps."""
    if event.collection == "chart":
        return await charts.compare(event, listings, db, preferences, clock, run)
    if event.collection == "author":
        return await bibliographies.compare(event, listings, db, preferences, clock, run)
    listing = await listings.of(event, db)
    if listing is None:
        await db.do("series.unlisted", id=event.id)
        return Stop(f"no source lists {event.name}")
    rows = await db.rows("books.owned_near_series", series_id=event.id)
    owned = [wanted.owned(row) for row in rows]
    compared = completeness.compare(
        listing.works,
        owned,
        preferences,
        today=clock.now().date(),
        series=listing.name,
        printed_count=listing.printed_primary,
    )
    gaps = await _record(event, listing.goodreads_id, compared, db)
    said = f"{event.name}: {compared.owned} of {compared.total} owned, {compared.missing} missing"
    run.log(said)
    if warning := compared.warning or listing.warning:
        run.log(f"{event.name}: {warning}", level="warning")
    return gaps or Stop(said)


async def _record(
    event: CollectionFound,
    goodreads_id: str | None,
    compared: Completion,
    db: StepDatabase,
) -> list[BookMissing]:
    """Keep the comparison entry by entry; return the gaps that are to be filled now."""
    gaps = []
    books = []
    await db.do("series.forget_works", series_id=event.id)
    for place, entry in enumerate(compared.entries):
        book_id = entry.book_id
        if entry.status in {"missing", "unreleased"}:
            book_id = await wanted.put(db, entry.work)
            books.append(book_id)
            status = await db.value(
                "missing.put",
                book_id=book_id,
                series_id=event.id,
                author_id=None,
                title=entry.work.title,
                reason_missing="series_gap",
                status=entry.status,
                position=entry.position,
                released_on=entry.work.published,
                reason=entry.note,
            )
            if entry.status == "missing" and status != "ignored":
                gaps.append(BookMissing(book_id=book_id, title=entry.work.title))
        await db.do(
            "series.put_work",
            series_id=event.id,
            place=place,
            position=entry.position,
            title=entry.work.title,
            kind=entry.kind,
            status=entry.status,
            book_id=book_id,
            note=entry.note,
            goodreads_work=entry.work.goodreads_work,
        )
    await db.do("missing.close_others", series_id=event.id, books=books)
    await db.do(
        "series.compared",
        id=event.id,
        goodreads_id=goodreads_id,
        total=compared.total,
        owned=compared.owned,
        missing=compared.missing,
        status="incomplete" if compared.missing else "complete",
        warning=compared.warning,
    )
    return gaps
