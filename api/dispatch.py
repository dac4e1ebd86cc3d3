"""From a line of the table to an endpoint: recognise, read, call, answer."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth import authenticate
from api.contract import LARGEST_ID, Asked, Call, Fault, Question, Reply
from api.desk import Desk
from api.errors import Refused, faults, problem, refuse, translated
from pipeline.api_keys import Caller
from pipeline.db import LOST
from pipeline.errors import BookrunnerError

NOBODY = Caller(0, "", is_admin=False, enabled=True, key_id="", scopes=("read",))
ROUTE = "bookrunner.route"  # where the shield finds what answered
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(calls: Iterable[Call], desk: Desk) -> list[Route]:
    """Return one route per path, so that a refused method is told of every allowed one."""
    table: dict[str, dict[str, Call]] = {}
    for call in calls:
        for path in call.paths:
            table.setdefault(path, {})[call.method] = call
    return [
        Route(path, _endpoint(path, methods, desk), methods=list(methods), name=path)
        for path, methods in table.items()
    ]


def _endpoint(path: str, methods: dict[str, Call], desk: Desk) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = path
        call = methods["GET" if request.method == "HEAD" else request.method]
        try:
            return await _answer(call, desk, request)
        except Refused as refused:
            return refuse(refused)
        except BookrunnerError as error:
            return translated(error)
        except LOST:
            return problem(503, "the database is out of reach", headers={"Retry-After": "5"})

    return endpoint


async def _answer(call: Call, desk: Desk, request: Request) -> Response:
    caller = NOBODY if call.scope is None else await authenticate(desk, request, call.scope)
    asked = Asked(desk, request, caller, path=_path(request))
    asked.query = _query(call.query, request)
    if call.body is not None:
        asked.body = await _body(call.body, request, call.largest)
    return _rendered(await call.handler(asked), request)


def _path(request: Request) -> dict[str, Any]:
    for value in request.path_params.values():
        if (isinstance(value, int) and not 1 <= value <= LARGEST_ID) or "\0" in str(value):
            raise HTTPException(404)
    return dict(request.path_params)


def _query(model: type[Question] | None, request: Request) -> Question | None:
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise Refused(422, None, [_fault(name, "Given more than once")])
        given[name] = value
    try:
        return (model or Question).model_validate(given)
    except ValidationError as error:
        raise Refused(422, None, faults(error, "query")) from None


def _fault(name: str, message: str) -> Fault:
    return Fault(field=name[:100], place="query", message=message)


async def _body(model: type[BaseModel], request: Request, largest: int) -> BaseModel:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "send application/json", (), {"Accept": "application/json"})
    raw = await _read(request, largest)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        found = faults(error, "body")
        broken = any(each["type"] == "json_invalid" for each in error.errors(include_input=False))
        raise Refused(400 if broken else 422, None, found) from None


async def _read(request: Request, largest: int) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > largest:
            raise Refused(413, f"at most {largest // 1024} KiB")
    return bytes(raw)


def _rendered(reply: Reply, request: Request) -> Response:
    """Return the response; what was read carries a tag, and is not sent to whoever has it."""
    if isinstance(reply.content, Response):
        return reply.content
    if reply.content is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    raw = render(reply.content)
    headers = dict(reply.headers)
    if request.method in {"GET", "HEAD"} and reply.status == 200:  # noqa: PLR2004  # OK
        tag = f'W/"{hashlib.sha256(raw).hexdigest()[:24]}"'
        headers |= {"ETag": tag, "Cache-Control": "private, no-cache"}
        if _holds(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
    else:
        headers["Cache-Control"] = "no-store"
    return Response(raw, reply.status, headers, "application/json")


def render(content: BaseModel) -> bytes:
    """Return a model as it is sent."""
    return content.model_dump_json(by_alias=True).encode()


def _holds(wanted: str, tag: str) -> bool:
    """Compare weakly, as GET does (RFC 9110, section 13.1.2)."""
    known = re.findall(r'(?:W/)?("[^"]*")', wanted)
    return wanted.strip() == "*" or tag.removeprefix("W/") in known
