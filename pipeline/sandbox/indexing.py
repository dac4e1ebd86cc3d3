"""What the stand-ins of the two indexers share: a log of what was asked, words that find offers."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipeline.sandbox.catalogue import Offer, Title


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived; `query` holds every value of each parameter, `body` its JSON."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any = None


@dataclass
class Calls:
    """Every request that arrived, for tests of manners."""

    log: list[Call] = field(default_factory=list)

    def counted(self) -> Counter[str]:
        """Return how often each path was asked for."""
        return Counter(call.path for call in self.log)


def offers_of(titles: Iterable[Title]) -> dict[int, Offer]:
    """Return every offer by its number."""
    return {offer.tid: offer for title in titles for offer in title.offers}


def words(text: str) -> list[str]:
    """Return the words of a text as the tracker's index knows them: folded, no punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in letters).split()


def finds(query: str, offer: Offer, *, also: Iterable[str] = ()) -> bool:
    """Say whether every word of *query* stands in title, authors, tags, or *also*."""
    held = set(words(" ".join([offer.title, *offer.authors, offer.tags, *also])))
    return held.issuperset(words(query))


def printed_size(size: int) -> str:
    """Return bytes as the tracker prints them, rounded: "451.8 MiB"."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


def rounded_size(size: int) -> int:
    """Return the bytes that the printed size stands for, which is all that Prowlarr knows."""
    number, unit = printed_size(size).split()
    factors = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    return round(float(number) * factors[unit])
