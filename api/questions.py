"""Every model of a query and of a body."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel

from api.answers import RunStatus, StepStatus
from api.contract import Body, Direction, Id, Number, Paging, Question, Text, Week, Whole
from pipeline.api_keys import Scope
from pipeline.domain.models import Field as Field12

Newest = Annotated[Direction, Field(description="Which way the list is sorted.")]
LONGEST_ITEM = 64
# Scheme, host (a name or an IPv4 address), port and path; credentials have fields of their own.
_PORT = r"(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"
_ADDRESS = rf"^(?:https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::{_PORT})?(?:/[A-Za-z0-9._~-]+)*/?)?$"
ById = Literal["id"]


class Search(Paging):
    """Words to find; case, accents and order do not matter, and a word may be cut short."""

    name: Annotated[Text, Field(description="What to look for, like `Tolkien J.R.R.`.")]
    page_size: Annotated[int, Field(ge=1, le=100, description="Records on a page."), Number] = 20
    sort_key: Annotated[Literal["relevance"], Field(description="The best match first.")] = (
        "relevance"
    )


class Missing(Paging):
    """Missing books of one series or author, or of all."""

    type: Annotated[
        Literal["series", "author"], Field(description="Whose gaps: a series', an author's.")
    ]
    id: Annotated[Id | None, Field(description="The series or author; all without it.")] = None
    sort_key: Literal["position", "title", "identifiedDate"] = "position"


class ChartWeek(Question):
    """A week of charts."""

    week: Annotated[Week | None, Field(description="ISO week; the newest without it.")] = None


class Completeness(Paging):
    """Books by their completeness."""

    sort_key: Literal["title", "metadataCompleteness", "lastMetadataUpdate"] = "title"


class Redownload(Question):
    """A book to fetch again, and which release of it."""

    book_id: Annotated[Id, Field(alias="book_id", description="The book.")]
    release_id: Annotated[
        Id | None,
        Field(
            alias="release_id",
            description="A decision about a release of the book: exactly that one is fetched, also"
            " when a rule refused it. Without it the rules choose.",
        ),
    ] = None


class SearchReleases(Question):
    """A book whose releases are looked for."""

    book_id: Annotated[Id, Field(alias="book_id", description="The book.")]


class Runs(Paging):
    """Runs."""

    sort_key: Literal["scheduledTime"] = "scheduledTime"
    sort_direction: Newest = "descending"
    status: RunStatus | None = None
    workflow: Text | None = None


class Steps(Paging):
    """Steps of a run."""

    sort_key: ById = "id"
    stage: Text | None = None
    status: StepStatus | None = None


class Log(Paging):
    """Lines of a log."""

    sort_key: ById = "id"


class Downloads(Paging):
    """Downloads."""

    sort_key: ById = "id"
    sort_direction: Newest = "descending"
    status: Literal["queued", "downloading", "completed", "failed"] | None = None
    book_id: Id | None = None


class Decisions(Paging):
    """Decisions about releases of a book: the newest search first, the best release first."""

    sort_key: Literal["decidedAt"] = "decidedAt"
    sort_direction: Literal["descending"] = "descending"
    verdict: Literal["chosen", "fit", "refused"] | None = None


class Blocked(Paging):
    """Blocked releases."""

    sort_key: ById = "id"
    sort_direction: Newest = "descending"
    book_id: Id | None = None


class Corrections(Paging):
    """Corrections."""

    sort_key: Literal["correctionDate"] = "correctionDate"
    sort_direction: Newest = "descending"
    book_id: Id | None = None
    run_id: Id | None = None


class Approvals(Paging):
    """Approvals."""

    sort_key: ById = "id"
    status: Literal["open", "approved", "rejected", "expired"] | None = None
    kind: Literal["metadata", "top10", "author"] | None = None


class Failures(Paging):
    """Failures."""

    sort_key: Literal["lastAttempt"] = "lastAttempt"
    sort_direction: Newest = "descending"
    workflow: Text | None = None
    code: Text | None = None


class BookField(Question):
    """A field of a book, or the whole book."""

    field: Annotated[Field12 | None, Field(description="The field; all without it.")] = None


class Answered(Body):
    """A yes or no; a yes to metadata may pick its fields."""

    approve: bool
    fields: Annotated[list[Field12], Field(min_length=1, max_length=12)] | None = None


class KeyRequest(Body):
    """A key to be made."""

    name: Text
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650), Whole] | None = None


Address = Annotated[str, Field(max_length=500, pattern=_ADDRESS)]
Word = Annotated[str, Field(max_length=1000, pattern=r"^[ -~]*$")]
Line = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]


class ServiceValues(Body):
    """Addresses and credentials; null forgets one, what is left out stays as it is."""

    abs_url: Address | None = None
    abs_token: Word | None = None
    abs_library: Line | None = None
    library_paths: Line | None = None
    qbittorrent_url: Address | None = None
    qbittorrent_username: Line | None = None
    qbittorrent_password: Line | None = None
    qbittorrent_api_key: Word | None = None
    qbittorrent_category: Line | None = None
    downloads_paths: Line | None = None
    prowlarr_url: Address | None = None
    prowlarr_key: Word | None = None
    mam_url: Address | None = None
    mam_id: Word | None = None
    google_books_url: Address | None = None
    google_books_key: Word | None = None
    google_books_country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    goodreads_url: Address | None = None
    goodreads: Literal["on", "off"] | None = None


class AbsItem(Body):
    """An item of Audiobookshelf, as far as it matters here; all else of it may come along."""

    model_config = ConfigDict(extra="ignore")
    id: Annotated[str, Field(min_length=1, max_length=LONGEST_ITEM, pattern=r"^[A-Za-z0-9_-]+$")]


class ItemAdded(Body):
    """One new item."""

    event: Literal["item_added"]
    item: AbsItem


class ItemsAdded(Body):
    """Several new items."""

    event: Literal["items_added"]
    items: Annotated[list[AbsItem], Field(min_length=1, max_length=500)]


class AbsEvent(RootModel[Annotated[ItemAdded | ItemsAdded, Field(discriminator="event")]]):
    """An import event of Audiobookshelf."""

    @property
    def ids(self) -> list[str]:
        """The items, each once."""
        items = [self.root.item] if isinstance(self.root, ItemAdded) else self.root.items
        return list(dict.fromkeys(item.id for item in items))
