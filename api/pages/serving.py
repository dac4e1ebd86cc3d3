"""From a line of the tables to an endpoint: recognise, read, call, show."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth import authenticate, shown_key
from api.contract import LARGEST_BODY, LARGEST_ID
from api.desk import Desk
from api.dispatch import ROUTE
from api.errors import Refused
from api.pages.rendering import HEADERS, redirected, refused, rendered
from api.pages.visit import Action, Done, Page, Query, Recognise, Shown, Visit, Visitor
from pipeline.db import LOST
from pipeline.errors import BookrunnerError

SIGN_IN = "/sign-in"
MOST_FIELDS = 500
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """What every page stands behind."""

    desk: Desk
    recognise: Recognise


async def by_key(desk: Desk, request: Request) -> Visitor | None:
    """Recognise a visitor by an API key, which no other site's page can make a browser send."""
    if shown_key(request) is None:
        return None
    caller = await authenticate(desk, request, "read")
    return Visitor(caller, f"key {caller.key_id}")


def page_route(page: Page, door: Door) -> Route:
    """Return the route of a page."""

    async def show(visit: Visit) -> Response:
        await _enter(visit, door, page.scope)
        visit.query = read(page.query, visit.request)
        shown = await page.handler(visit)
        if isinstance(shown, Response):
            return shown
        frame = await frame_of(visit)
        about = {"title": page.title, "section": page.section}
        return rendered(visit, page.template, about | frame | shown)

    return Route(page.path, _endpoint(page.path, door, show), methods=["GET"])


def action_route(action: Action, door: Door) -> Route:
    """Return the route of a form; a form that cannot be done leads back with the reason."""

    async def do(visit: Visit) -> Response:
        await _enter(visit, door, action.scope)
        visit.form = await _form(visit.request)
        if action.scope is not None and not _ours(visit):
            raise Refused(403, "this form has grown old: go back, reload the page, and try again")
        try:
            done = await action.handler(visit)
        except BookrunnerError as error:
            done = Done(back(visit.request), str(error), good=False)
        return redirected(done) if isinstance(done, Done) else done

    return Route(action.path, _endpoint(action.path, door, do), methods=["POST"])


def read(model: type[Query], request: Request) -> Query:
    """Return what the address says; whatever cannot be read counts as not said."""
    given = dict(request.query_params)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faulty = {str(each["loc"][0]) for each in error.errors(include_input=False)}
        return model.model_validate({n: v for n, v in given.items() if n not in faulty})


async def frame_of(visit: Visit) -> Shown:
    """Return what every page shows around its content."""
    if visit.visitor is None:
        return {"frame": {"time_zone": "UTC"}}
    async with visit.db() as db:
        return {"frame": await db.row("pages_frame.frame") or {"time_zone": "UTC"}}


def back(request: Request, otherwise: str = "/") -> str:
    """Return the address, on this site, of the page that a form stood on."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.headers.get("host") or not came.path.startswith("/"):
        return otherwise
    return local(came.path + (f"?{came.query}" if came.query else ""), otherwise)


def local(address: str, otherwise: str = "/") -> str:
    """Return an address that cannot lead away from this site."""
    fine = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if fine and address.isprintable() and "\\" not in address else otherwise


def _endpoint(path: str, door: Door, answer: Callable[[Visit], Awaitable[Response]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = path
        visit = Visit(door.desk, request, None)
        try:
            return await answer(visit)
        except _SignIn as sign_in:
            return sign_in.response
        except Refused as error:
            return await _refusal(visit, error.status, error.detail)
        except BookrunnerError as error:
            return await _refusal(visit, 422, str(error))
        except LOST:
            return refused(visit, 503, "The database is out of reach.", _NO_FRAME)

    return endpoint


_NO_FRAME: Shown = {"frame": {"time_zone": "UTC"}}


async def _refusal(visit: Visit, status: int, detail: str | None) -> Response:
    try:
        frame = await frame_of(visit)
    except LOST:
        frame = _NO_FRAME
    return refused(visit, status, detail, frame)


class _SignIn(Exception):  # noqa: N818  # a detour, not an error
    def __init__(self, response: Response) -> None:
        super().__init__("sign in first")
        self.response = response


async def _enter(visit: Visit, door: Door, scope: Any) -> None:
    """Recognise the visitor; whoever has to sign in first comes back here afterwards."""
    for value in visit.path.values():
        if isinstance(value, int) and not 1 <= value <= LARGEST_ID:
            raise Refused(404)
    visit.visitor = await door.recognise(door.desk, visit.request)
    if scope is None:
        return
    if visit.visitor is None:
        raise _SignIn(_to_sign_in(visit.request))
    if not visit.visitor.caller.enabled:
        raise Refused(403, "this user is disabled")
    if not visit.may(scope):
        raise Refused(403, f"what you signed in with does not reach as far as {scope}")


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    came = here if request.method in {"GET", "HEAD"} else back(request)
    address = SIGN_IN if came == "/" else f"{SIGN_IN}?next={quote(came)}"
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={**HEADERS, "HX-Redirect": SIGN_IN})
    return RedirectResponse(address, 303, HEADERS)


def _ours(visit: Visit) -> bool:
    return hmac.compare_digest(visit.text("token").encode(), visit.token.encode())


async def _form(request: Request) -> dict[str, list[str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused(415, "send the form as forms are sent")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_BODY:
            raise Refused(413, f"at most {LARGEST_BODY // 1024} KiB")
    try:
        found = parse_qs(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Refused(400, "this is no form") from None
    return {name: [text.replace("\x00", "") for text in texts] for name, texts in found.items()}
