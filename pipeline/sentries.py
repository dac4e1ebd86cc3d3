"""One sentry per user at each post, however many processes would like to stand there.

A post is held by a session advisory lock on a connection of its own: when the process dies, or
PostgreSQL does, the post is free at once and another process takes it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

import structlog

from pipeline.db import LOST, Pool
from pipeline.errors import BookrunnerError
from pipeline.sessions import Session

_log = structlog.get_logger()

Toolbox = Mapping[type, object]
Duty = Callable[[int, Toolbox], Awaitable[None]]


def is_set_up(address: str) -> bool:
    """Whether an address is one: names under `.invalid` (RFC 2606) stand for none."""
    return not (urlsplit(address).hostname or "").endswith(".invalid")


class Sentries:
    """Does *duty* for every enabled user, at one place at a time.

    A duty that ends or fails begins again after *pause* seconds; so it does when the user's tools
    have changed. Whatever it does must bear being done by two at once for a moment: a process that
    lost its connection notices at its next round.
    """

    def __init__(  # noqa: PLR0913  # each is named, and the last two have defaults
        self,
        pool: Pool,
        name: str,
        tools: Callable[[int], Awaitable[Toolbox]],
        duty: Duty,
        *,
        round_every: float = 2.0,
        pause: float = 5.0,
    ) -> None:
        self.name = name
        self._tools, self._duty = tools, duty
        self._every, self._pause = round_every, pause
        self._session = Session(pool.dedicated)
        self._posts: dict[int, asyncio.Task[None]] = {}
        self._boxes: dict[int, Toolbox] = {}
        self._rested: dict[int, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the posts until *stop* is set."""
        try:
            while not stop.is_set():
                try:
                    await self._round()
                except LOST as error:
                    _log.warning("sentries: database out of reach", post=self.name, why=str(error))
                    await self._dismiss(list(self._posts))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._every)
        finally:
            await self._dismiss(list(self._posts))
            await self._session.close()

    @property
    def held(self) -> frozenset[int]:
        """The users whose post is held here."""
        return frozenset(self._posts)

    async def _round(self) -> None:
        """Take free posts, leave those of users who are gone, wake sentries that fell asleep."""
        users = {row["id"] for row in await self._session.rows("sentries.enabled")}
        if gone := [user for user in self._posts if user not in users]:
            await self._dismiss(gone)
            await self._session.rows("sentries.leave", name=self.name, users=gone)
        if free := sorted(users - self._posts.keys()):
            taken = await self._session.rows("sentries.take", name=self.name, users=free)
            for row in taken:
                self._begin(row["id"])
        for user, task in list(self._posts.items()):
            if task.done():
                self._again(user, task)
            elif await self._tools_changed(user):
                await self._dismiss([user])
                self._begin(user)

    async def _tools_changed(self, user: int) -> bool:
        """Whether the user has changed a service since the duty began."""
        if user not in self._boxes:
            return False
        try:
            return await self._tools(user) is not self._boxes[user]
        except BookrunnerError:
            return True  # the duty, begun again, meets the error and it is logged

    def _again(self, user: int, task: asyncio.Task[None]) -> None:
        """Begin a duty that ended once more, after a pause."""
        now = asyncio.get_running_loop().time()
        if user not in self._rested:
            self._rested[user] = now + self._pause
            error = None if task.cancelled() else task.exception()
            if error is not None:
                _log.error("sentries: a duty failed", post=self.name, user=user, exc_info=error)
        elif now >= self._rested[user]:
            self._begin(user)

    def _begin(self, user: int) -> None:
        self._rested.pop(user, None)
        self._posts[user] = asyncio.create_task(self._do(user), name=f"{self.name} of user {user}")

    async def _do(self, user: int) -> None:
        with structlog.contextvars.bound_contextvars(user=user, post=self.name):
            box = self._boxes[user] = await self._tools(user)
            await self._duty(user, box)

    async def _dismiss(self, users: list[int]) -> None:
        tasks = [self._posts[user] for user in users]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for user in users:
            del self._posts[user]  # only now: a duty may take its time to end
            self._boxes.pop(user, None)
            self._rested.pop(user, None)
