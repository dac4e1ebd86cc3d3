"""What we ask of a catalogue of books, whichever it is, and how it answers.

A catalogue finds candidates; whether one of them is the book in question is not its business: the
caller hands it a judge.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pipeline.domain.models import Field, Metadata, SeriesPlace, Work

SourceName = Literal["GoogleBooks", "Goodreads"]
Band = Literal["same", "doubtful", "different"]


@dataclass(frozen=True, slots=True)
class BookQuery:
    """A book as far as we know it, and the fields of it that we would like to learn.

    A source may save itself requests for fields that are not `wanted`; None wants all of them.
    `narrators` tell the narration in question from other ones of the same book.
    """

    title: str
    authors: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    isbn: str | None = None
    asin: str | None = None
    language: str | None = None
    narrators: tuple[str, ...] = ()
    wanted: frozenset[Field] | None = None

    def wants(self, *fields: Field) -> bool:
        """Whether any of *fields* is worth a request."""
        return self.wanted is None or not self.wanted.isdisjoint(fields)


class Verdict(Protocol):
    """How sure a judge is that a candidate is the book; `score` is 0 to 100.

    `same` may be applied, `doubtful` waits for a person, `different` is refused.
    """

    @property
    def score(self) -> float:
        """How alike they are, 0 to 100."""
        ...

    @property
    def band(self) -> str:
        """One of `Band`."""
        ...

    @property
    def reason(self) -> str:
        """Why, in words for the user."""
        ...


Judge = Callable[[Work], Verdict]


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What a source knows of the book, and how sure the judge was that it is this book.

    `identifiers` are the source's own: `google_id`; `goodreads_book`, `goodreads_work`,
    `goodreads_series` (the id of the first series named in the metadata). `audio_fields` are
    those whose values speak of the audiobook; all others speak of the work or a text edition.
    """

    metadata: Metadata
    score: float
    band: str
    reason: str
    identifiers: dict[str, str] = field(default_factory=dict)
    audio_fields: frozenset[Field] = frozenset()


@dataclass(frozen=True, slots=True)
class SeriesListing:
    """A whole series as a catalogue lists it, every work with its place as printed.

    The printed counts are the catalogue's own and often at odds with its list: a check, not data.
    `warning` says so in words.
    """

    goodreads_id: str
    name: str
    works: tuple[Work, ...]
    printed_primary: int | None = None
    printed_total: int | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class AuthorListing:
    """What a catalogue lists of an author; `complete` is false when a cap cut it short."""

    source: SourceName
    name: str
    works: tuple[Work, ...]
    external_id: str | None = None
    complete: bool = True


class MetadataSource(Protocol):
    """A catalogue that can describe a book."""

    @property
    def name(self) -> SourceName:
        """What `books.metadata_source` calls it."""
        ...

    async def describe(self, query: BookQuery, judge: Judge) -> SourceAnswer | None:
        """Return what it knows of the best candidate that the judge does not call different.

        None means that it knows no such book, or nothing that is wanted. Raises NotConfigured when
        the source is off, Transient or NotNow when it cannot answer now, never None for that.
        """
        ...
