"""What the queries of lists answer, taken apart and put in words."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from api.library import SHORTEST_BEGINNING, Rows, find
from pipeline.db import Transaction

MOST_WORKS = 2000  # works of all series or authors on a page


async def found(
    db: Transaction, query: str, text: str, window: dict[str, int], more: int = 0
) -> tuple[int, Rows]:
    """Search by words; *more* letters than usual must stand before a word may be cut short."""
    return await find(db, query, text, window, SHORTEST_BEGINNING + more)


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
