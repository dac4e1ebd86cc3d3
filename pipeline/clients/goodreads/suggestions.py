"""Read the suggestions of the search box: the entry point that robots.txt leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.clients.goodreads.blocks import load_json, unknown_layout
from pipeline.clients.goodreads.titles import split_title
from pipeline.domain.models import Work

_ASKED = "suggestions for a title"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested work, and the id of its author."""

    work: Work
    author_id: str | None = None


def read_suggestions(text: str) -> tuple[Suggestion, ...]:
    """Read the JSON list, best suggestion first; raises UnexpectedAnswer for anything else."""
    rows = load_json(text, _ASKED)
    if not isinstance(rows, list):
        raise unknown_layout(_ASKED, "no list")
    return tuple(_suggestion(row) for row in rows)


def _suggestion(row: object) -> Suggestion:
    if not isinstance(row, Mapping) or not row.get("bookId"):
        raise unknown_layout(_ASKED, "a row without a book")
    bare, places = split_title(str(row.get("title") or ""))
    author = row.get("author") or {}
    name = author.get("name")
    work = Work(
        title=str(row.get("bookTitleBare") or bare).strip(),
        authors=(str(name),) if name else (),
        series=places,
        goodreads_work=str(row["workId"]) if row.get("workId") else None,
        goodreads_book=str(row["bookId"]),
        ratings=int(row.get("ratingsCount") or 0),
    )
    return Suggestion(work, str(author["id"]) if author.get("id") else None)
