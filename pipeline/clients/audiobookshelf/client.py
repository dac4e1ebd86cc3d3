"""What we ask of one Audiobookshelf server."""

import asyncio
import itertools
import unicodedata
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pipeline.clients.audiobookshelf import items as reading
from pipeline.clients.audiobookshelf import payloads
from pipeline.clients.audiobookshelf.items import Account, BookLibrary, Item, ItemSummary
from pipeline.domain.models import Field, Metadata
from pipeline.errors import (
    NotConfigured,
    ServiceDown,
    ServiceRefused,
    Transient,
    UnexpectedAnswer,
)
from pipeline.exclusive import OneAtATime
from pipeline.remote import Answer, Remote

PAGE = 100  # 35-45 ms and 209 KB a page at 5,100 items; more is not faster
NEWEST = 50
WRITE_AT_ONCE = 50  # a batch update answers only at its end, 8-40 ms an item
WRITE_DEADLINE = 120.0
SWEEPS = 3
SETTLING = 2.0  # seconds without a change after which a lost write is taken to have ended
UNDERSTOOD = frozenset({HTTPStatus.FORBIDDEN.value, HTTPStatus.NOT_FOUND.value})

Change = Mapping[Field, Any]


class Written(dict[str, Metadata]):
    """What each item shows after an update, by item id.

    `untaken` names the fields of an item that still show another value than the one sent,
    `gone` the items that the server does not hold any more (they are no keys of this mapping).
    """

    def __init__(self) -> None:
        super().__init__()
        self.untaken: dict[str, tuple[Field, ...]] = {}
        self.gone: tuple[str, ...] = ()


