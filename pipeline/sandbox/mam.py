"""A stand-in of MyAnonamouse's JSON API: search, account, torrent files, and its sessions.

It behaves as the API's users report: sessions that change with every answer, 200 where others say
401, JSON inside of strings. Asking with `fl` spends one of the account's freeleech wedges.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.sandbox.catalogue import TITLES, Offer, Title
from pipeline.sandbox.indexing import Call, Calls, finds, offers_of, printed_size

MAM_ID = "sandbox-mam-session"
NOTHING = {"error": "Nothing returned, out of 0"}
LANGUAGE_NUMBERS = {"ENG": 1, "FRE": 36, "GER": 37}
_AUDIOBOOKS = 13
_DAYS = 35  # the offers were added within so many days
_DEFAULT_ROWS, _MOST_ROWS = 20, 1000
DownloadFault = Literal["", "page", "empty", "gone", "other address"]


@dataclass
class MamFaults:
    """What goes wrong on purpose; everything is well as it stands.

    `down` answers 503, `slow` waits seconds before each answer. `session_dies` accepts nothing but
    the newest session, `rotates` makes one with each answer, `refuses` accepts none, with a page
    (`page_for_403`) or 403. `rate_limited` answers 429 with that Retry-After ("" for none).
    `malformed` breaks the JSON inside of strings, `old_account` gives the account in its shape of
    before. `download` says what comes instead of a torrent.
    """

    down: bool = False
    slow: float = 0.0
    rotates: bool = True
    session_dies: bool = False
    refuses: bool = False
    page_for_403: bool = False
    rate_limited: str | None = None
    malformed: bool = False
    old_account: bool = False
    download: DownloadFault = ""


@dataclass
class Standing:
    """The account's numbers, to be changed by tests."""

    member_class: str = "VIP"
    ratio: float = 4.2
    uploaded: int = 420 << 30
    downloaded: int = 100 << 30
    unsatisfied: int = 12
    unsatisfied_limit: int = 150
    wedges: int = 10
    bonus: int = 25_000
    vip_until: str = "2030-01-01 00:00:00"


