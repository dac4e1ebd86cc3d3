"""Fetch Goodreads' pages one at a time, keep what was read of them, stop at a challenge."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import TypeAdapter, ValidationError

from pipeline.answers import Answer
from pipeline.clients.goodreads.blocks import CHALLENGES, REFUSALS, EmptyPage, challenge
from pipeline.errors import NotConfigured, ServiceBlocked, UnexpectedAnswer
from pipeline.remote import Remote

T = TypeVar("T")

BLOCKED_FOR = timedelta(hours=6)
LONGEST_BLOCK = timedelta(hours=48)
MOST_EMPTY = 3  # times that one page may come without its content
_MOVED = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_EXPECTED = CHALLENGES | REFUSALS | _MOVED | _GONE
_READ_AS = 1  # raise when a reader changes what it reads, so that what is kept is read anew
_TURN = timedelta(seconds=30)  # patience for the pages that others are fetching


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of page: how it is read, what it becomes, how long that is good for."""

    name: str
    read: Callable[[str], T]
    shape: TypeAdapter[T]
    lasting: timedelta


class Door:
    """The only way to Goodreads' pages.

    *jitter* is the most seconds by which a request is put off at random, beyond the pace.
    """

    def __init__(self, remote: Remote, *, enabled: bool, jitter: float) -> None:
        self._remote, self._enabled, self._jitter = remote, enabled, jitter
        self._cache = remote.limits.cache

    async def page(self, kind: Kind[T], path: str, **params: Any) -> T | None:
        """Return what a page says, from what is kept or from Goodreads; None when it is gone.

        Raises NotConfigured when Goodreads is switched off; ServiceBlocked for a challenge, which
        closes the door for all, for 6 hours doubling to 48; EmptyPage for a page without content,
        at the third time ServiceBlocked; UnexpectedAnswer for a changed layout.
        """
        if not self._enabled:
            raise NotConfigured("Goodreads: it is switched off")
        key = json.dumps([_READ_AS, kind.name, path, params], sort_keys=True)
        kept = await self._cache.get("goodreads", key)
        if kept is not None:
            try:
                return kind.shape.validate_json(kept)
            except ValidationError:
                kept = None  # kept by another version of this program
        text = await self._fetch(path, params)
        if text is None:
            return None
        try:
            page = kind.read(text)
        except EmptyPage as error:
            raise await self._empty(path, error) from error
        await self._cache.put("goodreads", key, kind.shape.dump_json(page), kind.lasting)
        return page

    async def _fetch(self, path: str, params: Mapping[str, Any]) -> str | None:
        """Return a page's text, one redirect followed; None when there is no such page."""
        async with self._remote.limits.exclusive(f"{self._remote.name}:pages", patience=_TURN):
            answer = await self._ask(path, params)
            if answer.status in _MOVED:
                target = urlsplit(answer.headers.get("location", ""))
                answer = await self._ask(target.path.lstrip("/"), dict(parse_qsl(target.query)))
        if answer.status in _GONE:
            return None
        if answer.status in _MOVED:
            raise UnexpectedAnswer(f"Goodreads: /{path}: redirected twice")
        return answer.text

    async def _ask(self, path: str, params: Mapping[str, Any]) -> Answer:
        """Send one request at our pace; raises ServiceBlocked when a challenge comes back."""
        await asyncio.sleep(random.uniform(0, self._jitter))  # noqa: S311  # manners, no secret
        answer = await self._remote.ask("GET", path, params=params, expected=_EXPECTED)
        location = answer.headers.get("location", "")
        reason = challenge(answer.status, answer.headers, answer.text)
        if "/user/sign_in" in location or "/ap/signin" in location:
            reason = "sent to the sign-in page"
        if reason:
            raise await self._remote.blocked(
                f"/{path}: {reason}", for_=BLOCKED_FOR, longest=LONGEST_BLOCK
            )
        return answer

    async def _empty(self, path: str, error: EmptyPage) -> EmptyPage | ServiceBlocked:
        """Count how often this page came empty; return the error to raise."""
        key = f"empty {path}"
        times = int(await self._cache.get("goodreads", key) or 0) + 1
        await self._cache.put("goodreads", key, str(times % MOST_EMPTY).encode(), BLOCKED_FOR)
        if times < MOST_EMPTY:
            return error
        return ServiceBlocked(f"{error}, {times} times in a row", after=BLOCKED_FOR)
