"""Signing in with a one-time address or an API key, and signing out.

The address is printed at every start, so that whoever can read the terminal is in with one click:
a single-user installation has no password to think about, and yet nobody who merely reaches the
port is let in. An address that a browser loads ahead of time, or that stands on a page of another
site, is not used up before its button is pressed.
"""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.auth import recognised, shown_key
from api.desk import Desk
from api.errors import Refused
from api.pages.rendering import HEADERS, rendered
from api.pages.serving import by_key, local
from api.pages.visit import Action, Done, Page, Query, Shown, Visit, Visitor
from api.sessions import form_token, session_of, with_cookie, without_cookie
from api.throttle import network
from pipeline import sign_in
from pipeline.api_keys import Caller

PATH = "/sign-in"
TEMPLATE = "sign_in.html"
LONGEST_PATH = 2000


class Arrival(Query):
    """With what somebody comes to the sign-in page, and where to they want to go."""

    token: str = Field("", max_length=sign_in.LONGEST_TOKEN, pattern=r"^[\w-]*$")
    next: str = Field("/", max_length=LONGEST_PATH)


async def recognise(desk: Desk, request: Request) -> Visitor | None:
    """Recognise a visitor by the session in their cookie, or by a key that a program sends."""
    if shown_key(request) is not None:
        return await by_key(desk, request)
    session = await session_of(desk, request)
    if session is None:
        return None
    caller = Caller(
        user_id=session.user_id,
        user_name=session.user_name,
        is_admin=session.is_admin,
        enabled=True,
        key_id="",
        scopes=session.scopes,
    )
    return Visitor(caller, form_token(request))


async def arrive(visit: Visit) -> Shown | Response:
    """Show how to sign in; a fresh one-time address signs in at once."""
    arrival: Arrival = visit.query
    if visit.visitor is not None:
        return _onward(arrival.next)
    if arrival.token and _by_hand(visit.request):
        return await _enter(visit, arrival.token, arrival.next)
    return {"token": arrival.token, "next": local(arrival.next), "wrong": ""}


async def enter(visit: Visit) -> Done | Response:
    """Sign in with what the form holds: an address's token, or a key."""
    onward = local(visit.text("next"))
    if visit.text("token"):
        return await _enter(visit, visit.text("token"), onward)
    caller = await recognised(visit.desk, visit.request, visit.text("key"))
    if caller is None or not caller.enabled:
        visit.desk.metrics.refused_key()
        wrong = "This key opens nothing. A key begins with brk_ and is copied whole."
        return _again(visit, wrong, onward)
    token = await sign_in.open_session(
        visit.desk.pool,
        caller.user_id,
        **_where(visit.request),
        scopes=caller.scopes,
        key_id=caller.key_id,
    )
    return with_cookie(_onward(onward), visit.request, token)


async def leave(visit: Visit) -> Response:
    """Sign this browser out."""
    session = await session_of(visit.desk, visit.request)
    if session is not None:
        await sign_in.revoke(visit.desk.pool, session.user_id, session.id)
    return without_cookie(_onward(PATH), visit.request)


async def _enter(visit: Visit, token: str, onward: str) -> Response:
    """Use up a one-time address."""
    throttle, name = visit.desk.throttle, f"address:{_address(visit.request)}"
    if throttle.wait(name) > 0:
        raise Refused(429, "Too many addresses that open nothing came from here: wait a minute.")
    opened = await sign_in.use_address(visit.desk.pool, token, **_where(visit.request))
    if opened is None:
        throttle.failed(name)
        wrong = "This address was used already, or is older than a day, or a newer one was made."
        return _again(visit, wrong, onward)
    return with_cookie(_onward(onward), visit.request, opened)


def _again(visit: Visit, wrong: str, onward: str) -> Response:
    shown = {"title": "Sign in", "section": "", "frame": {"time_zone": "UTC"}}
    shown |= {"token": "", "next": local(onward), "wrong": wrong}
    return rendered(visit, TEMPLATE, shown, 401)


def _by_hand(request: Request) -> bool:
    """Say whether a person opened this address, rather than a page or a browser's foresight."""
    headers = request.headers
    return (
        request.method == "GET"
        and headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
        and "prefetch" not in headers.get("sec-purpose", headers.get("purpose", ""))
    )


def _where(request: Request) -> dict[str, str]:
    return {"browser": request.headers.get("user-agent", ""), "address": _address(request)}


def _address(request: Request) -> str:
    return network(request.client.host if request.client else "")


def _onward(path: str) -> Response:
    return RedirectResponse(local(path), 303, HEADERS)


PAGES = (Page(PATH, arrive, TEMPLATE, "Sign in", "", query=Arrival, scope=None),)
ACTIONS = (
    Action(PATH, enter, scope=None),
    Action("/sign-out", leave, scope="read"),
)
