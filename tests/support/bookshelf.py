"""An Audiobookshelf stand-in with three books, served, and our client at its door."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx

from pipeline.clients.audiobookshelf import Audiobookshelf
from pipeline.limits import LocalLimits
from pipeline.remote import Remote
from pipeline.sandbox.audiobookshelf import AudiobookshelfStandIn
from pipeline.sandbox.audiobookshelf_wire import Asked
from pipeline.sandbox.catalogue import Title
from pipeline.sandbox.serve import serve

STUDY = Title(
    "1", "1", "A Study in Scarlet", ("Arthur Conan Doyle",), 1887, 290, (("Sherlock Holmes", "1"),)
)
SIGN = Title(
    "2", "2", "The Sign of Four", ("Arthur Conan Doyle",), 1890, 275, (("Sherlock Holmes", "2"),)
)
EMMA = Title("3", "3", "Emma", ("Jane Austen",), 1815, 960, isbn="9780141439587")


class Doors:
    """Makes clients of a stand-in, each with a door of its own as every worker has."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        self._remotes: list[Remote] = []

    def __call__(
        self, token: str | None = None, limits: LocalLimits | None = None
    ) -> Audiobookshelf:
        """Return a client; without *limits* its lock is its own."""
        limits = limits or LocalLimits()
        self._remotes.append(Remote("audiobookshelf", self.url, limits=limits))
        return Audiobookshelf(self._remotes[-1], token or self.key, exclusive=limits.exclusive)

    async def aclose(self) -> None:
        """Close every door."""
        for remote in self._remotes:
            await remote.aclose()


@contextlib.asynccontextmanager
async def served(standin: AudiobookshelfStandIn) -> AsyncIterator[Doors]:
    """Serve a stand-in; yield what makes clients of it."""
    async with serve(standin.app) as url:
        doors = Doors(url, standin.api_key)
        try:
            yield doors
        finally:
            await doors.aclose()


@contextlib.asynccontextmanager
async def bookshelf(root: Path) -> AsyncIterator[tuple[AudiobookshelfStandIn, Doors, list[str]]]:
    """Serve a stand-in that holds the three books; yield it, its doors and the items' ids."""
    standin = AudiobookshelfStandIn(root, titles=())
    standin.faults.down_seconds = 0.2
    ids = [standin.add_owned(title) for title in (STUDY, SIGN, EMMA)]
    async with served(standin) as doors:
        yield standin, doors, ids


@contextlib.asynccontextmanager
async def asking(
    standin: AudiobookshelfStandIn, token: str | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a stand-in; yield a plain HTTP client that sends *token*, or the API key."""
    headers = {"Authorization": f"Bearer {token or standin.api_key}"}
    async with (
        serve(standin.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=10) as http,
    ):
        yield http


def patch(http: httpx.AsyncClient, item: str, **metadata: Any) -> Awaitable[httpx.Response]:
    """Change an item as the web client does."""
    return http.patch(f"/api/items/{item}/media", json={"metadata": metadata})


def crashers(log: list[Asked]) -> Iterator[str]:
    """Yield what in *log* could have ended a real server, or would have been silently ignored."""
    for asked in log:
        if any(len(values) > 1 for values in parse_qs(asked.query).values()):
            yield f"a parameter twice: {asked.query}"
        if asked.path == "/api/items/batch/update":
            ids = [element["id"] for element in asked.body]
            if not 1 <= len(ids) <= 50 or len(set(ids)) < len(ids):
                yield f"{len(ids)} elements, {len(set(ids))} ids"
            for element in asked.body:
                yield from _crashers_of(element)
        elif asked.method in {"PATCH", "PUT", "DELETE"}:
            yield f"{asked.method} {asked.path}"


def _crashers_of(element: dict) -> Iterator[str]:
    if not isinstance(element.get("mediaPayload"), dict):
        yield "no mediaPayload"
        return
    about = element["mediaPayload"]["metadata"]
    for name in ("authors", "series"):
        entries = about.get(name, [])
        if not all(isinstance(each, dict) and isinstance(each["name"], str) for each in entries):
            yield f"{name}: an entry without a name: {entries}"
            continue
        names = [each["name"].strip().lower() for each in entries]
        if len(set(names)) < len(names):
            yield f"{name}: twice the same: {names}"
        if any(each["name"] != each["name"].strip() or not each["name"] for each in entries):
            yield f"{name}: padded or empty: {entries}"
    for each in about.get("series", []):
        if not isinstance(each.get("sequence", ""), str):
            yield f"a sequence that is no text: {each}"