class MamStandIn:
    """The tracker's site: `app` is to be served, `faults` switches what goes wrong, `calls` counts.

    *torrents* makes the .torrent file of an offer. A session is *mam_id* or any that grew out of
    it, so that a restart of the stand-in ends nobody's session.
    """

    def __init__(
        self,
        titles: Iterable[Title] = TITLES,
        torrents: Callable[[Offer], bytes] = lambda _: b"de",
        *,
        mam_id: str = MAM_ID,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.faults, self.standing, self.calls = MamFaults(), Standing(), Calls()
        self.offers, self._torrents, self._clock = offers_of(titles), torrents, clock
        self.mam_id = self.session = mam_id
        self.snatched: set[int] = set()
        self._rotations = 0
        self._answers: Mapping[str, Callable[[Request], Awaitable[Response]]] = {
            "/tor/js/loadSearchJSONbasic.php": self._search,
            "/tor/download.php": self._download,
            "/jsonLoad.php": self._account,
        }
        route = Route("/{path:path}", self._answer, methods=["GET", "POST"])
        self.app = Starlette(routes=[route])

    async def _answer(self, request: Request) -> Response:
        path, query = request.url.path, request.query_params
        body = await request.body()
        sent = json.loads(body) if body else None
        values = {name: query.getlist(name) for name in query}
        self.calls.log.append(Call(request.method, path, values, dict(request.headers), sent))
        await asyncio.sleep(self.faults.slow)
        if self.faults.down:
            return Response("maintenance", 503)
        if self.faults.rate_limited is not None:
            headers = {"Retry-After": self.faults.rate_limited} if self.faults.rate_limited else {}
            return Response(status_code=429, headers=headers)
        answer = self._answers.get(path)
        if answer is None:
            return Response("<html>not found</html>", 404, media_type="text/html")
        if not self._accepts(request.cookies.get("mam_id", "")):
            return self._refusal()
        return self._with_new_session(await answer(request))

    def _accepts(self, given: str) -> bool:
        grown = re.fullmatch(re.escape(self.mam_id) + r"(-\d+)?", given)
        dead = self.faults.session_dies and given != self.session
        return bool(grown) and not dead and not self.faults.refuses

    def _refusal(self) -> Response:
        if self.faults.page_for_403:
            page = "Error, you are not signed in <br />Other error"
            return Response(page, media_type="text/html")
        return Response("Forbidden", 403)

    def _with_new_session(self, response: Response) -> Response:
        if self.faults.rotates:
            self._rotations += 1
            self.session = f"{self.mam_id}-{self._rotations}"
            response.set_cookie("mam_id", self.session, httponly=True)
        return response

    async def _search(self, request: Request) -> Response:
        sent = await request.json()
        tor = sent.get("tor", {})
        if tor.get("browse_lang") == [] or _AUDIOBOOKS not in tor.get("main_cat", [_AUDIOBOOKS]):
            return JSONResponse(NOTHING)
        found = [offer for offer in self.offers.values() if self._fits(offer, tor)]
        if tor.get("sortType") == "snatchedDesc":
            found.sort(key=lambda offer: -offer.snatched)
        rows = min(max(int(sent.get("perpage", _DEFAULT_ROWS)), 5), _MOST_ROWS)
        start = int(tor.get("startNumber", 0))
        page = found[start : start + rows]
        if not page:
            return JSONResponse(NOTHING)
        data = [self._row(offer, sent) for offer in page]
        total = start + len(page)
        return JSONResponse(
            {"perpage": rows, "start": start, "data": data, "total": total, "found": len(found)}
        )

    def _fits(self, offer: Offer, tor: Mapping[str, Any]) -> bool:
        categories = {str(number) for number in tor.get("cat", ["0"])}
        languages = tor.get("browse_lang")
        also = (*offer.narrators, *(name for name, _ in offer.series))
        added = self.added(offer)
        return (
            finds(str(tor.get("text", "")), offer, also=also)
            and bool(categories & {"0", str(offer.category)})
            and (languages is None or LANGUAGE_NUMBERS.get(offer.language) in languages)
            and added.date() >= date.fromisoformat(tor.get("startDate", "1970-01-01"))
            and added.date() < date.fromisoformat(tor.get("endDate", "9999-01-01"))
        )

    def added(self, offer: Offer) -> datetime:
        """Return when an offer was added: always within the last five weeks."""
        return datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=offer.tid * 3 % _DAYS)

    def _row(self, offer: Offer, sent: Mapping[str, Any]) -> dict[str, Any]:
        row = {
            "id": offer.tid,
            "language": LANGUAGE_NUMBERS.get(offer.language, 0),
            "lang_code": offer.language,
            "main_cat": _AUDIOBOOKS,
            "category": offer.category,
            "mediatype": 1,
            "size": printed_size(offer.size),
            "numfiles": len(offer.files),
            "vip": int(offer.vip),
            "free": int(offer.freeleech),
            "personal_freeleech": 0,
            "fl_vip": int(offer.freeleech or offer.vip),
            "title": offer.title.replace("&", "&amp;").replace("'", "&#039;"),
            "tags": offer.tags,
            "author_info": self._inside({str(11 + i): n for i, n in enumerate(offer.authors)}),
            "narrator_info": self._inside({str(51 + i): n for i, n in enumerate(offer.narrators)}),
            "series_info": self._inside(
                {str(91 + i): [name, number] for i, (name, number) in enumerate(offer.series)}
            ),
            "filetype": offer.filetype,
            "seeders": offer.seeders,
            "leechers": 0,
            "added": f"{self.added(offer):%Y-%m-%d %H:%M:%S}",
            "times_completed": offer.snatched,
            "ownership": '[200001, "sandbox"]',
            "cat": f'<div class="cat{offer.category}">&nbsp;</div>',
        }
        if "my_snatched" in sent:
            row["my_snatched"] = int(offer.tid in self.snatched)
        return row

    def _inside(self, people: Mapping[str, Any]) -> str:
        return '{"11": "bro' if self.faults.malformed else json.dumps(people)

    async def _download(self, request: Request) -> Response:
        if "fl" in request.query_params:
            self.standing.wedges -= 1
        match self.faults.download:
            case "page":
                return Response("<html><form action='login'>", media_type="text/html")
            case "empty":
                return Response(b"", media_type="text/html")
            case "other address":
                text = "ip 192.0.2.7 does not match account, and no auth cookie provided"
                return Response(text, 401)
        number = request.query_params.get("tid", "")
        offer = self.offers.get(int(number)) if number.isdecimal() else None
        if offer is None or self.faults.download == "gone":
            return Response("torrent not found", 404, media_type="text/html")
        if offer.tid not in self.snatched:
            self.snatched.add(offer.tid)
            self.standing.unsatisfied += 1
        return Response(self._torrents(offer), media_type="application/x-bittorrent")

    async def _account(self, request: Request) -> Response:
        standing = self.standing
        unsat = {
            "name": "Unsatisfied",
            "count": standing.unsatisfied,
            "limit": standing.unsatisfied_limit,
            "size": 123456789,
        }
        said: dict[str, Any] = {
            "username": "sandbox",
            "uid": 1,
            "classname": standing.member_class,
            "ratio": standing.ratio,
            "uploaded": printed_size(standing.uploaded),
            "uploaded_bytes": standing.uploaded,
            "downloaded": printed_size(standing.downloaded),
            "downloaded_bytes": standing.downloaded,
            "seedbonus": standing.bonus,
            "wedges": standing.wedges,
            "vip_until": standing.vip_until,
        }
        if "snatch_summary" in request.query_params:
            nested = {"unsat": unsat, "connectable": "yes"}
            said |= {"unsat": unsat} if self.faults.old_account else {"snatch_summary": nested}
        return JSONResponse(said)
