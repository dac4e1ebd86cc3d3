"""Every event that travels between stages: the pipeline's vocabulary.

An event is an immutable fact in the past tense, small enough to read in a database row: it names
rows by id and carries nothing that could grow old. `kind` is what the database stores; renaming a
class is free, renaming a kind needs a migration. `key` is what makes two events of one run the
same fact: the runner makes one step of them.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from pipeline.domain.sources import SourceName

KINDS: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """Base of every event."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Register the class under its kind."""
        if KINDS.setdefault(cls.kind, cls) is not cls:
            message = f"two events are called {cls.kind!r}"
            raise TypeError(message)

    @property
    def key(self) -> str:
        """What makes two events of one run the same fact."""
        return self.model_dump_json()

    @staticmethod
    def load(kind: str, fields: dict[str, Any]) -> "Event":
        """Read an event back from its row; raises KeyError for an unknown kind."""
        return KINDS[kind].model_validate(fields)


class RunRequested(Event):
    """The clock, an event or a person asked for a whole workflow."""

    kind = "run_requested"

    @property
    def key(self) -> str:
        """Every run is asked for once."""
        return "run"


class CollectionFound(Event):
    """A series or an author of which something is owned, or a chart, is to be compared."""

    kind = "collection_found"
    collection: Literal["series", "author", "chart"]
    id: int
    name: str

    @property
    def key(self) -> str:
        """One comparison per collection."""
        return f"{self.collection}:{self.id}"


class BookMissing(Event):
    """The library does not hold a book that it should; `attempt` counts the releases tried.

    `release_id` is the decision about the release that a person took for it by hand.
    """

    kind = "book_missing"
    book_id: int
    title: str
    attempt: int = 1
    release_id: int | None = None

    @property
    def key(self) -> str:
        """One search per book and attempt."""
        return f"{self.book_id}:{self.attempt}"


class DownloadQueued(Event):
    """A release was handed to the download client."""

    kind = "download_queued"
    book_id: int
    title: str
    download_id: int
    infohash: str
    attempt: int = 1

    @property
    def key(self) -> str:
        """One import per download."""
        return str(self.download_id)


class BookShelved(Event):
    """A book stands in the library; `abs_id` is its item in Audiobookshelf."""

    kind = "book_shelved"
    abs_id: str
    book_id: int | None = None
    title: str = ""

    @property
    def key(self) -> str:
        """One description per item."""
        return self.abs_id


class BookDescribed(Event):
    """A book's metadata is as good as our sources allow for now.

    `after` names the source that came late and added something: the book is then linked once more.
    """

    kind = "book_described"
    book_id: int
    abs_id: str
    title: str = ""
    after: str = ""

    @property
    def key(self) -> str:
        """One link per book, and one more for each source that came late."""
        return f"{self.book_id}:{self.after}" if self.after else str(self.book_id)


class AnswerOwed(Event):
    """A metadata source could not answer for a book at once; it owes the answer `since` then."""

    kind = "answer_owed"
    book_id: int
    abs_id: str
    title: str = ""
    source: SourceName
    since: datetime

    @property
    def key(self) -> str:
        """One answer per book and source."""
        return f"{self.book_id}:{self.source}"


class ApprovalGiven(Event):
    """The user agreed to what was proposed; to these `fields` of it, or to all."""

    kind = "approval_given"
    approval_id: int
    fields: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """An approval is given once."""
        return str(self.approval_id)


class RollbackRequested(Event):
    """The user takes corrections back: those of a run, of a book, or of one field of a book."""

    kind = "rollback_requested"
    of_run: int | None = None
    book_id: int | None = None
    field: str | None = None

    @property
    def key(self) -> str:
        """A run of ROLLBACK has one purpose."""
        return "rollback"


class CorrectionsRevoked(Event):
    """The corrections of one book, in the bounds of a rollback, are to be taken back."""

    kind = "corrections_revoked"
    book_id: int
    title: str = ""
    of_run: int | None = None
    field: str | None = None

    @property
    def key(self) -> str:
        """Each book once."""
        return str(self.book_id)
