"""Calls that start something: each answers with the run, new or under way already."""

from collections.abc import Mapping

from api import answers, questions
from api.contract import Asked, Reply
from api.errors import Refused
from pipeline import runs
from pipeline.events import BookMissing, BookShelved, Event, RunRequested
from pipeline.workflows import Workflow


async def trigger_rescan(asked: Asked) -> Reply:
    """Start a scan of the library by Audiobookshelf."""
    return await _start(asked, "RESCAN")


async def trigger_rescrape(asked: Asked) -> Reply:
    """Start a metadata rescrape of all books."""
    return await _start(asked, "METADATA_FULL")


async def trigger_redownload(asked: Asked) -> Reply:
    """Retry the download of one book."""
    query: questions.Redownload = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        book = await db.row("books.by_id", id=query.book_id)
    if book is None:
        raise Refused(404, "there is no such book")
    event = BookMissing(book_id=book["id"], title=book["title"])
    return await _start(asked, "REDOWNLOAD", event, subject=str(book["id"]))


async def trigger_workflow(asked: Asked) -> Reply:
    """Start a workflow that needs nothing but its name."""
    name: str = asked.path["workflow"]
    if name not in startable(asked.desk.workflows):
        raise Refused(404, "there is no such workflow that starts with nothing but its name")
    return await _start(asked, name)


async def receive_abs_event(asked: Asked) -> Reply:
    """Take an import event of Audiobookshelf: one run per item, however often it comes."""
    event: questions.AbsEvent = asked.body
    started = []
    async with asked.desk.pool.user(asked.user_id) as db:
        for item in event.ids:
            run = await runs.start(
                db,
                asked.user_id,
                "IMPORTED",
                event=BookShelved(abs_id=item),
                subject=item,
                started_by="event",
                workflows=asked.desk.workflows,
            )
            started.append(_answer("IMPORTED", run))
    return Reply(answers.StartedRuns(runs=started), 202)


def startable(workflows: Mapping[str, Workflow]) -> list[str]:
    """Return the workflows that start with nothing but their name."""
    return sorted(name for name, flow in workflows.items() if flow.starts_with is RunRequested)


async def _start(
    asked: Asked, workflow: str, event: Event | None = None, subject: str = ""
) -> Reply:
    run = await runs.start(
        asked.desk.pool,
        asked.user_id,
        workflow,
        event=event,
        subject=subject,
        workflows=asked.desk.workflows,
    )
    answer = _answer(workflow, run)
    return Reply(answer, 202, {"Location": answer.location})


def _answer(workflow: str, run: runs.StartedRun) -> answers.StartedRun:
    return answers.StartedRun(
        id=run.id, workflow=workflow, created=run.created, location=f"/api/runs/{run.id}"
    )
