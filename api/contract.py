"""What a call is: its path, its models, the scope that it asks for."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from api.desk import Desk
from pipeline.api_keys import Caller, Scope

LARGEST_ID = 2**63 - 1
LARGEST_BODY = 64 * 1024  # bytes
LARGEST_EVENT = 4 * 1024 * 1024  # bytes; an event may carry whole items of Audiobookshelf
LONGEST_TEXT = 200
_WHOLE = re.compile(r"-?\d{1,19}")


class Wire(BaseModel):
    """Base of everything that crosses the wire: camelCase there, snake_case here."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, extra="forbid"
    )


class Question(Wire):
    """Base of query parameters; one that is not named here is refused."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)


class Body(Wire):
    """Base of JSON bodies; strict, so that true is not 1 and "7" is not 7."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True, strict=True)


class Answer(Wire):
    """Base of answers."""


def _whole(value: object) -> object:
    """Take an integer of a query only as digits: no blanks, underscores or decimals."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return "not a number" if isinstance(value, str) else value


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _integer(value: object) -> object:
    """Take 7.0 of a body as 7: to JSON Schema both are the same integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Number = BeforeValidator(_whole)
Whole = BeforeValidator(_integer)
Id = Annotated[int, Field(ge=1, le=LARGEST_ID), Number]
Moment = Annotated[datetime, AfterValidator(_utc)]
Percent = Annotated[
    float,
    Field(ge=0, le=100),
    BeforeValidator(lambda value: float(value) if isinstance(value, Decimal) else value),
]
# PostgreSQL keeps no NUL in text.
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
Direction = Literal["ascending", "descending"]


class Paging(Question):
    """Which page of a list."""

    page: Annotated[int, Field(ge=1, le=1_000_000, description="The page, from 1."), Number] = 1
    page_size: Annotated[int, Field(ge=1, le=200, description="Records on a page."), Number] = 50
    sort_direction: Annotated[Direction, Field(description="Which way the list is sorted.")] = (
        "ascending"
    )

    @property
    def window(self) -> dict[str, Any]:
        """What the query of a list takes beside its filters."""
        return {
            "limit": self.page_size,
            "offset": (self.page - 1) * self.page_size,
            "descending": self.sort_direction == "descending",
        }


Record = TypeVar("Record", bound=Answer)


class Page(Answer, Generic[Record]):
    """One page of a list."""

    page: int
    page_size: int
    total_records: Annotated[int, Field(description="Records on all pages.")]
    records: list[Record]


class Fault(Answer):
    """What is wrong with one part of a request."""

    field: Annotated[str, Field(description="Name of the parameter or of the body's field.")]
    place: Literal["query", "body", "path"]
    message: str


class Problem(Answer):
    """Why a call was refused (RFC 9457)."""

    type: Annotated[str, Field(description="What kind of problem, as a URN.")]
    title: str
    status: int
    detail: str | None = None
    errors: list[Fault] | None = None


@dataclass(slots=True)
class Asked:
    """One request, recognised and read: what a handler is given."""

    desk: Desk
    request: Request
    caller: Caller
    query: Any = None
    body: Any = None
    path: dict[str, Any] = field(default_factory=dict)

    @property
    def user_id(self) -> int:
        """The user whose key was shown."""
        return self.caller.user_id


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a model, or a whole response of its own."""

    content: BaseModel | Response | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Asked], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the table of calls.

    *path* stands under `/api` and `/api/v1`, or alone when it begins with `//`. *needs* names a
    workflow without which the call is not offered. *errors* are the refusals beyond those that
    follow from scope, query and body.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Handler
    about: str
    answer: type[BaseModel] | None
    tag: str
    scope: Scope | None = "read"
    query: type[Question] | None = None
    body: type[BaseModel] | None = None
    largest: int = LARGEST_BODY
    status: int = 200
    errors: tuple[int, ...] = ()
    media: str = "application/json"
    needs: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it is reached; the first is the one that is documented."""
        if self.path.startswith("//"):
            return (self.path[1:],)
        return (f"/api{self.path}", f"/api/v1{self.path}")

    @property
    def name(self) -> str:
        """The operation's name: the handler's, in camelCase."""
        return to_camel(self.handler.__name__)

    @property
    def refusals(self) -> list[int]:
        """Every status of refusal that a caller may meet."""
        found = {421, 503, *self.errors}
        if self.scope is not None:
            found |= {401, 403, 429}
        if self.query is not None or self.scope is not None:
            found |= {422}
        if self.body is not None:
            found |= {400, 413, 415, 422}
        if "{" in self.path:
            found |= {404}
        return sorted(found)


Week = Annotated[str, Field(pattern=r"^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$", examples=["2026-W46"])]


def monday(week: str) -> date | None:
    """Return the Monday of an ISO week ("2026-W46"), or None for a week that its year has not."""
    try:
        return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    except ValueError:
        return None


__all__ = [
    "LARGEST_BODY",
    "LARGEST_EVENT",
    "LARGEST_ID",
    "Answer",
    "Asked",
    "Body",
    "Call",
    "Direction",
    "Fault",
    "Handler",
    "Id",
    "Moment",
    "Number",
    "Page",
    "Paging",
    "Percent",
    "Problem",
    "Question",
    "Reply",
    "Text",
    "Week",
    "Whole",
    "Wire",
    "monday",
]
