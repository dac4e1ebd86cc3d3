"""Audiobookshelf's socket: signs in, and yields the items that are added while it lives.

The server takes the token as an event after every connect and ignores it in the handshake; a
socket that did not sign in stays open and silent. Nothing that happened while nobody was connected
is sent again, so whoever listens has to look at the newest items after each sign-in.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import socketio
from socketio.exceptions import SocketIOError

from pipeline.domain.newcomers import Newcomer, Sight
from pipeline.errors import ServiceDown, ServiceRefused, UnexpectedAnswer

CONNECT_SECONDS = 10
SIGN_IN_SECONDS = 10
# Ten items come in one message, each with every file of a book: more than aiohttp's 4 MB.
LARGE_MESSAGES = {"max_msg_size": 64 * 2**20}


class Socket:
    """One signed-in connection; `open` it for as long as a block lasts."""

    def __init__(self) -> None:
        self._news: asyncio.Queue[list[Newcomer] | Exception] = asyncio.Queue()
        self._answer: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, address: str, token: str) -> AsyncIterator["Socket"]:
        """Connect to the server at *address* and sign in.

        Raises ServiceDown when it does not answer, ServiceRefused when it does not take the token.
        """
        # Reconnecting is the caller's: each connection wants a fresh token and a look at what was
        # missed.
        client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, websocket_extra_options=LARGE_MESSAGES
        )
        socket = cls()
        socket._listen(client, token)
        path = f"{urlsplit(address).path.strip('/')}/socket.io".lstrip("/")
        try:
            # Long polling is left out: a server that goes away leaves such a client hanging.
            await client.connect(
                address, transports=["websocket"], socketio_path=path, wait_timeout=CONNECT_SECONDS
            )
            await socket._signed_in()
            yield socket
        except SocketIOError as error:
            raise ServiceDown(f"audiobookshelf: connect to its socket: {error}") from error
        finally:
            with contextlib.suppress(SocketIOError):
                await client.disconnect()

    async def added(self) -> AsyncIterator[list[Newcomer]]:
        """Yield each announcement of new items.

        Raises ServiceDown when the connection ends, UnexpectedAnswer for an announcement of unknown
        shape; in both cases a new connection and a look at the newest items miss nothing.
        """
        while True:
            news = await self._news.get()
            if isinstance(news, Exception):
                raise news
            yield news

    def _listen(self, client: Any, token: str) -> None:
        async def connect() -> None:
            await client.emit("auth", token)

        async def init(_: Any = None) -> None:
            self._answered(None)

        async def auth_failed(said: Any = None) -> None:
            message = said.get("message") if isinstance(said, Mapping) else said
            refusal = f"audiobookshelf: sign in at its socket: {message or 'refused'}"
            self._answered(ServiceRefused(refusal))

        async def item_added(item: Any = None) -> None:
            self._tell([item])

        async def items_added(items: Any = None) -> None:
            self._tell(items)

        async def disconnect(*_: Any) -> None:
            ended = ServiceDown("audiobookshelf: listen: the connection ended")
            self._answered(ended)
            self._news.put_nowait(ended)

        for handler in (connect, init, auth_failed, item_added, items_added, disconnect):
            client.on(handler.__name__, handler)

    def _answered(self, trouble: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_result(trouble)

    def _tell(self, items: Any) -> None:
        try:
            self._news.put_nowait(newcomers(items))
        except UnexpectedAnswer as error:
            self._news.put_nowait(error)

    async def _signed_in(self) -> None:
        try:
            trouble = await asyncio.wait_for(self._answer, SIGN_IN_SECONDS)
        except TimeoutError:
            raise ServiceDown("audiobookshelf: sign in at its socket: no answer") from None
        if trouble is not None:
            raise trouble


def newcomers(items: Any) -> list[Newcomer]:
    """Read what `item_added` (one) or `items_added` (a list) carried; podcasts are left out.

    Raises UnexpectedAnswer for another shape.
    """
    if not isinstance(items, list):
        raise UnexpectedAnswer("audiobookshelf: hear of new items: no list of items came")
    try:
        return [_newcomer(item) for item in items if item["mediaType"] == "book"]
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as wrong:
        raise UnexpectedAnswer(
            f"audiobookshelf: hear of new items: another shape than ours ({wrong!r})"
        ) from wrong


def _newcomer(item: Mapping[str, Any]) -> Newcomer:
    files = [each["metadata"] for each in item["libraryFiles"]]
    times = [_time(about[name]) for about in files for name in ("mtimeMs", "ctimeMs")]
    return Newcomer(
        abs_id=str(item["id"]),
        library_id=str(item["libraryId"]),
        path=str(item["path"]),
        title=str(item["media"]["metadata"]["title"] or ""),
        added_at=_time(item["addedAt"]),
        # The item was looked at when it was added or last updated, by the server's own clock.
        sight=Sight(
            state=tuple(sorted((m["filename"], int(m["size"]), int(m["mtimeMs"])) for m in files)),
            changed_at=max([*times, _time(item["mtimeMs"]), _time(item["ctimeMs"])]),
            seen_at=max(_time(item["addedAt"]), _time(item["updatedAt"])),
        ),
    )


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
