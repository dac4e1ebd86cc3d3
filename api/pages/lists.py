"""What the queries of lists answer, taken apart and put in words."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from api.library import SHORTEST_BEGINNING, words_of
from pipeline.db import Transaction

Rows = list[dict[str, Any]]
MOST_WORKS = 2000  # works of all series on a page


def parted(rows: Rows) -> tuple[int, Rows]:
    """Return how many rows there are in all, and those of this page.

    Such a query tells `total` in each row, and one empty row for a page beyond the end.
    """
    total = int(rows[0]["total"]) if rows else 0
    return total, [row for row in rows if row["id"] is not None]


async def found(
    db: Transaction, query: str, text: str, window: dict[str, int], more: int = 0
) -> tuple[int, Rows]:
    """Search by words; *more* letters than usual must stand before a word may be cut short."""
    folded, must, others = words_of(text)
    if not must:
        return 0, []
    upto = bounds(must, SHORTEST_BEGINNING + more)
    rows = await db.rows(query, words=must, bounds=upto, others=others, folded=folded, **window)
    return parted(rows)


def bounds(words: list[str], shortest: int) -> list[str]:
    """Return up to where the index is read for each word: a long one may be cut short."""
    return [word + ("\U0010ffff" if len(word) >= shortest else "\x01") for word in words]


async def by_holder(db: Transaction, query: str, ids: list[int]) -> dict[int, Rows]:
    """Return the rows of each of *ids*, in their order."""
    held: dict[int, Rows] = {}
    if ids:
        for row in await db.rows(query, ids=ids, most=MOST_WORKS):
            held.setdefault(row.pop("holder_id"), []).append(row)
    return held


def reasons(refusals: Iterable[Any]) -> list[tuple[str, str]]:
    """Return (rule, reason) of each refusal, as a pair or by name."""
    return [
        (str(each["rule"]), str(each["reason"])) if isinstance(each, dict) else (each[0], each[1])
        for each in refusals
    ]


def most_said(refusals: Iterable[Iterable[Any]], most: int = 3) -> list[tuple[str, int]]:
    """Return what most releases were refused for, by rule, in the words of one of them."""
    said: Counter[str] = Counter()
    words: dict[str, str] = {}
    for rule, reason in (pair for each in refusals for pair in reasons(each)):
        said[rule] += 1
        words.setdefault(rule, reason)
    return [(words[rule], count) for rule, count in said.most_common(most)]
