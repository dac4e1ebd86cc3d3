"""Stay signed in at qBittorrent, and never send a password twice that was refused."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from pipeline.errors import ServiceRefused, UnexpectedAnswer
from pipeline.remote import Answer, Remote

LOGIN = "/api/v2/auth/login"
BAN = timedelta(hours=1)  # what qBittorrent takes by default, after five failures
LARGEST = 200_000_000  # bytes of a list of torrents, about 1.5 kB each
DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class Session:
    """Requests that are signed in. `number` counts sessions, 0 before the first."""

    def __init__(self, remote: Remote, username: str, password: str, api_key: str) -> None:
        self.number = 0
        self._remote = remote
        self._username = username
        self._password = "" if api_key else password
        self._bearer = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._entering = asyncio.Lock()
        self._refused = ""

    async def ask(
        self, method: str, action: str, *, expected: frozenset[int] = frozenset(), **more: Any
    ) -> Answer:
        """Ask within a session; when it has ended (a restart, an hour idle) log in, once."""
        session = await self.enter(0)
        answer = await self._send(method, action, expected, more)
        if answer.status == HTTPStatus.FORBIDDEN and self._password:
            await self.enter(session)
            answer = await self._send(method, action, expected, more)
        if answer.status in DENIED:
            raise self._denied(action, answer)
        return answer

    async def _send(
        self, method: str, action: str, expected: frozenset[int], more: Mapping[str, Any]
    ) -> Answer:
        # No Referer or Origin: one that differs from the Host header is answered with 401.
        return await self._remote.ask(
            method,
            f"/api/v2/{action}",
            headers=self._bearer,
            expected=expected | DENIED | {HTTPStatus.ACCEPTED},
            largest=LARGEST,
            **more,
        )

    async def enter(self, ended: int) -> int:
        """Return the session; when *ended* is still the last one, log in first, one at a time."""
        async with self._entering:
            if self._refused:
                raise ServiceRefused(f"qBittorrent: {self._refused}; not tried again")
            if self.number == ended:
                if self._password and not self._bearer:
                    await self._log_in()
                self.number += 1
            return self.number

    async def _log_in(self) -> None:
        """Log in. Five refusals ban our address for an hour, so a refused password is kept."""
        form = {"username": self._username, "password": self._password}
        answer = await self._remote.ask("POST", LOGIN, data=form, expected=DENIED)
        text = answer.text.strip()
        if answer.status == HTTPStatus.FORBIDDEN:
            raise await self._remote.blocked("log in: our address is banned", for_=BAN, longest=BAN)
        if answer.status == HTTPStatus.UNAUTHORIZED or text == "Fails.":
            self._refused = "log in: user or password refused"
            raise ServiceRefused(f"qBittorrent: {self._refused}")
        if text not in {"Ok.", ""}:
            raise UnexpectedAnswer("qBittorrent: log in: this is not how qBittorrent answers")

    def _denied(self, action: str, answer: Answer) -> ServiceRefused:
        if self._bearer:
            self._refused = "API key refused (it needs qBittorrent 5.2 or newer)"
            return ServiceRefused(f"qBittorrent: {self._refused}")
        if answer.status == HTTPStatus.UNAUTHORIZED:
            why = "401: it minds our Host header; call it by the port that it listens on"
            return ServiceRefused(f"qBittorrent: {action}: {why}")
        if not self._password:
            return ServiceRefused(f"qBittorrent: {action}: it asks for a password")
        return ServiceRefused(f"qBittorrent: {action}: forbidden right after a login")
