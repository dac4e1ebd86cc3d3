"""What stands before every call: names, forgery, headers, secrets in addresses, our mistakes."""

import ipaddress
import time
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth import QUERY_KEY
from api.contract import LARGEST_EVENT
from api.dispatch import ROUTE
from api.errors import problem
from api.metrics import Metrics

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Top-level domains that nobody can buy, so that no stranger's page can take such a name.
HOME_DOMAINS = (".local", ".localhost", ".lan", ".internal", ".home.arpa", ".test")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}
_log = structlog.get_logger()


class Shield:
    """The outermost layer. *hosts* are names under which this installation is reached."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, hosts: Sequence[str] = ()) -> None:
        self.app, self._metrics = app, metrics
        self._hosts = frozenset(host.strip().lower() for host in hosts if host.strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        hide_key(scope)
        began, status = time.perf_counter(), 500
        started = False

        async def answer(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await (self._refusal(scope) or self.app)(scope, receive, answer)
        except Exception:
            _log.exception("api: a mistake of ours", method=scope["method"], path=scope["path"])
            if started:
                raise
            await problem(500)(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.answered(_method(scope), _route(scope), status, seconds)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._known(host):
            return problem(421, "set BOOKRUNNER_HOSTS to the names under which this is reached")
        if scope["method"] not in SAFE_METHODS and _forged(headers, host):
            return problem(403, "another site's page may not ask for this")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > LARGEST_EVENT:
            return problem(413, f"at most {LARGEST_EVENT // 1024} KiB")
        return None

    def _known(self, host: str) -> bool:
        """Say whether a Host names us: an address, a name of the home network, or one of ours.

        A stranger's page can make its own name lead here (DNS rebinding), but can take neither an
        address nor a name that nobody can buy.
        """
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self._hosts or name.endswith(HOME_DOMAINS):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return bool(name) and "." not in name
        return True


def hide_key(scope: Scope) -> None:
    """Take `apikey` out of the query, so that no log of anybody's shows it."""
    raw: bytes = scope.get("query_string", b"")
    if b"apikey" not in raw.lower() and b"%" not in raw:
        return
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding="utf-8")
    keys = [value for name, value in pairs if name.lower() == "apikey"]
    if keys:
        rest = [(name, value) for name, value in pairs if name.lower() != "apikey"]
        scope["query_string"] = urlencode(rest).encode("ascii")
        scope[QUERY_KEY] = keys[0]


def _forged(headers: Headers, host: str) -> bool:
    """Say whether a browser sends this for another site's page."""
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != host.lower()


def _route(scope: Scope) -> str:
    """Return the route that answered, not the address: an address may be anything."""
    return str(scope.get(ROUTE, "other"))


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} else "other"
