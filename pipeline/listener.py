"""Hear of new books in a user's library: by the server's socket, and by looking at regular times.

The socket tells at once; looking finds what was missed while nobody was connected, and is all there
is where the socket is impossible. Both lead to `arrivals`, which knows what was heard before.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import structlog

from pipeline.arrivals import Arrivals, as_listed, keep_attending
from pipeline.clients.audiobookshelf import ItemSummary
from pipeline.clients.audiobookshelf.socket import Socket
from pipeline.clock import Clock
from pipeline.db import Pool
from pipeline.domain.remote_paths import PathMap
from pipeline.errors import BookrunnerError, NotConfigured, NotNow, ServiceRefused
from pipeline.library import Library
from pipeline.sentries import is_set_up

# An item can be written a little after a younger one; what is listed twice counts once.
OVERLAP = timedelta(minutes=10)
NEWEST = 50
MANY = 800  # items listed at most at once; where more are new, the library is paged through
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two tries to connect
EPOCH = datetime.fromtimestamp(0, UTC)
_log = structlog.get_logger()


class Listener:
    """Listens for one user, for as long as `run` lasts; looks for itself *every* so often."""

    def __init__(  # noqa: PLR0913  # all that listening touches
        self,
        pool: Pool,
        user_id: int,
        library: Library,
        *,
        shelf: PathMap,
        every: timedelta,
        clock: Clock,
    ) -> None:
        self.pool, self.user_id, self.library = pool, user_id, library
        self.every, self.clock = every, clock
        self.arrivals = Arrivals(pool, user_id, library, shelf, clock)
        self._catching_up = asyncio.Lock()

    async def run(self) -> None:
        """Listen until cancelled."""
        if not is_set_up(self.library.audiobookshelf.address):
            await self._say("off", "Audiobookshelf is not set up: give its address and a token")
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_attending(self.arrivals))
            tasks.create_task(self._look_regularly())
            tasks.create_task(self._keep_connected())

    async def catch_up(self) -> int:
        """List what was added since the newest item that we know of; return how many were new.

        The first look of all only notes how far the library goes: what was there before is the
        business of METADATA_FULL.
        """
        async with self._catching_up:
            async with self.pool.user(self.user_id) as db:
                health = await db.row("listener.health")
            since = health["last_seen"] if health else None
            found = [item async for item in self._since(since or await self._youngest())]
            items = [as_listed(item, self.clock.now()) for item in found if not item.is_missing]
            if since is None:
                await self.arrivals.know(items)
            else:
                await self.arrivals.hear(items, "listing")
            newest = max((item.added_at for item in found), default=since or EPOCH)
            await self._listed(newest, None)
            return len(items)

    async def _youngest(self) -> datetime:
        """Return when the newest item was added."""
        newest = await self.library.audiobookshelf.newest(await self.library.id(), 1)
        return newest[0].added_at if newest else EPOCH

    async def _since(self, since: datetime) -> AsyncIterator[ItemSummary]:
        """Yield the items that were added after *since*, or in the overlap before it."""
        server, library = self.library.audiobookshelf, await self.library.id()
        limit, after = NEWEST, since - OVERLAP
        while limit <= MANY:
            newest = await server.newest(library, limit)
            if len(newest) < limit or newest[-1].added_at < after:
                for item in newest:
                    if item.added_at >= after:
                        yield item
                return
            limit *= 4
        async for item in server.items(library):
            if item.added_at >= after:
                yield item

    async def _look_regularly(self) -> None:
        while True:
            try:
                await self.catch_up()
            except BookrunnerError as error:
                await self._listed(None, str(error))
            await asyncio.sleep(self.every.total_seconds())

    async def _keep_connected(self) -> None:
        """Connect again whenever the connection ends, later each time that it fails."""
        pause = FIRST_PAUSE
        while True:
            try:
                token = await self.library.audiobookshelf.socket_token()
                if token is None:
                    await self._say(
                        "polling", f"the account has no token for the socket: {self._polls}"
                    )
                    pause = self._retry
                else:
                    why = await self._listen(token)
                    await self._say("connecting", f"the connection ended: {why}")
                    pause = FIRST_PAUSE
            except (ServiceRefused, NotConfigured) as error:
                await self._say("refused", f"{error}; {self._polls}, and connecting is tried again")
                pause = self._retry
            except NotNow as error:
                await self._say("connecting", str(error))
                pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, error.after.total_seconds()))
            except BookrunnerError as error:
                await self._say("connecting", str(error))
                pause = min(LONGEST_PAUSE, pause * 2)
            await asyncio.sleep(pause)

    async def _listen(self, token: str) -> BookrunnerError:
        """Sign in, catch up, hear what is added; return why the connection ended."""
        async with Socket.open(self.library.audiobookshelf.address, token) as socket:
            try:
                await self.catch_up()
                await self._say("listening", "hears of every new book at once")
                async for newcomers in socket.added():
                    await self.arrivals.hear(newcomers, "socket")
            except BookrunnerError as error:
                return error
        raise AssertionError("announcements never end without an error")

    @property
    def _polls(self) -> str:
        return f"new books are looked for every {self.every.total_seconds() / 60:g} minutes"

    @property
    def _retry(self) -> float:
        """Seconds until a socket that is impossible for now is tried again."""
        return max(LONGEST_PAUSE, self.every.total_seconds())

    async def _say(self, state: str, message: str) -> None:
        _log.info("listener: " + state, why=message)
        async with self.pool.user(self.user_id) as db:
            await db.do("listener.say", state=state, message=message)

    async def _listed(self, last_seen: datetime | None, trouble: str | None) -> None:
        async with self.pool.user(self.user_id) as db:
            await db.do("listener.listed", last_seen=last_seen, trouble=trouble)
