"""Find the owned book that is a given work, without comparing it to every book of the library.

Two books are compared only when they share an identifier, a whole title, a place in a series, or
the family name of an author together with the first word of a title.
"""

# ruff: noqa: SIM905  lists of words read better as words

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.domain.matching import Comparable, Verdict, compare, of_owned, of_work
from pipeline.domain.models import OwnedBook, Work

# Editions of one work in one library; more would be a library of one title, and slow for nothing.
_MOST_PER_KEY = 200
_COUNTED = frozenset("duology trilogy quartet tetralogy quintet".split())


class Match(NamedTuple):
    """An owned book with the verdict on it."""

    book: OwnedBook
    verdict: Verdict


class Library:
    """The owned books of one user, indexed by what may join them to a work."""

    def __init__(self, books: Sequence[OwnedBook]) -> None:
        self.books = books
        self.prepared = [of_owned(book) for book in books]
        self._index: dict[str, int | list[int]] = {}
        for at, one in enumerate(self.prepared):
            for key in _keys(one):
                self._add(key, at, _MOST_PER_KEY)
            for key in _listed_under(one, books[at].title):
                self._add(key, at, len(books))

    def _add(self, key: str, at: int, most: int) -> None:
        there = self._index.get(key)
        if there is None:
            self._index[key] = at
        elif isinstance(there, int):
            self._index[key] = [there, at]
        elif there[-1] != at and len(there) < most:
            there.append(at)

    def candidates(self, work: Comparable) -> Iterator[int]:
        """Indexes into `books` of all that could be this work, each once."""
        seen: set[int] = set()
        for key in _keys(work):
            there = self._index.get(key)
            if there is None:
                continue
            for at in (there,) if isinstance(there, int) else there:
                if at not in seen:
                    seen.add(at)
                    yield at

    def matches(self, work: Work | Comparable) -> list[Match]:
        """All owned books that may be this work, surest first; rejects are left out."""
        asked = of_work(work) if isinstance(work, Work) else work
        found = [
            Match(self.books[at], verdict)
            for at in self.candidates(asked)
            if (verdict := compare(asked, self.prepared[at])).band != "reject"
        ]
        found.sort(key=lambda match: (match.verdict.band != "auto", -match.verdict.score))
        return found

    def in_series(self, series: str, families: Iterable[str]) -> list[int]:
        """Indexes of books that name a place in a series (by its key), by these authors."""
        return self._listed(f"p{family} {series}" for family in families)

    def omnibuses(self, families: Iterable[str]) -> list[int]:
        """Indexes of box sets and double volumes by authors of these family names."""
        return self._listed(f"o{family}" for family in families)

    def _listed(self, keys: Iterable[str]) -> list[int]:
        found: set[int] = set()
        for key in keys:
            there = self._index.get(key)
            if there is not None:
                found.update((there,) if isinstance(there, int) else there)
        return sorted(found)

    def find(self, work: Work | Comparable) -> Match | None:
        """Return the owned book that is surest this work; its band may be `review`."""
        found = self.matches(work)
        return found[0] if found else None


def _keys(one: Comparable) -> Iterable[str]:
    """Return what a book is indexed under and looked up by."""
    keys = {f"i{number}" for number in one.ids}
    if one.work:
        keys.add(f"w{one.work}")
    titles = {one.full, one.main, one.sub, *one.others} - {""}
    keys.update(f"t{title.replace(' ', '')}" for title in titles)
    starts = {title.split(" ", 1)[0] for title in titles}
    keys.update(f"a{family} {start}" for family in families(one) for start in starts)
    keys.update(
        f"s{family} {name} {number:g}"
        for family in families(one)
        for name, position in one.places
        for number in position.numbers[:1]
    )
    return keys


def families(one: Comparable) -> set[str]:
    """First letters of the family names, under which spelling variants still meet."""
    return {person.family[:5] for person in one.people}


def _listed_under(one: Comparable, title: str) -> Iterable[str]:
    """Return what a book is listed by: its series, and its author when it holds several books."""
    several = (
        one.kind == "omnibus"
        or " / " in title
        or any(p.is_range for _, p in one.places)
        or not _COUNTED.isdisjoint(one.full.split())
    )
    for family in families(one):
        for name, _ in one.places:
            yield f"p{family} {name}"
        if several:
            yield f"o{family}"
