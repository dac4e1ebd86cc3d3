"""Hand the best release of a missing book to the download client.

Takes   BookMissing
Passes  DownloadQueued
Waits   for its batch's turn, or when the account governor has no free slot
Stops   when the book is not wanted any more, or no release is fit; the refusals say why
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pipeline import handover, wanted
from pipeline.account import AccountGovernor
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import StepDatabase
from pipeline.domain import releases as rules
from pipeline.domain.models import Preferences, Release, WantedBook
from pipeline.domain.releases import Decision
from pipeline.events import BookMissing, DownloadQueued
from pipeline.handover import Batch, Choice, batch_topic
from pipeline.outcomes import Stop, Wait
from pipeline.runs import Run
from pipeline.search import ReleaseSearch

FOR_ITS_TURN = timedelta(days=30)
A_LOOK = timedelta(minutes=5)  # a batch whose last book failed wakes nobody


async def run(
    event: BookMissing,
    search: ReleaseSearch,
    qbittorrent: QBittorrent,
    governor: AccountGovernor,
    db: StepDatabase,
    preferences: Preferences,
    batch: Batch,
    run: Run,
) -> list[DownloadQueued] | Stop | Wait:
    """Take a place in the batch, search, choose, hand over, write it down."""
    if reason := await handover.not_wanted(db, event.book_id):
        await batch.leave(db, run, event.book_id)
        return Stop(reason)
    if not await batch.enter(db, run, event.book_id):
        return Wait("for its batch's turn", A_LOOK, batch_topic(run.run_id), FOR_ITS_TURN)
    if under_way := await handover.under_way(db, event, qbittorrent):
        return under_way
    row = await db.row("books.by_id", id=event.book_id)
    assert row is not None  # noqa: S101  # not_wanted has just seen it
    choice = await _choose(row, search, db, preferences)
    if choice.winner is None:
        await handover.refuse(db, run, event, choice)
        await batch.leave(db, run, event.book_id)
        run.log(f"{event.title}: {choice.summary}")
        return Stop(choice.summary, {"trouble": list(choice.trouble)})
    if reason := await governor.not_now(db, choice.winner.release):
        return Wait(reason, timedelta(hours=1), "governor", FOR_ITS_TURN)
    queued = await handover.hand_over(db, run, event, choice, qbittorrent)
    run.log(f"{event.title}: handed over {choice.winner.release.title}")
    return queued


async def _choose(
    row: dict[str, Any], search: ReleaseSearch, db: StepDatabase, preferences: Preferences
) -> Choice:
    """Search under one identity after the other until a release is fit and its torrent safe."""
    book = wanted.wanted(row)
    seconds = book.duration_seconds or await search.playing_time(
        row["identifiers"].get("goodreads_work"), book.language
    )
    book = replace(book, duration_seconds=seconds)
    if seconds:
        await db.at_once("books.expect", id=book.book_id, seconds=seconds)
    blocked = {row["guid"] for row in await db.rows("downloads.blocked", book_id=book.book_id)}
    others = [
        wanted.wanted(other)
        for other in await db.rows("missing.others_of_series", book_id=book.book_id)
    ]
    choice = Choice()
    async for offers in search.under_each_identity(book):
        known = offers.book

        def choose(releases: Sequence[Release], known: WantedBook = known) -> Decision:
            return rules.choose(releases, known, preferences, blocked=blocked, other_wanted=others)

        await choice.take(offers, choose, search)
        if choice.winner is not None:
            break
    return choice
