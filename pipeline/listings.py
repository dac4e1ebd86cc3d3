"""The whole list of a collection, from whichever source keeps such lists."""

from pipeline.clients.goodreads import Goodreads
from pipeline.db import Database
from pipeline.domain.sources import SeriesListing
from pipeline.errors import NotConfigured
from pipeline.events import CollectionFound


class Listings:
    """The lists that one user's sources keep."""

    def __init__(self, goodreads: Goodreads) -> None:
        self.goodreads = goodreads

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
