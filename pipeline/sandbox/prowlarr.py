"""A stand-in of Prowlarr with a private and a public indexer.

It behaves as its source code says, its silences included: an indexer that fails is missing from a
200, and is seen only in the list of disabled indexers.
"""

import asyncio
import base64
import html
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.sandbox.catalogue import TITLES, Offer, Title
from pipeline.sandbox.indexing import Call, Calls, finds, offers_of, rounded_size

API_KEY = "sandbox-prowlarr-key-0123456789ab"
PRIVATE, PUBLIC = 24, 7
NAMES = {PRIVATE: "MyAnonamouse", PUBLIC: "Quiet Shelf"}
AUDIOBOOKS, OWN_CATEGORIES = 3030, 100_000
_LEFT_ALONE = 60.0  # seconds after a first failure
DownloadFault = Literal[
    "", "page", "magnet", "redirect", "rate limited", "gone", "broken", "invalid", "empty"
]


@dataclass
class ProwlarrFaults:
    """What goes wrong on purpose; everything is well as it stands.

    `down` answers 503, `slow` waits seconds before each answer, `unavailable` answers a search
    with 400. `failing` are indexers that fail without a word (and are left alone by Prowlarr from
    then on), `disabled` those that it leaves alone already, `switched_off` those that the user
    switched off. `download` says what comes instead of a torrent: a redirect goes to
    `redirect_to`, a 429 names `retry_after` seconds.
    """

    down: bool = False
    slow: float = 0.0
    unavailable: bool = False
    failing: set[int] = field(default_factory=set)
    disabled: set[int] = field(default_factory=set)
    switched_off: set[int] = field(default_factory=set)
    download: DownloadFault = ""
    redirect_to: str = ""
    retry_after: int = 30


