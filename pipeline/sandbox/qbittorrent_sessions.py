"""Who may ask the qBittorrent stand-in: sessions, API keys, bans, and minding its own address."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

MOST_FAILURES = 5
BAN_SECONDS = 3600.0
BANNED = "Your IP address has been banned after too many failed authentication attempts."


@dataclass
class Web:
    """One session; `rid` and `shown` are what its last synchronisation saw."""

    last_seen: float
    rid: int = 0
    shown: dict[str, Any] = field(default_factory=dict)


class Sessions:
    """Sign-in as 4.5 and 5.1 (`modern` false) or 5.2 and newer do it."""

    def __init__(self, username: str, password: str, api_key: str, *, modern: bool) -> None:
        self.username, self.password, self.modern = username, password, modern
        self.api_key = api_key if modern else ""
        self.seconds = 3600.0
        self.open: dict[str, Web] = {}
        self.passwords: list[str] = []  # every one that was sent, for tests to count
        self._failures = 0
        self._banned_until = 0.0
        self._of_key = Web(0.0)

    def forget(self) -> None:
        """Lose sessions and bans, which live in memory only."""
        self.open.clear()
        self._failures, self._banned_until = 0, 0.0
        self._of_key = Web(0.0)

    def stranger(self, request: Request) -> Response | None:
        """Refuse a request that another page may have sent, or that names another port."""
        own = request.headers.get("host", "")
        port = urlsplit(f"//{own}").port
        if port is not None and port != request.scope["server"][1]:
            return _said(401, "Unauthorized")
        if not self._has_key(request):
            for header in ("origin", "referer"):
                sent = request.headers.get(header)
                if sent is not None and urlsplit(sent).netloc != own:
                    return _said(401, "Unauthorized")
        return None

    def find(self, request: Request, now: float) -> Web | None:
        """Return the session of a request, unless it has been idle for too long."""
        if self._has_key(request):
            return self._of_key
        sid = request.cookies.get(self._cookie(request), "")
        session = self.open.get(sid)
        if session is None or now - session.last_seen > self.seconds:
            self.open.pop(sid, None)
            return None
        session.last_seen = now
        return session

    async def log_in(self, request: Request, now: float) -> Response:  # noqa: PLR0911  # as it answers
        """Answer `auth/login`."""
        if request.method != "POST":
            return _said(405, "Method Not Allowed")
        if request.headers.get("authorization"):
            return _said(403, "Forbidden")
        async with request.form() as form:
            sent = form.get("username"), form.get("password")
        if sent[0] is None:
            return Response(status_code=400)
        self.passwords.append(str(sent[1]))
        if self.find(request, now) is not None:
            return self._welcome()
        if now < self._banned_until:
            return _said(403, BANNED)
        if sent != (self.username, self.password):
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._banned_until = now + BAN_SECONDS
            return _said(401, "Unauthorized") if self.modern else _said(200, "Fails.")
        self._failures = 0
        sid = secrets.token_urlsafe(24)
        self.open[sid] = Web(now)
        answer = self._welcome()
        answer.headers["set-cookie"] = f"{self._cookie(request)}={sid}; HttpOnly; path=/"
        return answer

    def log_out(self, request: Request) -> Response:
        """Answer `auth/logout`."""
        self.open.pop(request.cookies.get(self._cookie(request), ""), None)
        return _said(200, "")

    def _welcome(self) -> Response:
        return Response(status_code=204) if self.modern else _said(200, "Ok.")

    def _has_key(self, request: Request) -> bool:
        sent = request.headers.get("authorization", "")
        return bool(self.api_key) and secrets.compare_digest(sent, f"Bearer {self.api_key}")

    def _cookie(self, request: Request) -> str:
        return f"QBT_SID_{request.scope['server'][1]}" if self.modern else "SID"


def _said(status: int, text: str) -> Response:
    return PlainTextResponse(text, status)
