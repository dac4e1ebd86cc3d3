"""The weekly top ten of a genre: what of it is owned, and what is done about the rest.

Which genres a user follows stands in their settings, `genres`: a list of {"genre", "mode"}, where
the mode is fetch (at once), ask (first) or list (only). What is doubtful is never fetched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, get_args

from pipeline import wanted
from pipeline.clients.mam.categories import categories_of
from pipeline.clock import Clock
from pipeline.db import StepDatabase
from pipeline.domain import completeness, keys, matching, titles
from pipeline.domain.completeness import Entry
from pipeline.domain.models import Preferences, Release, Work
from pipeline.errors import BadInput
from pipeline.events import BookMissing, CollectionFound
from pipeline.listings import Listings, Ranking
from pipeline.outcomes import Stop
from pipeline.runs import Run

Mode = Literal["fetch", "ask", "list"]
TEN = 10
_DECLINED = "declined by the user"


@dataclass(frozen=True, slots=True)
class Wish:
    """A genre that is followed, and what is done about its books."""

    genre: str
    mode: Mode = "list"


# Until the user says which: looking costs nothing.
DEFAULT = (Wish("Fantasy"), Wish("Science Fiction"), Wish("Mystery"))


@dataclass(frozen=True, slots=True)
class Followed:
    """The genres that are followed, and in words what could not be read of the settings."""

    wishes: tuple[Wish, ...]
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a chart; `decision` is owned, listed, asked, fetched or refused."""

    release: Release
    work: Work
    decision: str
    reason: str = ""
    book_id: int | None = None


def followed(row: Mapping[str, Any] | None) -> Followed:
    """Read the user's genres; a name or mode that nobody knows is left out, and named."""
    told = row["genres"] if row else None
    if told is None:
        return Followed(DEFAULT)
    wishes: dict[str, Wish] = {}
    troubles = []
    for each in told if isinstance(told, list) else [told]:
        try:
            wish = _wish(each)
        except BadInput as error:
            troubles.append(str(error))
            continue
        wishes.setdefault(wish.genre.casefold(), wish)
    return Followed(tuple(wishes.values()), tuple(troubles))


def monday(day: date) -> date:
    """Return the Monday of a day's week, under which its chart is kept."""
    return day - timedelta(days=day.weekday())


def work_of(release: Release) -> Work:
    """Return what a release is of; an indexer of Prowlarr's says it all in the title."""
    if release.indexer_id is None:
        title, authors, series = release.title, release.authors, release.series
    else:
        named = titles.read(release.title)
        title = named.title
        authors = release.authors or named.authors
        series = release.series or named.series
    return Work(title, authors, series=series, language=release.language)


def first_ten(releases: Sequence[Release]) -> list[tuple[Release, Work]]:
    """Return the ten best places, each work once, under its best release."""
    found: list[tuple[Release, Work]] = []
    for release in releases:
        work = work_of(release)
        prepared = matching.of_work(work)
        known = (matching.compare(prepared, matching.of_work(other)) for _, other in found)
        if all(verdict.band != "auto" for verdict in known):
            found.append((release, work))
        if len(found) == TEN:
            break
    return found


def place(release: Release, work: Work, entry: Entry, mode: Mode) -> Place:
    """Decide about one place, by what comparing it with the library said."""
    if entry.status in {"owned", "covered"}:
        return Place(release, work, "owned", entry.note, entry.book_id)
    if entry.status != "missing":
        return Place(release, work, "refused", entry.note)
    if not work.authors:
        return Place(release, work, "refused", "nobody says who wrote it")
    decision = {"fetch": "fetched", "ask": "asked", "list": "listed"}[mode]
    return Place(release, work, decision)


