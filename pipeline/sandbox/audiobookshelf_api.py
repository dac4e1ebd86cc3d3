"""The Audiobookshelf stand-in's answers about libraries and items."""

import asyncio
import base64
import hashlib
import json
import random
import re
import shutil
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.sandbox.audiobookshelf_accounts import User
from pipeline.sandbox.audiobookshelf_edits import Died, Edit, apply, forget_unused, new_series
from pipeline.sandbox.audiobookshelf_scans import Scanner
from pipeline.sandbox.audiobookshelf_shelf import Book, Shelf, sorted_books
from pipeline.sandbox.audiobookshelf_sign_in import MALFORMED, SignIn, text
from pipeline.sandbox.audiobookshelf_wire import Dropped, Faults

Handler = Callable[[Request], Awaitable[Response]]
BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Api:
    """Libraries, items, their changes; *finish* tells of a change, *crash* ends the server."""

    def __init__(  # noqa: PLR0913 - the parts of a server
        self,
        shelf: Shelf,
        faults: Faults,
        sign_in: SignIn,
        scanner: Scanner,
        *,
        finish: Callable[[Edit], Awaitable[None]],
        crash: Callable[[str], None],
    ) -> None:
        self.shelf, self.faults, self.sign_in, self.scanner = shelf, faults, sign_in, scanner
        self.finish, self.crash = finish, crash
        self._writing: list[tuple[set[str], set[str]]] = []
        self._lives = 0
        self._chance = random.Random(236)

    @property
    def routes(self) -> list[Route]:
        """Every route; who may go where stands beside it."""
        library, item = "/api/libraries/{library}", "/api/items/{item}"
        return [
            self._route("GET", "/api/libraries", self._libraries),
            self._route("GET", library, self._library),
            self._route("GET", f"{library}/items", self._items),
            self._route("GET", f"{library}/search", self._search),
            self._route("POST", f"{library}/scan", self._scan, "admin"),
            self._route("GET", "/api/tasks", self._tasks),
            self._route("POST", "/api/items/batch/get", self._batch_get),
            self._route("POST", "/api/items/batch/update", self._batch_update, "update"),
            self._route("GET", item, self._item),
            self._route("DELETE", item, self._delete, "admin"),
            self._route("PATCH", f"{item}/media", self._patch, "update"),
            self._route("POST", f"{item}/scan", self._scan_item, "admin"),
        ]

    def forget_writes(self) -> None:
        """Drop every write under way, as a new process does."""
        self._writing.clear()
        self._lives += 1

    def _route(self, method: str, path: str, handler: Handler, needs: str = "") -> Route:
        async def guarded(request: Request) -> Response:
            user = self.sign_in.caller(request)
            if user is None:
                return text("Unauthorized", 401)
            if not _allowed(user, needs):
                return text("Forbidden", 403)
            if "library" in request.path_params and not self._is_ours(request):
                return text("Library not found", 404, "text/html")
            if (
                "item" in request.path_params
                and request.path_params["item"] not in self.shelf.books
            ):
                return text("Not Found", 404)
            try:
                return _tagged(request, await handler(request))
            except Died as death:
                self.crash(str(death))
                return Dropped()

        return Route(path, guarded, methods=[method])

    def _is_ours(self, request: Request) -> bool:
        return bool(request.path_params["library"] == self.shelf.library_id)

    def _book(self, request: Request) -> Book:
        return self.shelf.books[request.path_params["item"]]

    async def _libraries(self, _: Request) -> Response:
        return JSONResponse({"libraries": [self.shelf.library()]})

    async def _library(self, _: Request) -> Response:
        return JSONResponse(self.shelf.library())

    async def _tasks(self, _: Request) -> Response:
        return JSONResponse({"tasks": self.scanner.tasks})

    async def _items(self, request: Request) -> Response:
        asked = request.query_params
        if any(len(asked.getlist(name)) > 1 for name in ("include", "filter")):
            raise Died("TypeError: include.split is not a function")
        limit, page = _number(asked.get("limit")), _number(asked.get("page")) or 0
        if limit is not None and (limit < 0 or limit != int(limit)):
            return text("Invalid request. limit must be a positive integer", 400, "text/html")
        size, sort, descending = int(limit or 0), asked.get("sort"), asked.get("desc") == "1"
        books = [*self.shelf.books.values()]
        if sort is None:
            self._chance.shuffle(books)  # nobody promises an order
        books = sorted_books(
            self._filtered(books, asked.get("filter")), sort, descending=descending
        )
        start = int(page) * size
        results = books[start : start + size] if size else books
        return JSONResponse(
            {
                "results": [self.shelf.minified(book) for book in results],
                "total": len(books),
                "limit": size,
                "page": int(page),
                **({"sortBy": sort} if sort else {}),
                "sortDesc": descending,
                **({"filterBy": asked["filter"]} if "filter" in asked else {}),
                "mediaType": "book",
                "minified": asked.get("minified") == "1",
                "collapseseries": False,
                "include": asked.get("include", ""),
                "offset": start,
            }
        )

    def _filtered(self, books: list[Book], filtered: str | None) -> list[Book]:
        """Return the books of a filter; one that the server does not know is silently ignored."""
        if filtered == "issues":
            return [book for book in books if book.is_missing or book.is_invalid]
        group, _, value = (filtered or "").partition(".")
        key = _decoded(value)
        if group == "series":
            return [book for book in books if key in {place[0] for place in book.series}]
        if group == "authors":
            return [book for book in books if key in book.authors]
        if group == "missing":
            return [book for book in books if not book.about.get(key)]
        return books

    async def _search(self, request: Request) -> Response:
        words = request.query_params.get("q")
        if not words:
            return text('Invalid request. Query param "q" must be a string', 400)
        limit = int(_number(request.query_params.get("limit")) or 12)
        hits = [
            {"libraryItem": self.shelf.expanded(book)}
            for book in self.shelf.books.values()
            if any(
                words.lower() in (book.about[name] or "").lower()
                for name in ("title", "subtitle", "asin", "isbn")
            )
        ]
        empty = {key: list[Any]() for key in ("narrators", "tags", "genres", "series", "authors")}
        return JSONResponse({"book": hits[:limit], **empty})

    async def _item(self, request: Request) -> Response:
        expanded = request.query_params.get("expanded") == "1"
        shape = self.shelf.expanded if expanded else self.shelf.plain
        return JSONResponse(shape(self._book(request)))

    async def _batch_get(self, request: Request) -> Response:
        body = await _json(request)
        ids = body.get("libraryItemIds") if isinstance(body, dict) else None
        if not ids:
            return text("Invalid payload", 403, "text/html")
        books = [book for key, book in self.shelf.books.items() if key in ids]
        return JSONResponse({"libraryItems": [self.shelf.expanded(book) for book in books]})

    async def _batch_update(self, request: Request) -> Response:
        body = await _json(request)
        if not isinstance(body, list) or not body or None in body:
            return text("Bad Request", 400)
        ids = [each.get("id") for each in body]
        if len(set(ids)) < len(ids):
            return text("Bad Request", 400)
        if not all(key in self.shelf.books for key in ids):
            return text("Not Found", 404)
        edits = [(self.shelf.books[each["id"]], each.get("mediaPayload", ...)) for each in body]
        updates = await self._write(edits)
        if updates is None:
            return Dropped()
        return JSONResponse({"success": True, "updates": updates})

    async def _patch(self, request: Request) -> Response:
        if request.headers.get("content-type", "").startswith("application/json"):
            payload = await _json(request)
            if payload is ...:
                return text(MALFORMED, 400, "text/html")
        else:
            payload = {}  # what is not announced as JSON is not read
        book = self._book(request)
        updates = await self._write([(book, payload)])
        if updates is None:
            return Dropped()
        said = {"updated": True} if updates else {}
        return JSONResponse({**said, "libraryItem": self.shelf.plain(book)})

    async def _write(self, edits: list[tuple[Book, Any]]) -> int | None:
        """Apply *edits*, one after the other; return how many changed, None when it gets lost."""
        if self.faults.refuse_writes > 0:
            self.faults.refuse_writes -= 1
            return None
        life, updates, mark = self._lives, 0, self._announced(edits)
        try:
            for book, payload in edits:
                await asyncio.sleep(self.faults.write_seconds)
                if life != self._lives:
                    return None  # the process that was writing is no more
                if payload in (None, ...):
                    raise Died(
                        "TypeError: Cannot read properties of undefined (reading 'metadata')"
                    )
                edit = apply(self.shelf, book, self._heeded(payload))
                await self.finish(edit)
                updates += edit.changed
        finally:
            if mark in self._writing:
                self._writing.remove(mark)
        if self.faults.lose_answers > 0:
            self.faults.lose_answers -= 1
            return None
        return updates

    def _announced(self, edits: list[tuple[Book, Any]]) -> tuple[set[str], set[str]]:
        """Remember what is being written; two writes at once of the same end the server."""
        items = {book.id for book, _ in edits}
        series = set[str]().union(*(new_series(self.shelf, payload) for _, payload in edits))
        for others, names in self._writing:
            if series & names:
                raise Died(
                    f"UNIQUE constraint failed: series {sorted(series & names)} twice at once"
                )
            if items & others:
                raise Died("SequelizeError: the same item is written twice at once")
        mark = (items, series)
        self._writing.append(mark)
        return mark

    def _heeded(self, payload: Any) -> Any:
        about = payload.get("metadata") if isinstance(payload, dict) else None
        if not self.faults.stubborn or not isinstance(about, dict):
            return payload
        kept = {name: value for name, value in about.items() if name not in self.faults.stubborn}
        return payload | {"metadata": kept}

    async def _delete(self, request: Request) -> Response:
        book = self._book(request)
        del self.shelf.books[book.id]
        if request.query_params.get("hard") == "1":
            await asyncio.to_thread(shutil.rmtree, self.shelf.root / book.rel_path)
        edit = Edit(events=[("item_removed", {"id": book.id, "libraryId": self.shelf.library_id})])
        forget_unused(self.shelf, edit)
        await self.finish(edit)
        return text("OK")

    async def _scan(self, _: Request) -> Response:
        self.scanner.start()
        return text("OK")

    async def _scan_item(self, request: Request) -> Response:
        book = self._book(request)
        if book.is_file:
            return text("Internal Server Error", 500)
        return JSONResponse({"result": await self.scanner.look_at(book)})