class ProwlarrStandIn:
    """One Prowlarr: `app` is to be served, `faults` switches what goes wrong, `calls` counts.

    *torrents* makes the .torrent file of an offer.
    """

    def __init__(
        self,
        titles: Iterable[Title] = TITLES,
        torrents: Callable[[Offer], bytes] = lambda _: b"de",
        *,
        api_key: str = API_KEY,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.api_key, self.faults, self.calls = api_key, ProwlarrFaults(), Calls()
        self.offers, self._torrents, self._clock = offers_of(titles), torrents, clock
        self._left_alone: dict[int, float] = {}
        self._answers: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
            "/api/v1/search": self._search,
            "/api/v1/indexer": self._indexers,
            "/api/v1/indexerstatus": self._statuses,
            "/api/v1/health": self._health,
            "/api/v1/system/status": self._status,
        }
        self.app = Starlette(routes=[Route("/{path:path}", self._answer)])

    async def _answer(self, request: Request) -> Response:
        path, query = request.url.path, request.query_params
        self.calls.log.append(
            Call(
                request.method,
                path,
                {name: query.getlist(name) for name in query},
                dict(request.headers),
            )
        )
        await asyncio.sleep(self.faults.slow)
        if self.faults.down:
            return Response("upstream connect error", 503)
        if path == "/ping":
            return JSONResponse({"status": "OK"})
        if not self._may(request):
            return Response(status_code=401)
        if path.endswith("/download"):
            return self._download(request)
        answer = self._answers.get(path)
        return await answer(request) if answer else Response("not found", 404)

    def _may(self, request: Request) -> bool:
        """Say whether the key came: as a parameter, in a header of its own, or as a bearer."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        given = (request.query_params.get("apikey"), request.headers.get("x-api-key"), bearer)
        return self.api_key in given

    async def _search(self, request: Request) -> Response:
        query = request.query_params
        asked = {int(number) for number in query.getlist("indexerIds")} - {-1, -2}
        chosen = [i for i in NAMES if (not asked or i in asked) and self._enabled(i)]
        if self.faults.unavailable or not chosen:
            message = "Search failed due to all selected indexers being unavailable"
            return JSONResponse({"message": message}, 400)
        rows = [row for indexer in chosen for row in self._rows(indexer, request)]
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 0))
        return JSONResponse(rows[offset : offset + limit])

    def _rows(self, indexer: int, request: Request) -> list[dict[str, Any]]:
        """Ask one indexer; failures end here, as in Prowlarr."""
        if self._disabled_until(indexer) is not None:
            return []
        if indexer in self.faults.failing:
            self._left_alone[indexer] = self._clock() + _LEFT_ALONE
            return []
        if indexer == PUBLIC:
            return []
        query = request.query_params
        categories = {int(number) for number in query.getlist("categories")}
        return [
            self._row(offer, str(request.base_url).rstrip("/"))
            for offer in self.offers.values()
            if finds(query.get("query", ""), offer)
            and (not categories or categories & {AUDIOBOOKS, OWN_CATEGORIES + offer.category})
        ]

    def _row(self, offer: Offer, base_url: str) -> dict[str, Any]:
        vip = " [VIP]" if offer.vip else ""
        inside = f"{offer.language} / {offer.filetype.upper()}"
        title = f"{offer.title} by {', '.join(offer.authors)} [{inside}]{vip}"
        link = base64.urlsafe_b64encode(f"offer {offer.tid}".encode()).decode()
        page = f"https://www.myanonamouse.net/t/{offer.tid}"
        published = datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=offer.tid % 400)
        return {
            "guid": page,
            "age": offer.tid % 400,
            "size": rounded_size(offer.size),
            "grabs": offer.snatched,
            "indexerId": PRIVATE,
            "indexer": NAMES[PRIVATE],
            "title": title,
            "publishDate": f"{published:%Y-%m-%dT%H:%M:%SZ}",
            "downloadUrl": f"{base_url}/{PRIVATE}/download?apikey={self.api_key}"
            f"&link={quote(link)}&file={quote(title)}",
            "infoUrl": page,
            "indexerFlags": ["freeleech"] if offer.freeleech else [],
            "categories": [
                {"id": AUDIOBOOKS, "name": "Audio/Audiobook", "subCategories": []},
                {"id": OWN_CATEGORIES + offer.category, "subCategories": []},
            ],
            "seeders": offer.seeders,
            "leechers": 0,
            "protocol": "torrent",
            "fileName": f"{title}.torrent",
        }

    def _download(self, request: Request) -> Response:
        try:
            link = base64.urlsafe_b64decode(request.query_params.get("link", "")).decode()
            offer = self.offers.get(int(link.removeprefix("offer ")))
        except ValueError:
            offer = None
        if offer is None or self.faults.download == "invalid":
            return _error(400, "Invalid Prowlarr link")
        if self.faults.download:
            return self._no_torrent(offer)
        return Response(self._torrents(offer), media_type="application/x-bittorrent")

    def _no_torrent(self, offer: Offer) -> Response:
        """Answer a download with what the fault says."""
        faults = self.faults
        magnet = f"magnet:?xt=urn:btih:{offer.tid:040x}&dn={quote(offer.title)}"
        later = "Indexer is disabled till later due to recent failures."
        answers = {
            "page": Response("<html><title>Login</title>", media_type="text/html"),
            "empty": Response(b""),
            "magnet": Response(status_code=301, headers={"Location": magnet}),
            "redirect": Response(status_code=301, headers={"Location": faults.redirect_to}),
            "gone": _error(410, "Indexer is disabled"),
            "broken": _error(500, "Getting release from indexer failed"),
            "rate limited": _error(429, later, {"Retry-After": str(faults.retry_after)}),
        }
        return answers[faults.download]

    async def _indexers(self, _: Request) -> Response:
        return JSONResponse([self._indexer(number) for number in NAMES])

    def _indexer(self, number: int) -> dict[str, Any]:
        own = [{"id": OWN_CATEGORIES + n, "subCategories": []} for n in range(39, 120)]
        audio = {"id": 3000, "name": "Audio", "subCategories": [{"id": AUDIOBOOKS}]}
        return {
            "id": number,
            "name": NAMES[number],
            "enable": self._enabled(number),
            "protocol": "torrent",
            "privacy": "private" if number == PRIVATE else "public",
            "capabilities": {"categories": [audio, *(own if number == PRIVATE else [])]},
        }

    async def _statuses(self, _: Request) -> Response:
        left_alone = {i: until for i in NAMES if (until := self._disabled_until(i)) is not None}
        return JSONResponse(
            [
                {"id": at, "indexerId": indexer, "disabledTill": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
                for at, (indexer, until) in enumerate(left_alone.items(), start=1)
            ]
        )

    async def _health(self, _: Request) -> Response:
        names = [NAMES[i] for i in NAMES if self._disabled_until(i) is not None]
        message = f"Indexers unavailable due to failures: {', '.join(names)}"
        entry = {"source": "IndexerStatusCheck", "type": "warning", "message": message}
        return JSONResponse([entry] if names else [])

    async def _status(self, _: Request) -> Response:
        return JSONResponse({"appName": "Prowlarr", "version": "2.3.6.5000", "urlBase": ""})

    def _enabled(self, indexer: int) -> bool:
        return indexer not in self.faults.switched_off

    def _disabled_until(self, indexer: int) -> datetime | None:
        until = self._left_alone.get(indexer, 0.0)
        if indexer in self.faults.disabled:
            until = self._clock() + 3600
        return datetime.fromtimestamp(until, UTC) if until > self._clock() else None


def _error(code: int, said: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer as Prowlarr's download does: XML."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    body = f'{head}<error code="{code}" description="{html.escape(said)}" />'
    return Response(body, code, dict(headers or {}), media_type="application/rss+xml")