class Audiobookshelf:
    """One account at one server; *token* is an API key or a user's token.

    *exclusive* gives a lock by name that holds across all workers: writes run one at a time per
    server, because two at once that bring the same new series end the server's process.
    Every method raises ServiceRefused for a token that is not accepted, ServiceDown when the
    server does not answer, and UnexpectedAnswer for an answer of unknown shape.
    """

    def __init__(self, remote: Remote, token: str, *, exclusive: OneAtATime) -> None:
        self._remote, self._token, self._exclusive = remote, token, exclusive

    async def ping(self) -> bool:
        """Whether an Audiobookshelf answers at this address; needs no token."""
        answer = await self._remote.ask("GET", "/ping")
        return bool(answer.json() == {"success": True})

    async def server_version(self) -> str:
        """Return the server's version, like "2.36.0"; needs no token."""
        answer = (await self._remote.ask("GET", "/status")).json()
        if not isinstance(answer, dict) or not isinstance(answer.get("serverVersion"), str):
            raise UnexpectedAnswer("audiobookshelf: ask its version: it names none")
        return str(answer["serverVersion"])

    async def me(self) -> Account:
        """Return the account behind our token."""
        return reading.account((await self._ask("GET", "/api/me")).json())

    async def socket_token(self) -> str | None:
        """Return a token that the socket accepts, or None: then only polling is possible.

        The socket refuses API keys, but the account behind one has an old-style token, which it
        accepts for as long as Audiobookshelf still issues those.
        """
        token = (await self._ask("GET", "/api/me")).json().get("token")
        return token if isinstance(token, str) and token else None

    async def libraries(self) -> list[BookLibrary]:
        """Return every library that our account may see, podcasts too."""
        return reading.libraries((await self._ask("GET", "/api/libraries")).json())

    async def book_library(self, name_or_id: str = "") -> BookLibrary:
        """Return the library of that name or id, or the first that holds books when empty.

        Raises NotConfigured, naming the libraries that there are.
        """
        books = [each for each in await self.libraries() if each.media == "book"]
        wanted = name_or_id.strip().casefold()
        fit = [each for each in books if wanted in {"", each.id, each.name.strip().casefold()}]
        if fit:
            return fit[0]
        known = ", ".join(each.name for each in books) or "none at all"
        sought = f"called {name_or_id!r}" if wanted else "of books"
        raise NotConfigured(f"audiobookshelf: find a library {sought}: it has {known}")

    async def items(self, library_id: str) -> AsyncIterator[ItemSummary]:
        """Yield every item of the library once, the longest held first.

        Pages can shift while they are read, so what was seen is counted against the server's
        total, and the library is swept again when they differ. Raises Transient when it changes
        faster than it can be read.
        """
        seen: set[str] = set()
        for _ in range(SWEEPS):
            totals: list[int] = []
            async for page in self._pages(library_id):
                totals.append(page.total)
                for item in page.items:
                    if item.id not in seen:
                        seen.add(item.id)
                        yield item
            if len(set(totals)) <= 1 and len(seen) >= totals[-1]:
                return
        raise Transient("audiobookshelf: list the library: it changes faster than we can read it")

    async def newest(self, library_id: str, limit: int = NEWEST) -> list[ItemSummary]:
        """Return the *limit* (at least 1) items that were added last, the newest first."""
        parameters = {"limit": max(1, limit), "page": 0, "sort": "addedAt", "desc": 1}
        return list((await self._page(library_id, parameters)).items)

    async def details(self, ids: Iterable[str]) -> list[Item]:
        """Return those of the items that exist, with everything we know of them, in that order."""
        items: list[Item] = []
        for chunk in _chunks(dict.fromkeys(ids), PAGE):
            body = {"libraryItemIds": chunk}
            answer = await self._ask("POST", "/api/items/batch/get", json=body, deadline=60.0)
            by_id = {item.id: item for item in reading.batch(answer.json())}
            items += [by_id[each] for each in chunk if each in by_id]
        return items

    async def item(self, item_id: str) -> Item | None:
        """Return one item, or None when the server holds none of that id."""
        for found in await self.details([item_id]):
            return found
        return None

    async def find(self, library_id: str, words: str, limit: int = 50) -> list[Item]:
        """Return the items whose title, subtitle, ASIN or ISBN contains *words* as they stand."""
        path, asked = f"/api/libraries/{_segment(library_id)}/search", {"q": words, "limit": limit}
        answer = await self._ask_library(path, "search the library", params=asked)
        return reading.found(answer.json())

    async def find_by_path(
        self, library_id: str, path: str, *, title: str | None = None
    ) -> Item | None:
        """Return the item that stands at *path*, or None: the proof that an import arrived.

        *path* is absolute as the server sees it, or relative to the library's folder. Looks
        among the newest items, then among those found by *title*.
        """
        for summary in await self.newest(library_id):
            if _stands_at(summary, path):
                return await self.item(summary.id)
        hits = await self.find(library_id, title) if title and title.strip() else []
        return next((hit for hit in hits if _stands_at(hit, path)), None)

    async def scan(self, library_id: str) -> bool:
        """Start a scan of the library's folder; needs an administrator's token.

        Return False when one was under way already: that one may have passed the folder that
        you mean, so wait for its end and ask again. The scan goes on after this has returned.
        """
        if await self.scanning(library_id):
            return False
        path, what = f"/api/libraries/{_segment(library_id)}/scan", "start a scan"
        await self._ask_library(path, what, method="POST")
        return True

    async def scanning(self, library_id: str) -> bool:
        """Whether a scan of the library is under way."""
        return reading.is_scanning((await self._ask("GET", "/api/tasks")).json(), library_id)

    async def rescan_item(self, item_id: str) -> str:
        """Read one item's folder again; return "uptodate", "updated", "removed" or "nothing".

        A book that is a single file in the library's folder cannot be read again this way: the
        server answers 500, which is raised as ServiceDown.
        """
        path = f"/api/items/{_segment(item_id)}/scan"
        answer = await self._ask("POST", path, expected=UNDERSTOOD)
        if answer.status == HTTPStatus.NOT_FOUND:
            return "removed"
        _refuse_non_admin(answer, "read an item's folder again")
        said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("result"), str):
            raise UnexpectedAnswer("audiobookshelf: read an item's folder again: no result")
        return str(said["result"]).lower()

    async def update(self, changes: Mapping[str, Mapping[str, Any]]) -> Written:
        """Write *changes* (item id to field to value); return what the items show afterwards.

        Fields and values are those of Metadata; a field that is not named stays as it is, None
        or an empty list clears it. What an item shows already is not written again. An answer
        that gets lost may still have been applied, so the items are read and compared before
        anything is sent a second time. Raises BadInput before anything is sent when a change
        makes no sense.
        """
        wanted = {item: payloads.cleaned(change) for item, change in changes.items()}
        written = Written()
        for chunk in _chunks(wanted, WRITE_AT_ONCE):
            async with self._exclusive(self.lock):
                shown = await self._write({item: wanted[item] for item in chunk})
            written.update(shown)
            for item, about in shown.items():
                if untaken := payloads.untaken(wanted[item], about):
                    written.untaken[item] = untaken
        written.gone = tuple(item for item in wanted if item not in written)
        return written

    @property
    def address(self) -> str:
        """The server's address, without a slash at its end."""
        return self._remote.base_url.rstrip("/")

    @property
    def lock(self) -> str:
        """The name of the lock under which this server is written to."""
        return f"abs:{self._remote.base_url}"

    async def _write(self, wanted: Mapping[str, Change]) -> dict[str, Metadata]:
        shown = await self._shown(wanted)
        left = _left(wanted, shown)
        if not left:
            return shown
        try:
            await self._send(left)
        except ServiceDown:  # perhaps it was applied, perhaps not: look before doing it again
            if left := await self._left_when_settled(left):
                await self._send(left)
        return await self._shown(wanted)

    async def _left_when_settled(self, wanted: Mapping[str, Change]) -> dict[str, Change]:
        """Return what a lost write left undone, once the server works on it no longer.

        The server goes on with a batch whose sender is gone, and a second write of the same item
        beside the first would end its process.
        """
        left = _left(wanted, await self._shown(wanted))
        while left:
            await asyncio.sleep(SETTLING)
            before, left = left, _left(wanted, await self._shown(wanted))
            if before == left:
                break
        return left

    async def _send(self, changes: Mapping[str, Change]) -> None:
        body = [payloads.element(item, change) for item, change in changes.items()]
        answer = await self._ask(
            "POST",
            "/api/items/batch/update",
            json=body,
            expected=UNDERSTOOD,
            deadline=WRITE_DEADLINE,
        )
        if answer.status == HTTPStatus.FORBIDDEN:
            raise ServiceRefused(
                "audiobookshelf: write metadata: refused, this account may not update items;"
                " give it that permission or use an administrator's API key"
            )
        if answer.status == HTTPStatus.NOT_FOUND:
            raise Transient(
                "audiobookshelf: write metadata: an item vanished meanwhile, nothing was written"
            )

    async def _shown(self, ids: Iterable[str]) -> dict[str, Metadata]:
        return {item.id: item.metadata for item in await self.details(ids)}

    async def _pages(self, library_id: str) -> AsyncIterator[reading.Page]:
        for number in itertools.count():
            page = await self._page(library_id, {"limit": PAGE, "page": number, "sort": "addedAt"})
            yield page
            if len(page.items) < PAGE or (number + 1) * PAGE >= page.total:
                return

    async def _page(self, library_id: str, parameters: Mapping[str, Any]) -> reading.Page:
        path = f"/api/libraries/{_segment(library_id)}/items"
        answer = await self._ask_library(path, "list the library", params=parameters)
        return reading.page(answer.json())

    async def _ask_library(
        self, path: str, what: str, *, method: str = "GET", params: Mapping[str, Any] | None = None
    ) -> Answer:
        answer = await self._ask(method, path, params=params, expected=UNDERSTOOD)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NotConfigured(f"audiobookshelf: {what}: the library does not exist any more")
        _refuse_non_admin(answer, what)
        return answer

    async def _ask(self, method: str, path: str, **how: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._remote.ask(method, path, headers=headers, **how)


def _refuse_non_admin(answer: Answer, what: str) -> None:
    if answer.status == HTTPStatus.FORBIDDEN:
        raise ServiceRefused(
            f"audiobookshelf: {what}: refused, our account is no administrator;"
            " use an administrator's API key"
        )


def _left(wanted: Mapping[str, Change], shown: Mapping[str, Metadata]) -> dict[str, Change]:
    """Return what is left to write: changed fields of items that exist."""
    left = {
        item: {field: change[field] for field in payloads.untaken(change, shown[item])}
        for item, change in wanted.items()
        if item in shown
    }
    return {item: change for item, change in left.items() if change}


def _stands_at(item: ItemSummary | Item, path: str) -> bool:
    there = item.path if path.startswith("/") else item.rel_path
    return _plain(there) == _plain(path)


def _plain(path: str) -> str:
    return unicodedata.normalize("NFC", path).rstrip("/")


def _segment(key: str) -> str:
    return quote(key, safe="")


def _chunks(values: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    left = iter(values)
    while chunk := list(itertools.islice(left, size)):
        yield chunk
