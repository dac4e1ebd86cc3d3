"""The cookie that knows a browser: whose session it holds, and what proves a form to be ours.

The cookie is HttpOnly and SameSite=Lax. Forms carry a token that is made from the cookie's: another
site's page, which cannot read the cookie, cannot make one up.
"""

import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from api.desk import Desk
from pipeline import sign_in
from pipeline.sign_in import UNUSED, Session


def cookie_name(request: Request) -> str:
    """Return the cookie's name; the port is part of it, because cookies are shared by all ports."""
    return f"bookrunner-{request.url.port or request.url.scheme}"


async def session_of(desk: Desk, request: Request) -> Session | None:
    """Return the session of this browser, or None; raises what a lost database raises."""
    return await sign_in.recognise(desk.pool, _token(request))


def form_token(request: Request) -> str:
    """Return what every form of this browser's session has to carry."""
    return hmac.new(_token(request).encode(), b"bookrunner form", hashlib.sha256).hexdigest()


def with_cookie(response: Response, request: Request, token: str) -> Response:
    """Return *response* with the cookie of a session."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(UNUSED.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def without_cookie(response: Response, request: Request) -> Response:
    """Return *response*, telling the browser to forget its session."""
    response.delete_cookie(
        cookie_name(request),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def _token(request: Request) -> str:
    return request.cookies.get(cookie_name(request), "")
