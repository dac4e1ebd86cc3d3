"""How one signs in at the Audiobookshelf stand-in: passwords, refreshing, keys, who am I."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.sandbox.audiobookshelf_accounts import (
    ACCESS_LASTS,
    LOGINS,
    REFRESH_LASTS,
    Accounts,
    Kind,
    Token,
    User,
    shown,
)
from pipeline.sandbox.audiobookshelf_shelf import new_id
from pipeline.sandbox.audiobookshelf_wire import Faults

BEARER: tuple[Kind, ...] = ("access", "legacy", "key")
MALFORMED = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n'
    "</head>\n<body>\n<pre>Bad Request</pre>\n</body>\n</html>\n"
)


def text(words: str, status: int = 200, kind: str = "text/plain") -> Response:
    """Return a short answer in words, as most errors of the server are."""
    return Response(words, status, media_type=kind)


class SignIn:
    """The routes that need no library."""

    def __init__(self, accounts: Accounts, faults: Faults, version: str) -> None:
        self.accounts, self.faults, self.version = accounts, faults, version
        self.routes = [
            Route("/login", self.login, methods=["POST"]),
            Route("/auth/refresh", self.refresh, methods=["POST"]),
            Route("/logout", self.logout, methods=["POST"]),
            Route("/api/me", self.me),
            Route("/api/authorize", self.authorize, methods=["POST"]),
            Route("/api/api-keys", self.create_key, methods=["POST"]),
        ]

    def caller(self, request: Request) -> User | None:
        """Return who asks, by header or `?token=`; None for any token that is not accepted."""
        if self.faults.wrong_token:
            return None
        header = request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") or request.query_params.get("token", "")
        return self.accounts.of(token, BEARER)

    async def login(self, request: Request) -> Response:
        """Exchange a password for tokens."""
        if refused := self._too_many():
            return refused
        try:
            body = await request.json()
        except ValueError:
            return text(MALFORMED, 400, "text/html")
        if not isinstance(body, dict) or not body.get("username") or not body.get("password"):
            return text("Bad Request", 400)
        user = self.accounts.users.get(str(body["username"]))
        if user is None or body["password"] != user.password:
            return text("Unauthorized", 401)
        wants_tokens = request.headers.get("x-return-tokens") == "true"
        return self._signed_in(user, show_refresh=wants_tokens)

    async def refresh(self, request: Request) -> Response:
        """Exchange a refresh token for new ones; the old one ends."""
        if refused := self._too_many():
            return refused
        token = request.headers.get("x-refresh-token")
        if not token:
            return JSONResponse({"error": "No refresh token provided"}, 401)
        user = self.accounts.of(token, ("refresh",))
        if user is None:
            return JSONResponse({"error": "Invalid refresh token"}, 401)
        del self.accounts.tokens[token]
        return self._signed_in(user, show_refresh=True)

    async def logout(self, request: Request) -> Response:
        """End a session."""
        self.accounts.tokens.pop(request.headers.get("x-refresh-token", ""), None)
        return JSONResponse({"redirect_url": None})

    async def me(self, request: Request) -> Response:
        """Say who asks."""
        user = self.caller(request)
        return text("Unauthorized", 401) if user is None else JSONResponse(self._user(user))

    async def authorize(self, request: Request) -> Response:
        """Say who asks, and how the server is set."""
        user = self.caller(request)
        if user is None:
            return text("Unauthorized", 401)
        return JSONResponse({"user": self._user(user), **self._server()})

    async def create_key(self, request: Request) -> Response:
        """Make an API key; one that is not said to be active is made inactive."""
        user = self.caller(request)
        if user is None:
            return text("Unauthorized", 401)
        if not user.is_admin:
            return text("Forbidden", 403)
        body = await request.json()
        owner = next(
            (each for each in self.accounts.users.values() if each.id == body["userId"]), None
        )
        if owner is None:
            return text("Invalid userId", 400)
        key = self.accounts.issue(owner, "key", body.get("expiresIn"))
        if not body.get("isActive"):
            self.accounts.tokens[key] = Token(owner, "key", ends=0.0)
        about = {"apiKey": key, "id": new_id(), "name": body["name"], "userId": owner.id}
        return JSONResponse({"apiKey": about | {"isActive": bool(body.get("isActive"))}})

    def _user(self, user: User) -> dict[str, Any]:
        return shown(user, with_token=not self.faults.no_legacy_token)

    def _signed_in(self, user: User, *, show_refresh: bool) -> Response:
        access = self.accounts.issue(user, "access", ACCESS_LASTS)
        refresh = self.accounts.issue(user, "refresh", REFRESH_LASTS)
        tokens = {"accessToken": access, "refreshToken": refresh if show_refresh else None}
        answer = JSONResponse({"user": self._user(user) | tokens, **self._server()})
        answer.set_cookie("refresh_token", refresh, httponly=True, samesite="lax")
        return answer

    def _server(self) -> dict[str, Any]:
        settings = {"id": "server-settings", "version": self.version}
        return {"serverSettings": settings, "ereaderDevices": [], "Source": "docker"}

    def _too_many(self) -> Response | None:
        seconds = self.accounts.limited_for()
        if seconds is None:
            return None
        headers = {"Retry-After": str(seconds), "RateLimit-Limit": str(LOGINS)}
        return JSONResponse({"error": "Too many authentication requests"}, 429, headers)
