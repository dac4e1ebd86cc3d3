"""The Audiobookshelf stand-in's line to the world: what was asked, and how it can break."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

BASE_PATH = "/audiobookshelf"
TRANSPORT = "sandbox.transport"


@dataclass
class Faults:
    """What goes wrong on purpose; everything is well as it stands.

    `down_seconds` is how long the server is away after a crash, 0 restarts it at once;
    `lose_answers` so many writes are done but their answers lost, `refuse_writes` so many
    connections are lost before the write is done. `write_seconds` is how long one item's write
    takes, `scan_seconds` a scan. `wrong_token` accepts no token, `no_legacy_token` shows none,
    `stubborn` are fields (the server's names) that ignore what is written to them.
    """

    down_seconds: float = 1.0
    lose_answers: int = 0
    refuse_writes: int = 0
    write_seconds: float = 0.002
    scan_seconds: float = 0.05
    wrong_token: bool = False
    no_legacy_token: bool = False
    stubborn: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Asked:
    """One request that arrived; `body` is its JSON, None when it has none."""

    method: str
    path: str
    query: str
    body: Any = None


class Dropped(Response):
    """No answer at all: the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut the connection."""
        del receive, send
        await cut(scope.get(TRANSPORT))


class Wire:
    """Serves *app* also below /audiobookshelf, keeps a log, and can be cut."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log: list[Asked] = []
        self.down_until = 0.0
        self._open: set[Any] = set()

    @property
    def is_down(self) -> bool:
        """Whether every connection is cut now."""
        return asyncio.get_running_loop().time() < self.down_until

    def go_down(self, seconds: float) -> None:
        """Cut every open connection, and every new one for so long."""
        self.down_until = asyncio.get_running_loop().time() + seconds
        for transport in list(self._open):
            transport.abort()

    def come_back(self) -> None:
        """Answer again."""
        self.down_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        # uvicorn's `send` is a method of the protocol that holds the connection.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if self.is_down:
            await cut(transport)
            return
        scope = {**scope, TRANSPORT: transport}
        if scope["path"].startswith(BASE_PATH + "/"):
            scope["path"] = scope["path"].removeprefix(BASE_PATH)
        if scope["type"] == "http" and not scope["path"].startswith("/socket.io"):
            receive = await self._logged(scope, receive)
        self._open.add(transport)
        try:
            await self.app(scope, receive, send)
        finally:
            self._open.discard(transport)

    async def _logged(self, scope: Scope, receive: Receive) -> Receive:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode()
        self.log.append(Asked(scope["method"], scope["path"], query, _json(body)))
        told = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:
            return told.pop() if told else await receive()

        return again


async def cut(transport: Any) -> None:
    """End a connection as a process that dies does; raises ConnectionResetError without one."""
    if transport is None:
        raise ConnectionResetError
    transport.abort()
    await asyncio.sleep(0.001)  # uvicorn has to notice, else it complains of the missing answer


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None
