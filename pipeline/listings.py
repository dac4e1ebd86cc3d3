"""The whole list of a collection, from whichever source keeps such lists."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from pipeline.clients.goodreads import Goodreads
from pipeline.clients.google_books import GoogleBooks
from pipeline.clients.mam import Mam
from pipeline.clients.mam.categories import categories_of
from pipeline.clients.mam.rows import PRIVATE_CATEGORIES
from pipeline.clients.prowlarr import Prowlarr
from pipeline.db import Database
from pipeline.domain.models import Release
from pipeline.domain.sources import AuthorListing, SeriesListing
from pipeline.errors import BookrunnerError, NotConfigured, ServiceRefused
from pipeline.events import CollectionFound

A_WEEK = timedelta(days=7)
# Releases that are looked at for a chart of ten: several may be of one book.
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Ranking:
    """The releases of a genre, the most popular first.

    `ranked_by` is "snatches" (the tracker's own order) or "grabs" (the order among the newest, all
    that Prowlarr can say); `warning` says in words why it is the latter.
    """

    ranked_by: Literal["snatches", "grabs"]
    releases: tuple[Release, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class AuthorListings:
    """What the sources list of an author; `troubles` says in words who could not answer."""

    goodreads: AuthorListing | None = None
    google_books: AuthorListing | None = None
    releases: tuple[Release, ...] = ()
    troubles: tuple[str, ...] = ()


class Listings:
    """The lists that one user's sources keep."""

    def __init__(
        self, goodreads: Goodreads, google_books: GoogleBooks, mam: Mam, prowlarr: Prowlarr
    ) -> None:
        self.goodreads, self.google_books = goodreads, google_books
        self.mam, self.prowlarr = mam, prowlarr

    async def of(self, event: CollectionFound, db: Database) -> SeriesListing | None:
        """Return the list of a series, or None when no source keeps one.

        Raises Transient and NotNow when the source cannot answer now: that is never "no list".
        """
        row = await db.row("series.by_id", id=event.id)
        if row is None:
            return None
        try:
            if row["goodreads_id"]:
                return await self.goodreads.series(row["goodreads_id"])
            books = await db.rows("books.of_series", series_id=event.id)
            titles = [book["title"] for book in books]
            return await self.goodreads.find_series(row["name"], row["author"], titles)
        except NotConfigured:
            return None

    async def author(self, event: CollectionFound, db: Database) -> AuthorListings | None:
        """Return what each source lists of an author; None for an author who is gone.

        Goodreads is the catalogue: raises Transient and NotNow when it cannot answer now. The
        others only add to it, and an error of theirs is a trouble in words.
        """
        row = await db.row("authors.by_id", id=event.id)
        if row is None:
            return None
        found = AuthorListings()
        try:
            found = replace(found, goodreads=await self._at_goodreads(row, db))
        except NotConfigured as error:
            found = replace(found, troubles=(str(error),))
        try:
            found = replace(found, google_books=await self.google_books.by_author(row["name"]))
        except BookrunnerError as error:
            found = replace(found, troubles=(*found.troubles, str(error)))
        try:
            found = replace(found, releases=await self.mam.search(row["name"]))
        except NotConfigured:
            return found  # the user has no session there, and knows it
        except BookrunnerError as error:
            found = replace(found, troubles=(*found.troubles, str(error)))
        return found

    async def chart(self, genre: str, today: date) -> Ranking:
        """Return the audiobooks of a genre that were added in the past week, most popular first.

        Raises BadInput for a genre that is none, and what Prowlarr raises when the user has no
        session at MyAnonamouse that is accepted.
        """
        since = today - A_WEEK
        categories = categories_of(genre)
        try:
            found = await self.mam.top(categories, since, today + timedelta(days=1), LOOKED_AT)
            return Ranking("snatches", found)
        except (NotConfigured, ServiceRefused) as error:
            reason = f"ranked by grabs among the newest that Prowlarr lists, because {error}"
        own = [PRIVATE_CATEGORIES + number for number in categories]
        newest = (await self.prowlarr.newest(own)).releases
        of_week = [r for r in newest if (r.published_at or "9999")[:10] >= since.isoformat()]
        of_week.sort(key=lambda release: -(release.grabs or 0))
        return Ranking("grabs", tuple(of_week[:LOOKED_AT]), reason)

    async def _at_goodreads(self, row: dict[str, object], db: Database) -> AuthorListing | None:
        ids = row["external_ids"]
        known = ids.get("goodreads") if isinstance(ids, dict) else None
        if not known:
            books = await db.rows("authors.best_known", author_id=row["id"])
            titles = [str(book["title"]) for book in books]
            known = await self.goodreads.find_author(str(row["name"]), titles)
        return await self.goodreads.author(str(known)) if known else None
