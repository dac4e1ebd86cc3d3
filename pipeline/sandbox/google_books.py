"""A stand-in of Google Books' Volumes API that knows the sandbox's works.

Its answers are shaped as the real ones are: no `items` when nothing is found, plain text in a list
and HTML in a volume, identifiers of odd kinds, summaries and editions in other languages among the
hits, and its refusals word for word.
"""

import asyncio
import html
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pipeline.sandbox.catalogue import Title

_OPERATOR = re.compile(r'(isbn|intitle|inauthor):(?:"([^"]*)"|(\S+))')
_MOST = 40


@dataclass(slots=True)
class GoogleBooksFaults:
    """What goes wrong; counts are of requests to come, `spent_after` of all requests.

    `needs_country` refuses requests without a country, as Google does to servers whose address it
    cannot place. `quota` 0 is what projects without a quota of their own get. `slow` in seconds.
    """

    spent_after: int | None = None
    per_minute: int = 0
    down: int = 0
    needs_country: bool = False
    quota: int = 1000
    gone: frozenset[str] = frozenset()
    slow: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came: seconds of the monotonic clock, path, parameters without the key."""

    at: float
    path: str
    params: dict[str, str]


class GoogleBooksStandIn:
    """Answers `/volumes` and `/volumes/{id}`; *api_key* is the one that it takes."""

    def __init__(self, titles: Iterable[Title], *, api_key: str = "sandbox-key") -> None:
        self.api_key = api_key
        self.faults = GoogleBooksFaults()
        self.calls: list[Call] = []
        self._volumes = {str(v["id"]): v for title in titles for v in volumes_of(title)}
        self.app = Starlette(
            routes=[
                Route("/volumes", self._list),
                Route("/volumes/{id}", self._get),
            ]
        )

    async def _list(self, request: Request) -> JSONResponse:
        if refusal := await self._refusal(request):
            return refusal
        query = request.query_params
        found = [v for v in self._volumes.values() if _matches(v, query.get("q", ""))]
        start = int(query.get("startIndex", 0))
        most = min(int(query.get("maxResults", 10)), _MOST)
        answer: dict[str, Any] = {"kind": "books#volumes", "totalItems": len(found)}
        if page := found[start : start + most]:
            answer["items"] = [as_listed(volume) for volume in page]
        return JSONResponse(answer)

    async def _get(self, request: Request) -> JSONResponse:
        if refusal := await self._refusal(request):
            return refusal
        volume = self._volumes.get(request.path_params["id"])
        if volume is None or volume["id"] in self.faults.gone:
            said = "The volume ID could not be found."
            return _error(404, said, "notFound")
        return JSONResponse(volume)

    async def _refusal(self, request: Request) -> JSONResponse | None:
        """Record the call and return the refusal that is due, if any."""
        params = {k: v for k, v in request.query_params.items() if k != "key"}
        self.calls.append(Call(time.monotonic(), request.url.path, params))
        await asyncio.sleep(self.faults.slow)
        key = request.query_params.get("key")
        if key and key != self.api_key:
            said = "API key not valid. Please pass a valid API key."
            return _error(400, said, "badRequest", "INVALID_ARGUMENT", "API_KEY_INVALID")
        if not key or self.faults.quota == 0:
            return _over_quota("defaultPerDayPerProject", "1/d/{project}", "0")
        return self._fault("country" in params)

    def _fault(self, located: bool) -> JSONResponse | None:
        faults = self.faults
        if faults.needs_country and not located:
            said = "Cannot determine user location for geographically restricted operation."
            return _error(403, said, "unknownLocation")
        if faults.down > 0:
            faults.down -= 1
            return _error(503, "Service temporarily unavailable.", "backendFailed")
        if faults.per_minute > 0:
            faults.per_minute -= 1
            return _over_quota("defaultPerMinutePerProject", "1/min/{project}", "100")
        if faults.spent_after is not None and len(self.calls) > faults.spent_after:
            return _over_quota("defaultPerDayPerProject", "1/d/{project}", str(faults.quota))
        return None


def volumes_of(title: Title) -> Iterator[dict[str, Any]]:
    """Yield a title's own volume and a study guide to it, which a search returns too."""
    if title.google_id is None:
        return
    known = {
        "title": title.title,
        "subtitle": title.subtitle,
        "authors": list(title.authors),
        "publisher": title.publisher,
        "publishedDate": f"{title.year}-01-01" if len(title.title) % 2 else str(title.year),
        "description": f"<p>{html.escape(title.description)}</p>" if title.description else None,
        "industryIdentifiers": _identifiers(title),
        "pageCount": title.minutes // 2,
        "categories": [f"Fiction / {genre}" for genre in title.genres],
        "language": title.language,
        "averageRating": 4,
        "ratingsCount": title.ratings % 1000,
    }
    lacking = {_NAMES.get(name, name) for name in title.google_lacks}
    info = {k: v for k, v in known.items() if v not in (None, []) and k not in lacking}
    yield _volume(title.google_id, info)
    guide = {
        "title": f"Summary of {title.title}",
        "authors": ["Swift Notes"],
        "publishedDate": "2019-05-09T00:00:00Z",
        "industryIdentifiers": [{"type": "OTHER", "identifier": f"SWIFT:{title.goodreads_id}"}],
        "language": title.language,
    }
    yield _volume(f"{title.google_id}s", guide)