async def compare(  # noqa: PLR0913, PLR0917  # what its stage was given
    event: CollectionFound,
    listings: Listings,
    db: StepDatabase,
    preferences: Preferences,
    clock: Clock,
    run: Run,
) -> list[BookMissing] | Stop:
    """Read the chart, compare it with the library, keep it; pass on what is to be fetched."""
    chart = await db.row("charts.by_id", id=event.id)
    if chart is None:
        return Stop("the chart is gone")
    today = clock.now().date()
    ranking = await listings.chart(chart["genre"], today)
    wishes = {wish.genre: wish for wish in followed(await db.row("charts.wishes")).wishes}
    mode = wishes.get(chart["genre"], Wish(chart["genre"])).mode
    ten = first_ten(ranking.releases)
    owned = [
        wanted.owned(row)
        for row in await db.rows(
            "books.owned_like",
            titles=[keys.title_key(work.title) for _, work in ten],
            authors=[keys.author_key(name) for _, work in ten for name in work.authors],
        )
    ]
    places = []
    for release, work in ten:
        compared = completeness.compare([work], owned, preferences, today=today)
        places.append(place(release, work, compared.entries[0], mode))
    places = await _wanted(places, db)
    await _keep(chart, ranking, places, db)
    if ranking.warning:
        run.log(f"{event.name}: {ranking.warning}", level="warning")
    run.log(f"{event.name}: {_tally(places)}")
    await _ask(chart, places, db, run)
    fetched = [
        BookMissing(book_id=p.book_id, title=p.work.title)
        for p in places
        if p.decision == "fetched" and p.book_id is not None
    ]
    return fetched or Stop(_tally(places))


async def _wanted(places: Sequence[Place], db: StepDatabase) -> list[Place]:
    """Give every book that could be fetched a row; what the user declined before stays declined."""
    found = [
        replace(p, book_id=await wanted.put(db, p.work))
        if p.decision in {"fetched", "asked", "listed"}
        else p
        for p in places
    ]
    books = [p.book_id for p in found if p.book_id is not None]
    declined = {row["book_id"] for row in await db.rows("charts.declined", books=books)}
    return [
        replace(p, decision="refused", reason=_DECLINED)
        if p.book_id in declined and p.decision != "owned"
        else p
        for p in found
    ]


async def _keep(
    chart: Mapping[str, Any], ranking: Ranking, places: Sequence[Place], db: StepDatabase
) -> None:
    await db.do("charts.fill", id=chart["id"], ranked_by=ranking.ranked_by)
    await db.do("charts.clear", chart_id=chart["id"])
    rows = [
        {
            "chart_id": chart["id"],
            "rank": rank,
            "title": p.work.title,
            "authors": ", ".join(p.work.authors),
            "series": wanted.places(p.work.series),
            "narrator": ", ".join(p.release.narrators),
            "seeders": p.release.seeders,
            "size": p.release.size,
            "owned": p.decision == "owned",
            "decision": p.decision,
            "reason": p.reason or None,
            "guid": p.release.guid,
            "book_id": p.book_id,
        }
        for rank, p in enumerate(places, start=1)
    ]
    await db.many("charts.put_entry", rows)


async def _ask(
    chart: Mapping[str, Any], places: Sequence[Place], db: StepDatabase, run: Run
) -> None:
    for rank, p in enumerate(places, start=1):
        if p.decision != "asked":
            continue
        by = ", ".join(p.work.authors)
        await db.do(
            "approvals.ask",
            kind="top10",
            subject=f"book:{p.book_id}",
            book_id=p.book_id,
            run_id=run.run_id,
            title=f"Fetch {p.work.title} by {by}?",
            proposal={"books": [{"book_id": p.book_id, "title": p.work.title}]},
            reason=f"number {rank} in {chart['genre']}, week of {chart['week']}",
        )


def _wish(told: Any) -> Wish:
    """Read one genre; raises BadInput."""
    if isinstance(told, str):
        told = {"genre": told}
    if not isinstance(told, Mapping) or not isinstance(told.get("genre"), str):
        raise BadInput(f"genres: {told!r:.80} names no genre")
    genre, mode = told["genre"].strip(), told.get("mode", "list")
    if mode not in get_args(Mode):
        raise BadInput(f"genres: {genre}: {mode!r} is no mode; there are fetch, ask, list")
    categories_of(genre)
    return Wish(genre, mode)


def _tally(places: Sequence[Place]) -> str:
    counts = dict.fromkeys(p.decision for p in places)
    told = [f"{sum(p.decision == d for p in places)} {d}" for d in counts]
    return ", ".join(told) or "nothing was added in the past week"
