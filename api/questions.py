"""Every model of a query and of a body."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, RootModel

from api.answers import RunStatus, StepStatus
from api.contract import Body, Direction, Id, Paging, Question, Text, Week
from pipeline.api_keys import Scope

Newest = Annotated[Direction, Field(description="Which way the list is sorted.")]
LONGEST_ITEM = 64
ById = Literal["id"]


class Search(Paging):
    """Words to find; case, accents and order do not matter, and a word may be cut short."""

    name: Annotated[Text, Field(description="What to look for, like `Tolkien J.R.R.`.")]
    sort_key: Annotated[Literal["relevance"], Field(description="The best match first.")] = (
        "relevance"
    )


class Missing(Paging):
    """Missing books of one series or author, or of all."""

    type: Annotated[
        Literal["series", "author"] | None, Field(description="Whose gaps: a series', an author's.")
    ] = None
    id: Annotated[Id | None, Field(description="The series or author; needs `type`.")] = None
    sort_key: Literal["position", "title", "identifiedDate"] = "position"


class ChartWeek(Question):
    """A week of charts."""

    week: Annotated[Week | None, Field(description="ISO week; the newest without it.")] = None


class Completeness(Paging):
    """Books by their completeness."""

    sort_key: Literal["title", "metadataCompleteness", "lastMetadataUpdate"] = "title"


class Redownload(Question):
    """A book to fetch again."""

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


def _moment(value: Any) -> Any:
    """Read a moment strictly as RFC 3339 writes it; pydantic alone takes numbers, too."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return "no moment"


class NewKey(Body):
    """A key to be made."""

    name: Text
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_at: Annotated[AwareDatetime | None, BeforeValidator(_moment)] = None


class ServiceValues(Body):
    """Values of a service; null forgets one."""

    values: Annotated[dict[str, str | None], Field(min_length=1, max_length=10)]


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
