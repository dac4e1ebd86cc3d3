"""Look for a wanted book's releases, judge them, and pick: the best, none, or a person's own.

What a person takes by hand may be refused by any rule of taste; what is on the blocklist has to be
allowed first, and a torrent that must not reach the client stays refused whoever asks for it.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline import wanted
from pipeline.db import StepDatabase
from pipeline.domain import releases as rules
from pipeline.domain.models import Preferences, Release, WantedBook
from pipeline.domain.releases import Decision, Judged
from pipeline.domain.searches import Identity
from pipeline.errors import BadInput, Permanent
from pipeline.events import BookMissing
from pipeline.search import Fetched, Offers, ReleaseSearch

CANDIDATES = 5  # torrents that are fetched at most for one identity before it counts as unfit
LOOKS = 3  # packs whose file list is fetched at most for one identity
NEVER = frozenset({"not_blocked", "obtainable"})  # rules that no hand sets aside

Choose = Callable[[Sequence[Release]], Decision]


@dataclass(frozen=True, slots=True)
class Taken:
    """A release that a person took by hand, by its name at the indexer."""

    guid: str
    title: str


@dataclass(slots=True)
class Choice:
    """What was offered under each identity, and the release that won, with its torrent.

    `taken` is the release that a person took: it wins, or nothing does.
    """

    taken: Taken | None = None
    winner: Fetched | None = None
    won: Judged | None = None
    origin: Identity = "MAM"
    decided: list[tuple[Identity, Judged]] = field(default_factory=list)
    refused_torrents: dict[str, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    _fetched: dict[str, Fetched] = field(default_factory=dict)

    async def look(self, offers: Offers, choose: Choose, search: ReleaseSearch) -> Decision:
        """Judge one identity's offers; no torrent is fetched but to see what packs hold."""
        self.trouble.extend(offers.trouble)
        releases = list(offers.releases)
        decision = choose(releases)
        if decision.to_inspect and decision.winner is None:
            releases = await self._with_files(releases, decision.to_inspect[:LOOKS], search)
            decision = choose(releases)
        self.decided.extend((offers.origin, judged) for judged in decision.judged)
        return decision

    async def take_best(self, offers: Offers, choose: Choose, search: ReleaseSearch) -> None:
        """Judge one identity's offers; fetch the torrents of the fit ones until one is safe."""
        decision = await self.look(offers, choose, search)
        for judged in decision.fit[:CANDIDATES]:
            if await self._win(judged, offers.origin, search):
                return

    async def take_this(self, offers: Offers, choose: Choose, search: ReleaseSearch) -> None:
        """Judge one identity's offers; fetch the torrent of the one that a person took."""
        decision = await self.look(offers, choose, search)
        judged = next((j for j in decision.judged if self._is_taken(j)), None)
        if judged is None or NEVER & {rule for rule, _ in judged.refusals}:
            return
        if any(rule == "contents_known" for rule, _ in judged.refusals):
            [release] = await self._with_files([judged.release], [judged.release], search)
            judged = choose([release]).judged[0]
        await self._win(judged, offers.origin, search)

    async def _win(self, judged: Judged, origin: Identity, search: ReleaseSearch) -> bool:
        """Let a release win if its torrent can be had and is safe."""
        fetched = await self._fetch(judged.release, search)
        if fetched is not None:
            self.winner, self.won, self.origin = fetched, judged, origin
        return fetched is not None

    async def _with_files(
        self, releases: Sequence[Release], packs: Sequence[Release], search: ReleaseSearch
    ) -> list[Release]:
        """Return the releases with the file lists of those *packs*."""
        lists: dict[str, tuple[tuple[str, int], ...]] = {}
        for release in packs:
            fetched = await self._fetch(release, search)
            if fetched is not None:
                lists[release.guid] = fetched.torrent.files
        return [replace(r, files=lists.get(r.guid, r.files)) for r in releases]

    async def _fetch(self, release: Release, search: ReleaseSearch) -> Fetched | None:
        """Return a release's torrent, asked for once whoever offers it again; None when refused."""
        guid = release.guid
        if guid not in self._fetched and guid not in self.refused_torrents:
            try:
                self._fetched[guid] = await search.fetch(release)
            except Permanent as error:
                self.refused_torrents[guid] = str(error)
        return self._fetched.get(guid)

    def _is_taken(self, judged: Judged) -> bool:
        return self.taken is not None and judged.release.guid == self.taken.guid

    @property
    def settled(self) -> bool:
        """Whether no further identity has to be asked."""
        seen = any(self._is_taken(judged) for _, judged in self.decided)
        return self.winner is not None or seen

    @property
    def fills(self) -> tuple[int, ...]:
        """The wanted books that the winner holds."""
        return self.won.fills if self.won else ()

    @property
    def overruled(self) -> tuple[tuple[str, str], ...] | None:
        """What was set aside, as (rule, reason), for a release taken by hand; None for others."""
        return self.won.refusals if self.won and self.taken else None

    @property
    def verdicts(self) -> dict[str, tuple[Identity, Judged]]:
        """Each release once: as the winner, else as the identity saw it under which it is fit."""
        found: dict[str, tuple[Identity, Judged]] = {}
        for origin, judged in self.decided:
            before = found.get(judged.release.guid)
            if before is None or (judged.fit and not before[1].fit):
                found[judged.release.guid] = (origin, judged)
        if self.won is not None:
            found[self.won.release.guid] = (self.origin, self.won)
        return found

    def told(self, words: str) -> str:
        """Return *words*, followed by what a person set aside where one chose."""
        if self.overruled is None:
            return words
        said = "; ".join(reason for _, reason in self.overruled)
        return f"{words}, chosen by hand" + (f", although: {said}" if said else "")

    @property
    def summary(self) -> str:
        """Say in one line what was found, or why nothing was chosen."""
        if self.taken is not None:
            return "; ".join([f"chosen by hand, but {self._why_not(self.taken)}", *self.trouble])
        seen = self.verdicts.values()
        if not seen:
            return "; ".join(["nobody offers it", *self.trouble])
        fit = sum(judged.fit for _, judged in seen)
        if len(seen) == 1:
            return "the only release found fits" if fit else "the only release found does not fit"
        return f"{fit or 'none'} of {len(seen)} releases {'fit' if fit > 1 else 'fits'}"

    def _why_not(self, taken: Taken) -> str:
        """Say why the release that a person took was not handed over."""
        if reason := self.refused_torrents.get(taken.guid):
            return reason
        said = [reason for _, j in self.decided if self._is_taken(j) for _, reason in j.refusals]
        return said[0] if said else f"it is not offered any more: {taken.title}"