def _allowed(user: User, needs: str) -> bool:
    if needs == "admin":
        return user.is_admin
    return user.may_update if needs == "update" else True


async def _json(request: Request) -> Any:
    """Return the body, or `...` when it is neither an object nor a list of JSON."""
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        return ...
    return body if isinstance(body, dict | list) else ...


def _decoded(value: str) -> str:
    """Read URL-encoded base64: a bad percent sign is fatal, bad base64 just some other text."""
    try:
        plain = unquote(value, errors="strict")
    except UnicodeDecodeError as wrong:
        raise Died("URIError: URI malformed") from wrong
    if BAD_PERCENT.search(value) or "\ufffd" in value:
        raise Died("URIError: URI malformed")
    letters = re.sub(r"[^A-Za-z0-9+/]", "", plain)
    whole = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(whole + "=" * (-len(whole) % 4)).decode(errors="replace")


def _number(value: str | None) -> float | None:
    try:
        return float(value or "")
    except ValueError:
        return None


def _tagged(request: Request, answer: Response) -> Response:
    """Add the ETag that the server gives everything; answer 304 to who has it already."""
    if isinstance(answer, Dropped):
        return answer
    body = bytes(answer.body)
    digest = base64.b64encode(hashlib.sha1(body, usedforsecurity=False).digest())[:27].decode()
    tag = f'W/"{len(body):x}-{digest}"'
    if request.method == "GET" and request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    answer.headers["ETag"] = tag
    return answer
