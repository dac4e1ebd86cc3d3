"""Find which works of a listing the library holds: as such, under another name, in an omnibus."""

# ruff: noqa: SIM905  lists of words read better as words
# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.domain.folding import title_key
from pipeline.domain.keys import series_key
from pipeline.domain.library import Library, families
from pipeline.domain.listings import Listed
from pipeline.domain.matching import Verdict, compare
from pipeline.domain.people import OTHER, Person, agree

_SO_MANY = {"duology": 2, "trilogy": 3, "quartet": 4, "tetralogy": 4, "quintet": 5}
_WHOLE = frozenset({"complete", "entire", "whole"})
_WRAPPING = frozenset(
    "series saga cycle chronicles collection box set boxset omnibus bundle books novels audio and "
    "audiobook audiobooks edition".split()
)
_SLASH = re.compile(r"\s+/\s+|\s*;\s+")


class Held(NamedTuple):
    """What fills a place: `sure` unless a person should look, `covers` for an omnibus or parts."""

    book_id: int
    note: str
    sure: bool = True
    covers: bool = False


class _Claim(NamedTuple):
    verdict: Verdict
    at: int
    book: int


class Holdings:
    """What a library holds of one listing; each owned book fills one work at most."""

    def __init__(self, listed: Sequence[Listed], library: Library, series: str | None) -> None:
        self._listed = listed
        self._library = library
        self._series = series_key(series) if series else ""
        self._held: dict[int, Held] = {}
        self._taken: dict[int, int] = {}
        claims = self._claims()
        self._settle([claim for claim in claims if claim.verdict.band == "auto"])
        self._by_omnibus()
        self._by_parts()
        self._settle([claim for claim in claims if claim.verdict.band == "review"])

    def of(self, at: int) -> Held | None:
        """Return what the library holds of the work at an index of the listing."""
        return self._held.get(at)

    def _claims(self) -> list[_Claim]:
        """Every verdict of a work on an owned book that is no reject, surest first."""
        found: list[_Claim] = []
        for at, one in enumerate(self._listed):
            for book in self._library.candidates(one.prepared):
                verdict = compare(one.prepared, self._library.prepared[book])
                if verdict.band != "reject":
                    found.append(_Claim(verdict, at, book))
        found.sort(key=lambda claim: (-claim.verdict.score, claim.at, claim.book))
        return found

    def _settle(self, claims: Iterable[_Claim]) -> None:
        """Give works to books, surest first; a book is given again only at the same score."""
        for verdict, at, book in claims:
            if at in self._held or self._taken.get(book, verdict.score) > verdict.score:
                continue
            if verdict.band == "review" and book in self._taken:
                continue
            self._taken[book] = verdict.score
            self._held[at] = self._as_held(verdict, book)

    def _as_held(self, verdict: Verdict, book: int) -> Held:
        owned = self._library.books[book]
        note = "" if verdict.score == 100 else f"owned as {owned.title!r}: {verdict.reason}"
        if owned.abridged:
            note = f"owned abridged{'; ' if note else ''}{note}"
        if verdict.band == "auto" or self._renamed(verdict):
            return Held(owned.book_id, note)
        return Held(owned.book_id, f"perhaps {note}", sure=False)

    @staticmethod
    def _renamed(verdict: Verdict) -> bool:
        """Say whether author, series and number make this the same book's other title."""
        return "same place in the series" in verdict.reason or "numbered differently" in (
            verdict.reason
        )

    def _by_omnibus(self) -> None:
        """Let owned omnibuses fill the whole numbers that they cover."""
        volumes = {
            one.number: at
            for at, one in enumerate(self._listed)
            if one.kind == "primary" and one.number is not None
        }
        for book, numbers in self._owned_ranges():
            owned = self._library.books[book]
            for number in numbers:
                at = volumes.get(number)
                if at is not None and at not in self._held:
                    note = f"covered by {owned.title!r}"
                    self._held[at] = Held(owned.book_id, note, covers=True)

    def _owned_ranges(self) -> Iterable[tuple[int, tuple[float, ...]]]:
        """Owned books that hold several volumes, each with the numbers of those volumes."""
        authors, names = self._authors()
        for at, one in enumerate(self._listed):
            if one.kind == "omnibus" and at in self._held:
                book_id = self._held[at].book_id
                yield self._index_of(book_id), one.position.numbers
        for book in self._library.in_series(self._series, names):
            prepared = self._library.prepared[book]
            if agree(authors, prepared.people) != OTHER and not prepared.part:
                yield from (
                    (book, place.numbers)
                    for name, place in prepared.places
                    if name == self._series and place.is_range
                )
        for book in self._library.omnibuses(names):
            if agree(authors, self._library.prepared[book].people) != OTHER:
                yield book, self._named_in(book)

    def _index_of(self, book_id: int) -> int:
        return next(at for at in self._taken if self._library.books[at].book_id == book_id)

    def _named_in(self, book: int) -> tuple[float, ...]:
        """Numbers of the volumes that an omnibus names in its title, or all when it says so."""
        title = self._library.books[book].title
        pieces = {title_key(piece) for piece in _SLASH.split(title)}
        named = tuple(
            one.number
            for one in self._listed
            if one.kind == "primary" and one.number is not None and one.prepared.main in pieces
        )
        if len(named) > 1 or not self._series:
            return named
        words = self._library.prepared[book].full.split()
        if not set(self._series.split()) <= set(words) or not _only_says_all(words, self._series):
            return ()
        count = next((_SO_MANY[word] for word in words if word in _SO_MANY), 0)
        if not count and _WHOLE & set(words):
            count = max((int(one.number or 0) for one in self._listed), default=0)
        return tuple(float(number) for number in range(1, count + 1))

    def _by_parts(self) -> None:
        """Let a volume be filled when every part of it is owned."""
        parts: dict[float, dict[int, int]] = {}
        sizes: dict[float, int] = {}
        for at, one in enumerate(self._listed):
            if one.kind != "part" or len(one.position.numbers) != 1:
                continue
            number = one.position.numbers[0]
            sizes[number] = max(sizes.get(number, 0), one.position.parts, one.position.part)
            if at in self._held:
                parts.setdefault(number, {})[one.position.part] = self._held[at].book_id
        for at, one in enumerate(self._listed):
            have = parts.get(one.number or -1.0, {})
            if one.kind != "primary" or at in self._held or len(have) < 2:
                continue
            if len(have) >= sizes[one.number or -1.0]:
                self._held[at] = Held(min(have.values()), "all its parts are owned", covers=True)

    def _authors(self) -> tuple[tuple[Person, ...], set[str]]:
        everybody: dict[str, Person] = {}
        names: set[str] = set()
        for one in self._listed:
            everybody.update({person.whole: person for person in one.prepared.people})
            names |= families(one.prepared)
        return tuple(everybody.values()), names


def _only_says_all(words: Sequence[str], series: str) -> bool:
    """Whether a title is the name of the series with words for all of it, and nothing else."""
    rest = set(words) - set(series.split()) - _WRAPPING - _WHOLE - _SO_MANY.keys()
    return not rest