async def taken(db: StepDatabase, event: BookMissing) -> Taken | None:
    """Return the release that a person took for the book, or None when the rules choose."""
    if event.release_id is None:
        return None
    row = await db.row("downloads.decision", id=event.release_id)
    if row is None:
        raise BadInput(f"release {event.release_id} was forgotten meanwhile: search again")
    return Taken(row["guid"], row["title"])


async def choose(
    row: dict[str, Any],
    by_hand: Taken | None,
    search: ReleaseSearch,
    db: StepDatabase,
    preferences: Preferences,
) -> Choice:
    """Search under one identity after the other until a release is fit and its torrent safe.

    With *by_hand* until that one release is found, fit or not.
    """
    choice = Choice(by_hand)
    take = choice.take_best if by_hand is None else choice.take_this
    async for offers, judge in _offers(row, search, db, preferences):
        await take(offers, judge, search)
        if choice.settled:
            break
    return choice


async def survey(
    row: dict[str, Any], search: ReleaseSearch, db: StepDatabase, preferences: Preferences
) -> Choice:
    """Search under every identity and judge all that is found; nothing is chosen."""
    choice = Choice()
    async for offers, judge in _offers(row, search, db, preferences):
        await choice.look(offers, judge, search)
    return choice


async def _offers(
    row: dict[str, Any], search: ReleaseSearch, db: StepDatabase, preferences: Preferences
) -> AsyncIterator[tuple[Offers, Choose]]:
    """Yield what each identity finds, with what judges it."""
    book = wanted.wanted(row)
    seconds = book.duration_seconds or await search.playing_time(
        row["identifiers"].get("goodreads_work"), book.language
    )
    book = replace(book, duration_seconds=seconds)
    if seconds:
        await db.at_once("books.expect", id=book.book_id, seconds=seconds)
    rows = await db.rows("downloads.blocked", book_id=book.book_id)
    blocked = {mark for row in rows for mark in (row["guid"], row["infohash"]) if mark}
    others = [
        wanted.wanted(other)
        for other in await db.rows("missing.others_of_series", book_id=book.book_id)
    ]
    async for offers in search.under_each_identity(book):
        known = offers.book

        def judge(releases: Sequence[Release], known: WantedBook = known) -> Decision:
            return rules.choose(releases, known, preferences, blocked=blocked, other_wanted=others)

        yield offers, judge
