"""Ask MyAnonamouse, one request at a time, keeping its session alive."""

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NoReturn, Protocol

from pipeline.answers import Answer
from pipeline.clients.mam.account import MamAccount, read_account
from pipeline.clients.mam.categories import AUDIOBOOKS, MAIN_AUDIOBOOKS
from pipeline.clients.mam.rows import read_releases, tid_of
from pipeline.domain.models import Release
from pipeline.errors import BadInput, NotConfigured, ServiceRefused, UnexpectedAnswer
from pipeline.redaction import excerpt
from pipeline.remote import Pace, Remote

# No rate is published for searches; other programs leave one or two seconds between requests.
PACE = Pace(timedelta(seconds=2), patience=timedelta(seconds=6))
SEARCH = "/tor/js/loadSearchJSONbasic.php"
COOKIE = "mam_id"
_TURN = timedelta(seconds=10)  # that a request waits for those before it, then it is parked
_FEWEST, _MOST = 5, 100  # results of one answer
_SEARCHED_IN = ("title", "author", "narrator", "series")
_REFUSALS = frozenset({401, 403})
_GONE = frozenset({404, 410})
_NO_VALUES = frozenset({"", "deleted"})
# A refused session is not tried again by anybody for so long, unless it has changed.
_REFUSED_FOR = timedelta(minutes=15)
_WHAT_TO_DO = (
    "the session is not accepted; make a new one on MyAnonamouse (Preferences, Security) for this"
    " machine's address, and give it to no other program"
)


class SessionStore(Protocol):
    """Where one user's session is kept. `save` must be durable when it returns."""

    async def load(self) -> str:
        """Return the newest `mam_id`, or "" when there is none."""
        ...

    async def save(self, mam_id: str) -> None:
        """Keep a `mam_id` that replaces the one before."""
        ...