_NAMES = {
    "isbn": "industryIdentifiers",
    "published_year": "publishedDate",
    "genres": "categories",
}


def as_listed(volume: dict[str, Any]) -> dict[str, Any]:
    """Return a volume as a list has it: plain text, and one broad category."""
    info = dict(volume["volumeInfo"])
    if "description" in info:
        info["description"] = html.unescape(re.sub(r"<[^>]*>", "", info["description"]))
    if "categories" in info:
        info["categories"] = [info["categories"][0].partition(" / ")[0]]
    return {**volume, "volumeInfo": info}


def _identifiers(title: Title) -> list[dict[str, str]]:
    if title.isbn is None:
        return []
    library = {"type": "OTHER", "identifier": f"SANDBOX:{title.work_id}"}
    return [{"type": "ISBN_13", "identifier": title.isbn}, library]


def _volume(google_id: str, info: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "books#volume",
        "id": google_id,
        "etag": f"e{google_id}",
        "selfLink": f"https://www.googleapis.com/books/v1/volumes/{google_id}",
        "volumeInfo": info,
    }


def _matches(volume: dict[str, Any], question: str) -> bool:
    """Whether a volume fits `isbn:`, `intitle:`, `inauthor:` and all bare words."""
    info = volume["volumeInfo"]
    isbns = " ".join(each["identifier"] for each in info.get("industryIdentifiers", []))
    texts = {
        "isbn": isbns,
        "intitle": f"{info['title']} {info.get('subtitle', '')}",
        "inauthor": " ".join(info.get("authors", [])),
    }
    for operator, quoted, bare in _OPERATOR.findall(question):
        if not _words(quoted or bare) <= _words(texts[operator]):
            return False
    rest = _words(_OPERATOR.sub(" ", question))
    return rest <= _words(" ".join(texts.values())) and bool(question.strip())


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", anyascii(text).lower().replace("'", "")))


def _over_quota(limit: str, unit: str, value: str) -> JSONResponse:
    per = "day" if "/d/" in unit else "minute"
    said = (
        f"Quota exceeded for quota metric 'Queries' and limit 'Queries per {per}' of service"
        " 'books.googleapis.com' for consumer 'project_number:0'."
    )
    metadata = {
        "service": "books.googleapis.com",
        "quota_metric": "books.googleapis.com/default",
        "quota_limit": limit,
        "quota_unit": unit,
        "quota_limit_value": value,
        "quota_location": "global",
        "consumer": "projects/0",
    }
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": metadata,
    }
    errors = [{"message": said, "domain": "global", "reason": "rateLimitExceeded"}]
    error = {"code": 429, "message": said, "errors": errors, "status": "RESOURCE_EXHAUSTED"}
    return JSONResponse({"error": {**error, "details": [info]}}, 429)


def _error(
    code: int, said: str, reason: str, status: str | None = None, detail: str | None = None
) -> JSONResponse:
    error: dict[str, Any] = {
        "errors": [{"domain": "global", "reason": reason, "message": said}],
        "code": code,
        "message": said,
    }
    if status:
        error["status"] = status
        info = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": info, "reason": detail, "domain": "googleapis.com"}]
    return JSONResponse({"error": error}, code)
