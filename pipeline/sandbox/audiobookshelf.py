"""A stand-in of Audiobookshelf 2.36 with one library of books whose folder is really on the disk.

It behaves as was measured on the real server, its crashes included: what ends the real process
cuts every connection here and refuses new ones for a while.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import socketio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.sandbox.audiobookshelf_accounts import Accounts, User
from pipeline.sandbox.audiobookshelf_api import Api
from pipeline.sandbox.audiobookshelf_edits import Edit, apply
from pipeline.sandbox.audiobookshelf_scans import Scanner
from pipeline.sandbox.audiobookshelf_seeds import put
from pipeline.sandbox.audiobookshelf_shelf import Shelf
from pipeline.sandbox.audiobookshelf_sign_in import SignIn, text
from pipeline.sandbox.audiobookshelf_wire import Asked, Faults, Wire
from pipeline.sandbox.catalogue import TITLES, Title

API_KEY = "sandbox-audiobookshelf-key"
ROOT_TOKEN = "sandbox-audiobookshelf-root-token"  # noqa: S105 - opens nothing but the sandbox
USER_TOKEN = "sandbox-audiobookshelf-user-token"  # noqa: S105 - opens nothing but the sandbox
LISTENERS = "signed in"


class AudiobookshelfStandIn:
    """One server: `app` is to be served, `faults` switches what goes wrong.

    *root* is the library's folder, which the server sees as *mounted_at* (the same, unless said
    otherwise). *state* is a file that keeps everything over a restart. Those of *titles* that are
    owned stand on the shelf and on the disk at the first start.
    """

    def __init__(  # noqa: PLR0913 - all but the folder have defaults
        self,
        root: Path,
        titles: Iterable[Title] = TITLES,
        version: str = "2.36.0",
        *,
        mounted_at: str | None = None,
        state: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.api_key, self.root_token, self.user_token = API_KEY, ROOT_TOKEN, USER_TOKEN
        self.faults, self.version, self._state = Faults(), version, state
        self.shelf = Shelf(root, mounted_at or str(root), "Audiobooks", version)
        self.accounts = Accounts(ROOT_TOKEN, USER_TOKEN, API_KEY, clock)
        self.deaths: list[str] = []
        self.socket = socketio.AsyncServer(
            async_mode="asgi", cors_allowed_origins="*", monitor_clients=False
        )
        self.socket.on("auth", self._authenticate)
        self.scanner = Scanner(self.shelf, self.faults, self.tell, self.keep)
        sign_in = SignIn(self.accounts, self.faults, version)
        self._api = Api(
            self.shelf,
            self.faults,
            sign_in,
            self.scanner,
            finish=self._finish,
            crash=self.crash,
        )
        own = [
            Route("/ping", _ping),
            Route("/healthcheck", _healthcheck),
            Route("/status", self._status),
        ]
        web = Starlette(
            routes=[*own, *sign_in.routes, *self._api.routes],
            exception_handlers={404: _no_route, 405: _no_route},
        )
        self.app = Wire(socketio.ASGIApp(self.socket, web, socketio_path="/socket.io"))
        self._fill(titles)

    @property
    def log(self) -> list[Asked]:
        """Every request that arrived, in order; the socket's own are left out."""
        return self.app.log

    @property
    def library_id(self) -> str:
        """The id of the only library."""
        return self.shelf.library_id

    def add_owned(self, book: Title, folder: str | None = None, /, **changes: Any) -> str:
        """Put a book on the disk and on the shelf; return its item's id.

        *changes* are fields by the server's names whose value is wrong, or missing, on purpose;
        authors are names, series are [name, sequence].
        """
        shelved = put(self.shelf, book, folder, changes)
        self.keep()
        return shelved.id

    def shown(self, item_id: str) -> dict[str, Any]:
        """Return an item as the server shows it, expanded; raises KeyError."""
        return self.shelf.expanded(self.shelf.books[item_id])

    async def edit(self, item_id: str, metadata: Mapping[str, Any]) -> None:
        """Change an item as a person does in the web client."""
        await self._finish(
            apply(self.shelf, self.shelf.books[item_id], {"metadata": dict(metadata)})
        )

    async def tell(self, event: str, data: Any) -> None:
        """Send an event to everybody who is signed in at the socket."""
        await self.socket.emit(event, data, room=LISTENERS)

    def crash(self, reason: str = "killed") -> None:
        """Die now: cut every connection, and refuse new ones for `faults.down_seconds`."""
        self.deaths.append(reason)
        self._api.forget_writes()
        self.scanner.stop()
        self.app.go_down(self.faults.down_seconds)

    def come_back(self) -> None:
        """Start again at once."""
        self.app.come_back()

    def keep(self) -> None:
        """Write everything down, if there is a file for it."""
        if self._state is not None:
            draft = self._state.with_suffix(".new")
            draft.write_text(json.dumps(self.shelf.dump()), "utf-8")
            draft.replace(self._state)

    def _fill(self, titles: Iterable[Title]) -> None:
        if self._state is not None and self._state.exists():
            self.shelf.load(json.loads(self._state.read_text("utf-8")))
            return
        for title in titles:
            if title.owned:
                put(self.shelf, title, None, {})
        self.keep()

    async def _finish(self, edit: Edit) -> None:
        self.keep()
        for event, data in edit.events:
            await self.tell(event, data)

    async def _status(self, _: Request) -> Response:
        return JSONResponse(
            {
                "app": "audiobookshelf",
                "serverVersion": self.version,
                "isInit": True,
                "language": "en-us",
                "authMethods": ["local"],
                "authFormData": {"authLoginCustomMessage": ""},
            }
        )

    async def _authenticate(self, session: str, token: Any = None) -> None:
        """Sign a socket in; it takes access and old-style tokens, but no API key."""
        user = None
        if isinstance(token, str) and not self.faults.wrong_token:
            user = self.accounts.of(token, ("access", "legacy"))
        if user is None:
            await self.socket.emit("auth_failed", {"message": "Invalid token"}, to=session)
            return
        await self.socket.enter_room(session, LISTENERS)
        await self.tell("user_online", _seen(user))
        online = {"userId": user.id, "username": user.name, "usersOnline": [_seen(user)]}
        await self.socket.emit("init", online, to=session)


def _seen(user: User) -> dict[str, Any]:
    about = {"id": user.id, "username": user.name, "type": user.kind, "session": None}
    return about | {"lastSeen": user.created, "createdAt": user.created}


async def _ping(request: Request) -> Response:
    return JSONResponse({"success": True})


async def _healthcheck(request: Request) -> Response:
    return text("OK")


async def _no_route(request: Request, _: Exception) -> Response:
    page = f"<pre>Cannot {request.method} {request.url.path}</pre>"
    return text(
        f'<!DOCTYPE html>\n<html lang="en">\n<body>\n{page}\n</body>\n</html>\n', 404, "text/html"
    )