class Mam:
    """One user's account at MyAnonamouse.

    Each answer may replace the session, and the old one may die with it: requests of one account
    therefore go one after the other in all processes, and a new session is saved before the next
    request, also when the answer itself was of no use. The parameter `fl` is never sent: its mere
    presence would spend one of the user's freeleech wedges.
    """

    def __init__(self, remote: Remote, session: SessionStore) -> None:
        self._remote, self._session = remote, session

    async def search(
        self,
        query: str,
        *,
        categories: Iterable[int] = (),
        languages: Iterable[int] = (),
        limit: int = _MOST,
    ) -> tuple[Release, ...]:
        """Return the audiobooks whose title, author, narrator or series match, best first.

        *categories* and *languages* are the tracker's numbers; none means all. Raises
        NotConfigured without a session, ServiceRefused when it is not accepted.
        """
        wanted = " ".join(re.findall(r"\w+", query))
        if not wanted:
            raise BadInput(f"mam: search: {query!r} holds nothing to search for")
        tor: dict[str, Any] = {"text": wanted, "srchIn": list(_SEARCHED_IN), "sortType": "default"}
        if numbers := list(languages):
            tor["browse_lang"] = numbers  # an empty list breaks the search
        return await self._search(tor, categories, limit)

    async def top(
        self, categories: Iterable[int], start: date, end: date, limit: int = 10
    ) -> tuple[Release, ...]:
        """Return the most snatched audiobooks added from *start* until the day before *end*."""
        tor = {
            "text": "",
            "sortType": "snatchedDesc",
            "startDate": start.isoformat(),
            "endDate": end.isoformat(),
        }
        return (await self._search(tor, categories, limit))[:limit]

    async def account(self) -> MamAccount:
        """Return the user's ratio, unsatisfied torrents, class, wedges and bonus points."""
        answer = await self._ask("GET", "/jsonLoad.php", params={"snatch_summary": ""})
        said = answer.json()
        if not isinstance(said, Mapping) or "username" not in said:
            raise UnexpectedAnswer(f"{answer.asked}: no account but {excerpt(answer.body)!r}")
        return read_account(said)

    async def download(self, release: Release | int) -> bytes:
        """Return the .torrent file of a release, or of a number of the tracker.

        Raises ServiceRefused when a page comes instead, and UnexpectedAnswer when it is gone.
        """
        tid = release if isinstance(release, int) else tid_of(release)
        if tid is None:
            raise BadInput(f"mam: download: {release!r:.80} is no release of MyAnonamouse")
        answer = await self._ask(
            "GET", "/tor/download.php", _no_torrent, params={"tid": tid}, expected=_GONE
        )
        if answer.status in _GONE:
            raise UnexpectedAnswer(f"{answer.asked}: the torrent is gone ({answer.status})")
        return answer.body

    async def _search(
        self, tor: Mapping[str, Any], categories: Iterable[int], limit: int
    ) -> tuple[Release, ...]:
        chosen = [str(number) for number in categories if number in AUDIOBOOKS]
        body = {
            "tor": {
                "searchType": "all",
                "searchIn": "torrents",
                "main_cat": [MAIN_AUDIOBOOKS],
                "cat": chosen or ["0"],
                "startNumber": "0",
                **tor,
            },
            "perpage": min(max(limit, _FEWEST), _MOST),
            "my_snatched": "true",
        }
        answer = await self._ask("POST", SEARCH, json=body)
        said = answer.json()
        if isinstance(said, Mapping) and isinstance(said.get("data"), list):
            return read_releases(said)
        if isinstance(said, Mapping) and str(said.get("error")).startswith("Nothing returned"):
            return ()
        raise UnexpectedAnswer(f"{answer.asked}: no list but {excerpt(answer.body)!r}")

    async def _ask(
        self,
        method: str,
        path: str,
        refuses: Callable[[Answer], bool] | None = None,
        *,
        expected: frozenset[int] = frozenset(),
        **sent: Any,
    ) -> Answer:
        """Ask under the newest session, and save the one that comes back.

        *refuses* recognises the answers that a session gets which is not accepted.
        """
        remote = self._remote
        async with remote.limits.exclusive(f"{remote.name} session", patience=_TURN):
            mam_id = await self._session.load()
            if not mam_id:
                raise NotConfigured("mam: no session is set")
            await self._check_not_refused(mam_id)
            remote.cookies.clear()
            remote.cookies.set(COOKIE, mam_id)
            try:
                answer = await remote.ask(method, path, expected=expected | _REFUSALS, **sent)
            finally:
                await self._save_rotated(mam_id)
            if answer.status in _REFUSALS or (refuses or _sends_to_sign_in)(answer):
                await self._refused(mam_id, answer)
            return answer

    async def _save_rotated(self, used: str) -> None:
        """Save the session that the last answer set, even when we are being stopped."""
        # The one that we sent belongs to no domain; those that came belong to the tracker's.
        came = [c.value for c in self._remote.cookies.jar if c.name == COOKIE and c.domain]
        self._remote.cookies.clear()
        for value in came:
            if value and value not in _NO_VALUES and value != used:
                await asyncio.shield(self._session.save(value))

    async def _check_not_refused(self, mam_id: str) -> None:
        if await self._remote.limits.cache.get(self._remote.name, _mark(mam_id)) is not None:
            raise ServiceRefused(f"mam: it was asked less than 15 minutes ago: {_WHAT_TO_DO}")

    async def _refused(self, mam_id: str, answer: Answer) -> NoReturn:
        """Remember that a session is not accepted, so that nobody insists; raise."""
        cache, name = self._remote.limits.cache, self._remote.name
        await cache.put(name, _mark(mam_id), b"refused", _REFUSED_FOR)
        came = excerpt(answer.body) or f"an empty answer ({answer.status})"
        raise ServiceRefused(f"{answer.asked}: {came}: {_WHAT_TO_DO}")


def _mark(mam_id: str) -> str:
    """Return what a session is remembered by: not the session."""
    return "refused " + hashlib.sha256(mam_id.encode()).hexdigest()


def _sends_to_sign_in(answer: Answer) -> bool:
    """Say whether an answer, often a page with status 200, tells us to sign in."""
    begin = answer.body[:4000].lower()
    return b"not signed in" in begin or (b"<html" in begin and b"login" in begin)


def _no_torrent(answer: Answer) -> bool:
    """Say whether a page or nothing came where a torrent should have."""
    return answer.status not in _GONE and not answer.body.startswith(b"d")
