"""Keys under which spellings of one author, title, series or book are equal."""

# ruff: noqa: SIM905  lists of words read better as words

import re
from collections.abc import Iterable
from functools import lru_cache

from pipeline.domain.folding import fold, plain_words, title_key, with_digits
from pipeline.domain.people import people, person, split
from pipeline.domain.title_parts import take_apart

__all__ = ["author_key", "match_key", "search_text", "series_key", "title_key"]

_KINDS = frozenset(
    "series saga sagas trilogy duology quartet quintet tetralogy cycle chronicle chronicles "
    "sequence novels novel book books reihe serie zyklus trilogie collection".split()
)
_BY = re.compile(r"\b(series|trilogy|saga|cycle|chronicles|books)\s+by\s.*$", re.IGNORECASE)


def author_key(name: str) -> str:
    """One key for all writings of a name: "Rowling, J. K.", "JK Rowling" -> "jkrowling".

    Empty for a name of nobody ("Various").
    """
    first = split(name)
    one = person(first[0]) if first else None
    return one.whole if one else ""


@lru_cache(maxsize=8192)
def series_key(name: str) -> str:
    """One key for all writings of a series: "The Farseer Trilogy by Robin Hobb" -> "farseer"."""
    words = with_digits(plain_words(fold(_BY.sub(r"\1", name)).split()))
    core = list(words)
    while len(core) > 1 and core[-1] in _KINDS:
        core.pop()
    return " ".join(core)


def match_key(title: str, authors: str | Iterable[str]) -> str:
    """Key of a book for `books.match_key`: main title and family name of the first author.

    Equal keys are a reason to compare two books, not yet a proof that they are one.
    """
    known = people(authors)
    return f"{title_key(take_apart(title).main)}|{known[0].family if known else ''}"


def search_text(*parts: str | Iterable[str]) -> str:
    """Folded words of all parts, each once, for the library's search box."""
    words: dict[str, None] = {}
    for part in parts:
        for text in (part,) if isinstance(part, str) else part:
            words.update(dict.fromkeys(fold(text).split()))
    return " ".join(words)
