"""Visitors of the pages: the cookie that knows them, and forms that are truly theirs.

The cookie is HttpOnly and SameSite=Lax. Each form carries a token made from the cookie's, so that
another site's page, which cannot read the cookie, cannot make one up.
"""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.desk import Desk
from api.errors import Refused
from pipeline import sign_in
from pipeline.sign_in import UNUSED, Session

FORM_TOKEN = "form_token"  # noqa: S105  # the name of a field, not a secret
LARGEST_FORM = 64 * 1024  # bytes
MOST_FIELDS = 500
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at the pages; *form_token* goes into every form as the field `form_token`."""

    session: Session
    form_token: str

    @property
    def user_id(self) -> int:
        """Whose rows are shown."""
        return self.session.user_id


def cookie_name(request: Request) -> str:
    """Return the cookie's name; the port is part of it, because cookies are shared by all ports."""
    return f"bookrunner-{request.url.port or request.url.scheme}"


async def visitor(desk: Desk, request: Request) -> Visitor | None:
    """Return who is signed in with this browser, or None; raises what a lost database raises."""
    token = request.cookies.get(cookie_name(request), "")
    session = await sign_in.recognise(desk.pool, token)
    return None if session is None else Visitor(session, _form_token(token))


async def form(request: Request, visitor: Visitor | None) -> FormData:
    """Return the fields of a form of ours.

    Raises Refused: 403 for a form that was not made for this session, 413, 415. Without a
    *visitor*, before sign-in, there is no token to be had: the shield refuses other sites' forms.
    """
    fields = await _fields(request)
    given = fields.get(FORM_TOKEN)
    if visitor is not None and not (
        isinstance(given, str) and hmac.compare_digest(given.encode(), visitor.form_token.encode())
    ):
        raise Refused(403, "this form is of another session; load the page again")
    return fields


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


def to_sign_in(request: Request) -> Response:
    """Return the way to the sign-in page, and from there back to where the visitor wanted to go."""
    where = request.url.path
    if request.url.query:
        where += f"?{request.url.query}"
    if request.method not in {"GET", "HEAD"} or where == "/":
        return RedirectResponse("/sign-in", 303)
    return RedirectResponse(f"/sign-in?next={quote(where, safe='')}", 303)


def local_path(text: str) -> str:
    """Return *text* if it is a path of ours, else the home page: nobody is sent elsewhere."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else text


def _form_token(token: str) -> str:
    return hmac.new(token.encode(), b"bookrunner form", hashlib.sha256).hexdigest()


async def _fields(request: Request) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise Refused(415, f"send {_FORM}")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_FORM:
            raise Refused(413, f"at most {LARGEST_FORM // 1024} KiB")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Refused(400, "this is no form") from None
    if any("\x00" in name + value for name, value in pairs):
        raise Refused(400, "this is no form")
    return FormData([(name, value) for name, value in pairs])
