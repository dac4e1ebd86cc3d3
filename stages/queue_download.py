"""Hand the best release of a missing book to the download client.

Takes   BookMissing
Passes  DownloadQueued
Waits   for its batch's turn, or when the account governor has no free slot
Stops   when the book is not wanted any more, or no release is fit; the refusals say why
"""

from datetime import timedelta

from pipeline import choosing, handover
from pipeline.account import AccountGovernor
from pipeline.clients.qbittorrent import QBittorrent
from pipeline.db import StepDatabase
from pipeline.domain.models import Preferences
from pipeline.events import BookMissing, DownloadQueued
from pipeline.handover import Batch, batch_topic
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
    by_hand = await choosing.taken(db, event)
    if under_way := await handover.under_way(db, event, by_hand, qbittorrent):
        return under_way
    row = await db.row("books.by_id", id=event.book_id)
    assert row is not None  # noqa: S101  # not_wanted has just seen it
    choice = await choosing.choose(row, by_hand, search, db, preferences)
    if choice.winner is None:
        await handover.refuse(db, run, event, choice)
        await batch.leave(db, run, event.book_id)
        run.log(f"{event.title}: {choice.summary}")
        return Stop(choice.summary, {"trouble": list(choice.trouble)})
    if reason := await governor.not_now(db, choice.winner.release):
        return Wait(choice.told(reason), timedelta(hours=1), "governor", FOR_ITS_TURN)
    return await handover.hand_over(db, run, event, choice, qbittorrent)
