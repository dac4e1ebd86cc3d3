"""Ask Google Books within the day's quota: one list for a book, one volume for the chosen hit."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pipeline.clients.google_books.refusals import (
    A_MINUTE,
    PACIFIC,
    REFUSALS,
    midnight_pacific,
    read_refusal,
    to_error,
)
from pipeline.clients.google_books.volumes import (
    Json,
    metadata_of,
    read_volume,
    read_volumes,
    total_items,
    work_of,
)
from pipeline.domain.candidates import Candidate, ranked
from pipeline.domain.models import Field, Work
from pipeline.domain.people import split
from pipeline.domain.sources import AuthorListing, BookQuery, Judge, SourceAnswer, SourceName
from pipeline.domain.title_parts import take_apart
from pipeline.errors import NotConfigured, RateLimited
from pipeline.remote import Remote

_FIELDS = (
    "id,volumeInfo(title,subtitle,authors,publisher,publishedDate,description,"
    "industryIdentifiers,pageCount,categories,language,averageRating,ratingsCount)"
)
_NEVER_KNOWN: frozenset[Field] = frozenset({"narrators", "asin"})
KNOWN_FOR = timedelta(days=30)
UNKNOWN_FOR = timedelta(days=7)
PER_LIST = 20
PER_PAGE = 40  # the most that one list gives
MOST_GETS = 2  # volumes looked at for one book
MOST_OF_AN_AUTHOR = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the day's quota is used; a day ends at midnight in California."""

    used: int
    limit: int
    until: datetime


