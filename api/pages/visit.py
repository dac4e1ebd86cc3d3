"""What a page and a form are, and what the functions behind them are given."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from api.desk import Desk
from api.errors import Refused
from pipeline.api_keys import Caller, Scope
from pipeline.db import Transaction


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in; `token` stands in every form and proves that it is ours."""

    caller: Caller
    token: str


Recognise = Callable[[Desk, Request], Awaitable[Visitor | None]]


class Query(BaseModel):
    """Base of what a page reads from its address; what cannot be read counts as not said."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Listing(Query):
    """Which part of a list, and what to look for."""

    page: int = Field(1, ge=1, le=1_000_000)
    q: str = Field("", max_length=200, pattern=r"^[^\x00]*$")

    size: int = Field(50, ge=10, le=200)

    @property
    def window(self) -> dict[str, int]:
        """What the query of a list takes to answer one page of it."""
        return {"limit": self.size, "offset": (self.page - 1) * self.size}


@dataclass(slots=True)
class Visit:
    """One request, recognised and read."""

    desk: Desk
    request: Request
    visitor: Visitor | None
    query: Any = None
    form: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """Who is signed in; only pages that ask for a scope may look."""
        if self.visitor is None:
            raise Refused(401)
        return self.visitor.caller

    @property
    def user_id(self) -> int:
        """Whose pages these are."""
        return self.caller.user_id

    @property
    def token(self) -> str:
        """What every form carries back."""
        return self.visitor.token if self.visitor else ""

    @property
    def path(self) -> Mapping[str, Any]:
        """The parts of the address that the page's path names."""
        return self.request.path_params

    def may(self, scope: Scope) -> bool:
        """Say whether the visitor may do what asks for *scope*."""
        return self.visitor is not None and self.visitor.caller.may(scope)

    def db(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a transaction that sees the visitor's rows only."""
        return self.desk.pool.user(self.user_id)

    def here(self, **changes: Any) -> str:
        """Return this page's address with some of its filters changed; None leaves one out."""
        said = dict(self.request.query_params)
        if changes and "page" not in changes:
            said.pop("page", None)
        said |= {name: str(value) for name, value in changes.items()}
        kept = {n: v for n, v in said.items() if v and changes.get(n, "") is not None}
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def text(self, name: str) -> str:
        """Return one field of the form, empty when it was not sent."""
        return self.form.get(name, [""])[-1].strip()

    def number(self, name: str) -> int:
        """Return one field of the form as a number; raises Refused when it is none."""
        given = self.text(name)
        if not given.isdecimal() or not given.isascii() or len(given) > 18:  # noqa: PLR2004  # bigint
            raise Refused(422, f"the form does not say which {name.replace('_', ' ')}")
        return int(given)


@dataclass(frozen=True, slots=True)
class Done:
    """What a form did, and where to go now."""

    to: str
    said: str = ""
    good: bool = True


Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table of pages.

    *handler* returns what the template shows; `title` in it replaces the page's. *scope* None opens
    the page to anybody. *section* is the entry of the menu that is marked as the current one.
    """

    path: str
    handler: Callable[[Visit], Awaitable[Shown | Response]]
    template: str
    title: str
    section: str
    query: type[Query] = Query
    scope: Scope | None = "read"


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the table of forms; a form is sent with POST and answered with a redirect."""

    path: str
    handler: Callable[[Visit], Awaitable[Done | Response]]
    scope: Scope | None = "trigger"
