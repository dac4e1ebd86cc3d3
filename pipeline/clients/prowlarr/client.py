"""Ask Prowlarr's indexers for releases, and fetch their torrents.

Prowlarr answers 200 with an empty list when its indexers fail, so an empty list is believed only
after its list of disabled indexers and its health were read. A download address holds Prowlarr's
API key: it is never logged or shown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pipeline.answers import Answer
from pipeline.clients.prowlarr.answers import (
    Grab,
    Indexer,
    asked_indexers,
    cannot_search,
    grabbed,
    read_disabled,
    read_health,
    read_indexers,
    read_releases,
)
from pipeline.domain.models import Release
from pipeline.errors import (
    BadInput,
    NotConfigured,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
)
from pipeline.redaction import excerpt
from pipeline.remote import Pace, Remote

# Prowlarr itself leaves two seconds between requests to one indexer.
PACE = Pace(timedelta(milliseconds=500), burst=10, patience=timedelta(seconds=6))
AUDIOBOOKS = (3030,)  # Torznab
_SEARCH_SECONDS = 100.0  # it waits for the slowest indexer
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_DOWNLOAD_ANSWERS = _REDIRECTS | {400, 404, 410, 429, 500}
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found; `trouble` says in words which indexers could not answer."""

    releases: tuple[Release, ...]
    trouble: tuple[str, ...] = ()


class Prowlarr:
    """One Prowlarr under one API key.

    Releases may redirect to another address, which is fetched without credentials and only from
    public places, unless *private_redirects*.
    """

    def __init__(self, remote: Remote, api_key: str, *, private_redirects: bool = False) -> None:
        self._remote, self._api_key = remote, api_key
        self._private_redirects = private_redirects

    async def search(
        self, query: str, *, categories: Iterable[int] = AUDIOBOOKS, indexers: Iterable[int] = ()
    ) -> SearchResult:
        """Return what the indexers (all that fit, or those of these ids) hold for *query*.

        Raises ServiceDown when nothing was found and every one of them is disabled after
        failures, NotConfigured when there is none.
        """
        if not query.strip():
            raise BadInput("prowlarr: search: there is nothing to search for")
        return await self._search(" ".join(query.split()), tuple(categories), tuple(indexers))

    async def newest(
        self, categories: Iterable[int], *, indexers: Iterable[int] = ()
    ) -> SearchResult:
        """Return the releases that the indexers list as their newest, a hundred at most.

        An empty search, which trackers answer so; there is no way to ask for the most popular.
        Raises as `search` does.
        """
        return await self._search("", tuple(categories), tuple(indexers))

    async def _search(
        self, query: str, wanted: tuple[int, ...], chosen: tuple[int, ...]
    ) -> SearchResult:
        params = {
            "query": query,
            "type": "search",
            "categories": wanted,
            "indexerIds": chosen,
            "limit": 100,  # its default is 0, and reaches some indexers as such
            "offset": 0,
        }
        answer = await self._get(
            "/api/v1/search", params, expected=frozenset({400}), deadline=_SEARCH_SECONDS
        )
        if answer.status == 400:  # noqa: PLR2004  # the only answer that is not a list
            raise cannot_search(answer)
        releases = read_releases(answer.json())
        disabled = read_disabled(
            (await self._get("/api/v1/indexerstatus")).json(), datetime.now(UTC)
        )
        if releases and not disabled:
            return SearchResult(releases)
        asked = asked_indexers(await self.indexers(), wanted, chosen, disabled)
        if not asked and not releases:
            numbers = ", ".join(map(str, wanted))
            raise NotConfigured(
                f"prowlarr: search: no enabled indexer has the categories {numbers}"
            )
        return SearchResult(releases, await self._trouble(asked, found=bool(releases)))

    async def download(self, release: Release) -> Grab:
        """Return the torrent or magnet of a release, following redirects within reason.

        Raises ServiceDown and RateLimited when the indexer can not be reached just now,
        ServiceRefused when it is disabled or wants us to sign in, UnexpectedAnswer for a page.
        """
        link = release.download_url or release.magnet_url or ""
        if link.lower().startswith("magnet:"):
            return Grab(magnet=link)
        answer = await self._first(link)
        for _ in range(_MOST_REDIRECTS):
            if answer.status not in _REDIRECTS:
                return grabbed(answer)
            target = answer.headers.get("location", "")
            if target.lower().startswith("magnet:"):
                return Grab(magnet=target)
            answer = await self._elsewhere(target)
        raise UnexpectedAnswer(f"{answer.asked}: more than {_MOST_REDIRECTS} redirects")

    async def indexers(self) -> tuple[Indexer, ...]:
        """Return every indexer that is set up."""
        return read_indexers((await self._get("/api/v1/indexer")).json())

    async def health(self) -> tuple[str, ...]:
        """Return what Prowlarr itself complains about, in its words."""
        return read_health((await self._get("/api/v1/health")).json())

    async def version(self) -> str:
        """Return its version; proves address and key."""
        answer = await self._get("/api/v1/system/status")
        said = answer.json()
        if not isinstance(said, Mapping) or not said.get("version"):
            raise UnexpectedAnswer(f"{answer.asked}: no version but {excerpt(answer.body)!r}")
        return str(said["version"])

    async def ping(self) -> bool:
        """Say whether something that calls itself well answers there; needs no key."""
        said = (await self._remote.ask("GET", "/ping", deadline=10)).json()
        return isinstance(said, Mapping) and said.get("status") == "OK"

    async def _get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        expected: frozenset[int] = frozenset(),
        deadline: float = 30.0,
    ) -> Answer:
        if not self._api_key:
            raise NotConfigured("prowlarr: no API key is set")
        answer = await self._remote.ask(
            "GET",
            path,
            params=params,
            headers={"X-Api-Key": self._api_key},
            expected=expected | {401},
            deadline=deadline,
        )
        if answer.status == 401:  # noqa: PLR2004  # it answers so, without a word
            raise ServiceRefused(
                f"{answer.asked}: the API key is not accepted; it stands in Prowlarr under"
                " Settings, General, Security"
            )
        return answer

    async def _trouble(self, asked: Sequence[Indexer], *, found: bool) -> tuple[str, ...]:
        """Say which of the indexers could not answer; raises when none could."""
        off = [i for i in asked if i.disabled_until is not None]
        words = tuple(
            f"{i.name} is left alone by Prowlarr until {i.disabled_until:%Y-%m-%d %H:%M} UTC,"
            " because it kept failing"
            for i in off
        )
        if found:
            return words
        if len(off) == len(asked):
            soonest = min((i.disabled_until or _LATEST for i in off), default=_LATEST)
            again = max(timedelta(seconds=10), soonest - datetime.now(UTC))
            raise ServiceDown(
                f"prowlarr: search: {'; '.join(words)}", retry_after=min(again, timedelta(days=1))
            )
        return words + await self.health()

    async def _first(self, link: str) -> Answer:
        """Ask Prowlarr for a download; its links name the address under which it was called."""
        parts = urlsplit(link)
        own = re.search(r"/(\d+)/download$", parts.path)
        if own is None:
            return await self._elsewhere(link)
        return await self._remote.ask(
            "GET",
            f"/{own[1]}/download",
            params=dict(parse_qsl(parts.query)),
            expected=_DOWNLOAD_ANSWERS,
            deadline=60,
        )

    async def _elsewhere(self, link: str) -> Answer:
        if not link:
            raise UnexpectedAnswer("prowlarr: download: no address is given")
        return await self._remote.fetch(
            link, private=self._private_redirects, expected=_REDIRECTS, deadline=60
        )
