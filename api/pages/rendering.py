"""Turn what a page shows into HTML: whole, or the one block that a live update asks for."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from api.errors import title as problem_title
from api.pages import charts, words
from api.pages.visit import Done, Shown, Visit

FOLDER = Path(__file__).parent
THEMES = ("dark", "light")
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    # A browser that tells no referrer tells no origin with a form either, and looks forged.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, HX-Request, HX-Target",
}
SAID = "bookrunner_said"
MENU = (
    ("home", "Home", "/"),
    ("library", "Library", "/library"),
    ("series", "Series", "/series"),
    ("authors", "Authors", "/authors"),
    ("wanted", "Wanted", "/wanted"),
    ("activity", "Activity", "/activity"),
    ("top10", "Top 10", "/top10"),
    ("metadata", "Metadata", "/metadata"),
    ("system", "System", "/system"),
)


@cache
def environment() -> Environment:
    """Return the templates' environment; a name that was not given is a mistake, not a blank."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters.update(words.FILTERS)
    made.globals.update(static=static, menu=MENU, charts=charts)
    # A block that is rendered alone does not see what its template imports; globals it sees.
    made.globals["ui"] = made.get_template("ui.html").module
    return made


def rendered(visit: Visit, template: str, shown: Shown, status: int = 200) -> Response:
    """Return a page, or the block of it that htmx names as its target."""
    made = environment().get_template(template)
    shown = {"theme": theme_of(visit.request), "visit": visit, "said": None, **shown}
    block = visit.request.headers.get("hx-target", "")
    with words.in_zone(shown.get("frame", {}).get("time_zone", "UTC")):
        if _wants_block(visit.request) and block in made.blocks:
            text = "".join(made.blocks[block](made.new_context(shown)))
            return HTMLResponse(text, status, HEADERS)
        said = _said(visit.request)
        text = made.render(shown | {"said": said})
    response = HTMLResponse(text, status, HEADERS)
    if said:
        response.delete_cookie(SAID, httponly=True, samesite="lax")
    return response


def refused(visit: Visit, status: int, detail: str | None, frame: Shown) -> Response:
    """Return the page that says what went wrong and what to do now."""
    if visit.request.headers.get("hx-request"):
        return Response(status_code=status, headers=HEADERS)  # what stands there stays
    shown = {"title": problem_title(status), "section": "", "detail": detail, "status": status}
    return rendered(visit, "refused.html", shown | frame, status)


def redirected(done: Done) -> Response:
    """Go on to another page, which says what was done."""
    response = RedirectResponse(done.to, 303, HEADERS)
    if done.said:
        mark = "+" if done.good else "-"
        text = (mark + done.said[:500]).encode().hex()
        response.set_cookie(SAID, text, max_age=60, httponly=True, samesite="lax")
    return response


def theme_of(request: Request) -> str:
    """Return the theme that the visitor asked for; dark without a word."""
    asked = request.cookies.get("theme", "")
    return asked if asked in THEMES else THEMES[0]


@cache
def static(name: str) -> str:
    """Return the address of a static file; it changes with the file, which is kept for ever."""
    digest = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def static_files() -> list[Route]:
    """Return a route for each static file, held in memory and compressed once."""
    files = (path for path in (FOLDER / "static").iterdir() if path.suffix in MEDIA)
    return [_static_file(path) for path in sorted(files)]


def _static_file(path: Path) -> Route:
    raw, kind = path.read_bytes(), MEDIA[path.suffix]
    zipped = gzip.compress(raw, 9, mtime=0)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}

    async def answer(request: Request) -> Response:
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(zipped, 200, {**headers, "Content-Encoding": "gzip"}, kind)
        return Response(raw, 200, headers, kind)

    return Route(f"/static/{path.name}", answer)


def _wants_block(request: Request) -> bool:
    headers = request.headers
    return "hx-request" in headers and "hx-history-restore-request" not in headers


def _said(request: Request) -> dict[str, Any] | None:
    try:
        text = bytes.fromhex(request.cookies.get(SAID, "")).decode()
    except ValueError:
        return None
    return {"good": text[0] == "+", "text": text[1:]} if text else None
