"""A release beside the book it is offered for, with all that can be read from it once."""

from dataclasses import dataclass
from functools import lru_cache

from pipeline.domain.matching import Comparable, Verdict, comparable, compare, of_wanted
from pipeline.domain.models import Preferences, Release, WantedBook
from pipeline.domain.packs import PackedBook, inspect
from pipeline.domain.people import Person, people
from pipeline.domain.titles import ReadName, read


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at. `books` are the books found in the release's file list."""

    release: Release
    wanted: WantedBook
    preferences: Preferences
    blocked: frozenset[str]
    name: ReadName
    verdict: Verdict
    offered: Comparable
    asked: Comparable
    books: tuple[PackedBook, ...]

    @classmethod
    def of(
        cls,
        release: Release,
        wanted: WantedBook,
        preferences: Preferences,
        blocked: frozenset[str] = frozenset(),
        other_wanted: tuple[WantedBook, ...] = (),
    ) -> "Case":
        """Read a release once for all rules."""
        name = read(release.title)
        offered = _offered(release, name)
        asked = _asked(wanted)
        others = tuple(book for book in other_wanted if book.book_id != wanted.book_id)
        return cls(
            release=release,
            wanted=wanted,
            preferences=preferences,
            blocked=blocked,
            name=name,
            verdict=compare(offered, asked),
            offered=offered,
            asked=asked,
            books=inspect(release.files, (wanted, *others)) if release.files else (),
        )

    @property
    def is_pack(self) -> bool:
        """Whether the release holds several books, by its name or by its files."""
        return self.name.is_pack or len(self.books) > 1

    @property
    def fills(self) -> tuple[int, ...]:
        """The wanted books that it holds, the asked one first."""
        held = [book.book_id for book in self.books if book.book_id is not None]
        if not self.is_pack and self.verdict.band == "auto":
            held = [self.wanted.book_id]
        return tuple(
            sorted(set(held), key=lambda book_id: (book_id != self.wanted.book_id, book_id))
        )

    @property
    def narrators(self) -> tuple[Person, ...]:
        """Who reads it, as the indexer or else the name says."""
        return people(self.release.narrators or self.name.narrators)

    @property
    def format(self) -> str | None:
        """The audio format, as the indexer or else the name says."""
        stated = [kind.lower().lstrip(".") for kind in self.release.filetypes]
        return next((kind for kind in self.preferences.formats if kind in stated), None) or (
            stated[0] if stated else self.name.format
        )


def _offered(release: Release, name: ReadName) -> Comparable:
    """Return the release as a book; what the indexer states goes before what its name says."""
    return comparable(
        name.title,
        release.authors or name.authors,
        series=(*release.series, *name.series),
        part=name.part,
    )


@lru_cache(maxsize=64)
def _asked(wanted: WantedBook) -> Comparable:
    return of_wanted(wanted)
