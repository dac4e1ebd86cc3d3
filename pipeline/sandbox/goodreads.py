"""A stand-in of Goodreads that knows the sandbox's works, and how to keep robots out."""

import asyncio
import json
import math
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anyascii import anyascii
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline.sandbox import goodreads_pages as pages
from pipeline.sandbox.catalogue import Title

ROBOTS = (
    "User-agent: *\nDisallow: /search\nDisallow: /work\nAllow: /work/editions\nDisallow: /api\n"
)
_MOST_SUGGESTIONS = 20


@dataclass(slots=True)
class GoodreadsFaults:
    """What goes wrong.

    From request number `challenge_after` + 1 on every answer is a firewall's challenge; `empty`
    is the number of book pages to come without content; `old_layout` lays pages out in a way that
    nobody knows; `signed_out` sends everybody to the sign-in page; `down` is the number of answers
    503 to come; `slow` in seconds; `moved` are ids of books that redirect to another one.
    """

    challenge_after: int | None = None
    empty: int = 0
    old_layout: bool = False
    signed_out: bool = False
    down: int = 0
    slow: float = 0.0
    moved: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: seconds of the monotonic clock, path, agent."""

    at: float
    path: str
    agent: str


class GoodreadsStandIn:
    """Answers the pages that a visitor sees; *per_page* is how many works a series' page has."""

    def __init__(
        self,
        titles: Iterable[Title],
        series_ids: Mapping[str, str],
        author_ids: Mapping[str, str],
        *,
        per_page: int = 100,
    ) -> None:
        self.faults = GoodreadsFaults()
        self.calls: list[Call] = []
        self._titles = tuple(titles)
        self._series_ids, self._author_ids, self._per_page = series_ids, author_ids, per_page
        self._books = {title.goodreads_id: title for title in self._titles}
        self._works = {title.work_id: title for title in self._titles}
        self._series = {number: name for name, number in series_ids.items()}
        self._authors = {number: name for name, number in author_ids.items()}
        self.app = Starlette(
            routes=[
                Route("/robots.txt", lambda _: PlainTextResponse(ROBOTS)),
                Route("/book/auto_complete", self._suggestions),
                Route("/book/show/{slug}", self._book),
                Route("/series/{slug}", self._series_page),
                Route("/author/list/{slug}", self._author_list),
                Route("/author/show/{slug}", self._author),
                Route("/work/editions/{slug}", self._editions),
                Route("/search", self._search),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._at_the_gate)],
        )

    async def _at_the_gate(self, request: Request, go_on: RequestResponseEndpoint) -> Response:
        """Record the call; refuse it when a fault says so."""
        agent = request.headers.get("user-agent", "")
        self.calls.append(Call(time.monotonic(), request.url.path, agent))
        faults = self.faults
        await asyncio.sleep(faults.slow)
        if faults.challenge_after is not None and len(self.calls) > faults.challenge_after:
            headers = {"x-amzn-waf-action": "challenge"}
            return HTMLResponse(pages.CHALLENGE, 202, headers)
        if faults.signed_out:
            return RedirectResponse("/user/sign_in?returnurl=%2F", 302)
        if faults.down > 0:
            faults.down -= 1
            return PlainTextResponse("upstream timed out", 503)
        if faults.old_layout and not request.url.path.startswith("/book/show/"):
            return HTMLResponse(pages.shell("Goodreads", '<div id="__app"></div>'))
        return await go_on(request)

    async def _suggestions(self, request: Request) -> Response:
        found = self._found(request.query_params.get("q", ""))[:_MOST_SUGGESTIONS]
        rows = [pages.suggestion(title, self._author_ids) for title in found]
        return Response(json.dumps(rows), media_type="application/json")

    async def _book(self, request: Request) -> Response:
        number = _number(request)
        if number in (self.faults.moved or {}):
            return RedirectResponse(f"/book/show/{(self.faults.moved or {})[number]}", 301)
        title = self._books.get(number)
        if title is None:
            return _not_found()
        if self.faults.old_layout:
            return HTMLResponse(pages.old_book(title))
        if self.faults.empty > 0:
            self.faults.empty -= 1
            return HTMLResponse(pages.empty_book(title))
        return HTMLResponse(pages.book(title, self._series_ids, self._author_ids))

    async def _series_page(self, request: Request) -> Response:
        name = self._series.get(_number(request))
        if name is None:
            return _not_found()
        titles = members(self._titles, name)
        page = int(request.query_params.get("page", 1))
        return HTMLResponse(
            pages.series(name, titles, self._author_ids, page=page, per_page=self._per_page)
        )

    async def _author_list(self, request: Request) -> Response:
        name = self._authors.get(_number(request))
        if name is None:
            return _not_found()
        query = request.query_params
        page, per_page = int(query.get("page", 1)), int(query.get("per_page", 30))
        return HTMLResponse(
            pages.author_list(
                name, self._books_by(name), self._author_ids, page=page, per_page=per_page
            )
        )

    async def _author(self, request: Request) -> Response:
        name = self._authors.get(_number(request))
        if name is None:
            return _not_found()
        return HTMLResponse(pages.author(name, self._books_by(name), self._author_ids))

    async def _editions(self, request: Request) -> Response:
        title = self._works.get(_number(request))
        if title is None:
            return _not_found()
        only = request.query_params.get("filter_by_format", "")
        return HTMLResponse(pages.editions(title, self._author_ids, only=only))

    async def _search(self, request: Request) -> Response:
        words = request.query_params.get("q", "")
        return HTMLResponse(pages.search(words, self._found(words), self._author_ids))

    def _books_by(self, name: str) -> list[Title]:
        books = [title for title in self._titles if name in title.authors]
        return sorted(books, key=lambda title: -title.ratings)

    def _found(self, words: str) -> list[Title]:
        """Return what an identifier names, or the works that have all *words*, best known first."""
        sole = [title for title in self._titles if words and words in (title.isbn, title.asin)]
        if sole:
            return sole
        asked = _words(words)
        fit = [title for title in self._titles if asked and asked <= _words(_all_of(title))]
        return sorted(fit, key=lambda title: (_words(title.title) - asked != set(), -title.ratings))


def members(titles: Iterable[Title], series: str) -> list[Title]:
    """Return the works of a series in the order of their positions, those without one last."""
    found = [title for title in titles if series in dict(title.series)]
    return sorted(found, key=lambda title: _position(dict(title.series)[series]))


def _position(printed: str | None) -> tuple[float, bool]:
    """Return what a position sorts by: its first number; spans and parts after the whole."""
    number = re.match(r"\d+(\.\d+)?", printed or "")
    return (float(number[0]), number[0] != printed) if number else (math.inf, True)


def _all_of(title: Title) -> str:
    names = (*title.authors, *(name for name, _ in title.series))
    return " ".join((title.title, title.shelf_title or "", *names))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", anyascii(text).lower().replace("'", "")))


def _number(request: Request) -> str:
    return re.match(r"\d*", request.path_params["slug"])[0]  # type: ignore[index]  # matches always


def _not_found() -> Response:
    return HTMLResponse(pages.shell("Page not found", "<h1>Page not found</h1>"), 404)