class GoogleBooks:
    """The Volumes API under one key.

    Without a key it is off: keyless requests share a project whose quota is 0. *daily* is the most
    requests that we spend on a day (Google's default quota is 1,000). Everybody who uses one key
    shares its budget; answers are kept for weeks.
    """

    name: SourceName = "GoogleBooks"

    def __init__(
        self,
        remote: Remote,
        *,
        api_key: str,
        country: str = "US",
        daily: int = 950,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._remote, self._key, self._country, self._daily = remote, api_key, country, daily
        self._now = now
        self._budget = f"google_books:{hashlib.sha256(api_key.encode()).hexdigest()[:8]}"

    async def describe(self, query: BookQuery, judge: Judge) -> SourceAnswer | None:
        """Return what Google knows of the book, or None when none of its volumes is the book.

        Asks by ISBN, then by the number as a word (`isbn:` misses books that a plain search
        finds), then by title and last name, then by all words; stops at the first sure hit. At
        most four lists and two volumes; usually one of each. When all that is wanted is what
        Google never knows (narrators, ASIN), it answers None and spends nothing.

        Raises NotConfigured without a key, QuotaSpent until the next day of its quota,
        RateLimited, ServiceDown, ServiceRefused.
        """
        if query.wanted is not None and query.wanted <= _NEVER_KNOWN:
            return None
        doubtful: SourceAnswer | None = None
        looks = MOST_GETS
        for question in ladder(query):
            volumes = await self._list(question, PER_LIST)
            found = ranked(query, judge, ((work_of(v), metadata_of(v)) for v in volumes))
            for candidate in found[:looks]:
                if doubtful and candidate.verdict.band != "same":
                    break
                looks -= 1
                answer = await self._closer(query, judge, candidate)
                if answer and answer.band == "same":
                    return answer
                doubtful = doubtful or answer
        return doubtful

    async def by_author(self, name: str, *, most: int = MOST_OF_AN_AUTHOR) -> AuthorListing:
        """Return the volumes that name *name* among their authors, at most *most* of them.

        Several volumes may be editions of one work. Raises as `describe` does.
        """
        works: dict[str, Work] = {}
        start, complete = 0, False
        while start < most:
            page = await self._ask(
                "volumes", q=f'inauthor:"{_quotable(name)}"', maxResults=PER_PAGE, startIndex=start
            )
            volumes = read_volumes(page)
            works |= {str(volume["id"]): work_of(volume) for volume in volumes}
            start += PER_PAGE
            if not volumes or start >= total_items(page):
                complete = True
                break
        kept = tuple(works.values())[:most]
        return AuthorListing("GoogleBooks", name, kept, complete=complete and len(works) <= most)

    async def usage(self) -> Usage:
        """Return today's use of the quota."""
        used = await self._remote.limits.used(self._budget, self._today())
        return Usage(used, self._daily, midnight_pacific(self._now()))

    async def _closer(
        self, query: BookQuery, judge: Judge, candidate: Candidate
    ) -> SourceAnswer | None:
        """Fetch the volume itself, whose fields are better than the list's, and judge again.

        List and volume may name different titles; one that is gone is taken as the list has it.
        """
        google_id = str(candidate.work.google_id)
        volume = await self._get(google_id)
        if volume is not None:
            again = ranked(query, judge, [(work_of(volume), metadata_of(volume))])
            if not again:
                return None
            candidate = again[0]
        verdict = candidate.verdict
        return SourceAnswer(
            metadata=candidate.metadata,
            score=verdict.score,
            band=verdict.band,
            reason=verdict.reason,
            identifiers={"google_id": google_id},
        )

    async def _list(self, question: str, most: int) -> tuple[Json, ...]:
        return read_volumes(await self._ask("volumes", q=question, maxResults=most))

    async def _get(self, google_id: str) -> Json | None:
        answer = await self._ask(f"volumes/{quote(google_id, safe='')}")
        return read_volume(answer) if answer is not None else None

    async def _ask(self, path: str, **params: Any) -> Any:
        """Return the JSON of one question, from what is kept or from Google; None for a 404."""
        if not self._key:
            raise NotConfigured("Google Books: it is off, because no API key is set")
        asked = {"country": self._country, **params}
        if path == "volumes":
            asked |= {"printType": "books", "fields": f"totalItems,items({_FIELDS})"}
        else:
            asked |= {"fields": _FIELDS}
        key = json.dumps([path, asked], sort_keys=True)
        kept = await self._remote.limits.cache.get("google_books", key)
        if kept is not None:
            return json.loads(kept)
        answer = await self._fetch(path, asked)
        known = answer is not None and bool(answer.get("items") or answer.get("volumeInfo"))
        lasting = KNOWN_FOR if known else UNKNOWN_FOR
        await self._remote.limits.cache.put(
            "google_books", key, json.dumps(answer).encode(), lasting
        )
        return answer

    async def _fetch(self, path: str, params: Mapping[str, Any]) -> Any:
        """Spend one request of the day's quota."""
        limits, midnight = self._remote.limits, midnight_pacific(self._now())
        await limits.spend(self._budget, self._today(), self._daily, midnight)
        answer = await self._remote.ask(
            "GET", path, params={**params, "key": self._key}, expected=REFUSALS
        )
        if answer.status not in REFUSALS:
            return answer.json()
        if answer.status == 404 and path != "volumes":  # noqa: PLR2004  # HTTP's "no such thing"
            return None
        what = params.get("q") or path
        refusal = read_refusal(answer.status, answer.json())
        if refusal.kind == "day":
            raise await limits.declare_spent(self._budget, self._today(), midnight)
        error = to_error(f"{what}", refusal, answer)
        if isinstance(error, RateLimited):
            await limits.hold(self._remote.name, error.retry_after or A_MINUTE, str(error))
        raise error

    def _today(self) -> date:
        return self._now().astimezone(PACIFIC).date()


def ladder(query: BookQuery) -> Iterator[str]:
    """Yield the questions about a book, the most exact one first."""
    if query.isbn:
        yield f"isbn:{query.isbn}"
        yield query.isbn
    title = _quotable(take_apart(query.title).main or query.title)
    author = _quotable(next(iter(split(query.authors[0])), "")) if query.authors else ""
    if author:
        yield f'intitle:"{title}" inauthor:"{author.split()[-1]}"'
    yield f'"{title}" {author}'.strip()


def _quotable(text: str) -> str:
    """Return words that may stand between quotation marks."""
    return " ".join(text.replace('"', " ").split())
