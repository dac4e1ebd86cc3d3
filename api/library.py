"""Calls about the library: authors, series, books, what is missing, charts, completeness."""

from collections.abc import Iterable, Mapping
from typing import Any

from api import answers, questions
from api.contract import Asked, Paging, Reply, monday
from api.errors import Refused
from pipeline.db import Transaction
from pipeline.domain.folding import ARTICLES, fold

Rows = list[dict[str, Any]]
LONGEST_LIST = 500  # books of one author or series in an answer
MOST_WORDS = 12
_FIRST, _LAST = "\x01", "\U0010ffff"  # behind a word: nothing but it, everything that begins so
SHORTEST_BEGINNING = 2  # letters with which a word of an author or series may begin to be found


async def search_authors(asked: Asked) -> Reply:
    """Find authors by name; each with its books and missing audiobooks."""
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await find(
            db, "views.find_authors", asked.query.name, asked.query.window, SHORTEST_BEGINNING
        )
        ids = [row["id"] for row in rows]
        books = await by_holder(db, "views.books_of_authors", ids)
        missing = await by_holder(db, "views.missing_of_authors", ids)
    records = [
        {
            **row,
            "books": books.get(row["id"], []),
            "missing_audiobooks": missing.get(row["id"], []),
        }
        for row in rows
    ]
    return Reply(page(answers.AuthorPage, asked.query, total, records))


async def search_series(asked: Asked) -> Reply:
    """Find series by name or author; each with the books owned and missing."""
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await find(
            db, "views.find_series", asked.query.name, asked.query.window, SHORTEST_BEGINNING
        )
        ids = [row["id"] for row in rows]
        books = await by_holder(db, "views.books_of_series", ids)
        missing = await by_holder(db, "views.missing_of_series", ids)
    records = [
        {
            **row,
            "owned_books": books.get(row["id"], []),
            "missing_books": missing.get(row["id"], []),
        }
        for row in rows
    ]
    return Reply(page(answers.SeriesPage, asked.query, total, records))


async def search_books(asked: Asked) -> Reply:
    """Find books by title, author and series, owned and wanted ones."""
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await find(
            db, "views.find_books", asked.query.name, asked.query.window, SHORTEST_BEGINNING + 1
        )
    return Reply(page(answers.BookPage, asked.query, total, rows))


async def list_missing_books(asked: Asked) -> Reply:
    """List what the library lacks: of one series or author, or of all."""
    query: questions.Missing = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        if query.id is not None and not await db.value(f"views.{query.type}_there", id=query.id):
            raise Refused(404, f"there is no such {query.type}")
        total, rows = await listed(
            db,
            "views.missing",
            query,
            kind=f"{query.type}_gap",
            series_id=query.id if query.type == "series" else None,
            author_id=query.id if query.type == "author" else None,
            sort=query.sort_key,
        )
    return Reply(page(answers.MissingPage, query, total, rows))


async def weekly_top10(asked: Asked) -> Reply:
    """Answer the top ten of each genre, of the newest week or of another."""
    query: questions.ChartWeek = asked.query
    first = None if query.week is None else monday(query.week)
    if query.week is not None and first is None:
        raise Refused(404, "that year has no such week")
    async with asked.desk.pool.user(asked.user_id) as db:
        week = await db.value("views.top10_week", week=first)
        rows = await db.rows("views.top10", week=week) if week else []
    genres: dict[str, Any] = {}
    for row in rows:
        head = {name: row.pop(name) for name in ("genre", "ranked_by", "fetched_at")}
        chart = genres.setdefault(head["genre"], {**head, "entries": []})
        if row["rank"] is not None:
            chart["entries"].append(row)
    name = f"{week.isocalendar().year}-W{week.isocalendar().week:02}" if week else None
    return Reply(answers.Top10(week=name, genres=list(genres.values())))


async def metadata_status(asked: Asked) -> Reply:
    """List all owned books with their completeness, and percent complete per field."""
    query: questions.Completeness = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        fields = await db.rows("views.fields_filled")
        rows = await db.rows("views.completeness", **query.window, sort=query.sort_key)
    names = [field["field"] for field in fields]
    for row in rows:
        bits = row.pop("filled")
        row["missing_fields"] = [name for n, name in enumerate(names) if not bits & 1 << n]
    return Reply(
        answers.MetadataStatus(
            page=query.page,
            page_size=query.page_size,
            total_records=fields[0]["books"],
            records=[answers.BookCompleteness(**row) for row in rows],
            fields=[
                answers.FieldCompleteness(
                    field=field["field"],
                    filled=field["filled"],
                    percent=percent(field["filled"], field["books"]),
                )
                for field in fields
            ],
        )
    )


async def listed(
    db: Transaction, query: str, paging: Paging, **params: Any
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many there are, and a page of them.

    Such a query answers `total` in each row, and one empty row for a page beyond the end.
    """
    return parted(await db.rows(query, **paging.window, **params))


def page(model: type[Any], paging: Paging, total: int, records: Iterable[Any]) -> Any:
    """Return one page of a list."""
    return model(
        page=paging.page, page_size=paging.page_size, total_records=total, records=list(records)
    )


def percent(part: int, whole: int) -> float:
    """Return how many percent *part* is; all of nothing is 100."""
    return round(100 * part / whole, 2) if whole else 100.0


def words_of(text: str) -> tuple[str, list[str], list[str]]:
    """Return a search folded, the words that must be found, and those that only rank.

    Articles and single letters only rank when there is anything else, so that "Tolkien J.R.R."
    finds "JRR Tolkien", and "the hobbit" finds "Hobbit".
    """
    folded = fold(text)
    words = list(dict.fromkeys(folded.split()))[:MOST_WORDS]
    must = [word[:64] for word in words if len(word) > 1 and word not in ARTICLES] or words
    return folded, must, [word for word in words if word not in must]


def bounds(words: list[str], shortest: int) -> list[str]:
    """Return up to where the index is read for each word: one of *shortest* may be cut short."""
    return [word + (_LAST if len(word) >= shortest else _FIRST) for word in words]


async def find(
    db: Transaction, query: str, text: str, window: Mapping[str, Any], shortest: int
) -> tuple[int, Rows]:
    """Search by words: how many hold all of them, and a page of these, best first."""
    folded, must, others = words_of(text)
    if not must:
        return 0, []
    part = {name: window[name] for name in ("limit", "offset")}
    upto = bounds(must, shortest)
    rows = await db.rows(query, words=must, bounds=upto, others=others, folded=folded, **part)
    return parted(rows)


def parted(rows: Rows) -> tuple[int, Rows]:
    """Return how many rows there are in all, and those of this page.

    Such a query tells `total` in each row, and one empty row for a page beyond the end.
    """
    total = int(rows[0]["total"]) if rows else 0
    for row in rows:
        del row["total"]
    return total, [row for row in rows if row["id"] is not None]


async def by_holder(
    db: Transaction, query: str, ids: list[int], most: int = LONGEST_LIST
) -> dict[int, Rows]:
    """Return the rows of each of *ids*, in their order; *most* is the query's own limit."""
    held: dict[int, Rows] = {}
    if ids:
        for row in await db.rows(query, ids=ids, most=most):
            held.setdefault(row.pop("holder_id"), []).append(row)
    return held
