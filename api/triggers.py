"""Calls that start something: each answers with the run, new or under way already."""

from collections.abc import Awaitable, Mapping

from api import answers, questions
from api.contract import Asked, Fault, Reply
from api.errors import Refused
from pipeline import redownload, runs
from pipeline.errors import BadInput
from pipeline.events import BookShelved, RunRequested
from pipeline.workflows import Workflow


async def trigger_rescan(asked: Asked) -> Reply:
    """Start a scan of the library by Audiobookshelf."""
    return await _start(asked, "RESCAN")


async def trigger_rescrape(asked: Asked) -> Reply:
    """Start a metadata rescrape of all books."""
    return await _start(asked, "METADATA_FULL")


async def trigger_redownload(asked: Asked) -> Reply:
    """Retry the download of one book; with a release of its decisions, fetch exactly that one."""
    query: questions.Redownload = asked.query
    pool, user, book = asked.desk.pool, asked.user_id, query.book_id
    await _must_be_there(asked, book)
    if query.release_id is None:
        return await started(redownload.WORKFLOW, redownload.start(pool, user, book))
    try:
        take = redownload.take(pool, user, book, query.release_id)
        return await started(redownload.WORKFLOW, take)
    except redownload.Forgotten as error:
        fault = Fault(field="release_id", place="query", message=str(error))
        raise Refused(404, str(error), [fault]) from error


async def trigger_search(asked: Asked) -> Reply:
    """Search for the releases of one book; none is taken."""
    query: questions.SearchReleases = asked.query
    await _must_be_there(asked, query.book_id)
    search = redownload.search(asked.desk.pool, asked.user_id, query.book_id)
    return await started(redownload.SEARCH, search)


async def _must_be_there(asked: Asked, book_id: int) -> None:
    async with asked.desk.pool.user(asked.user_id) as db:
        if not await db.value("views.book_there", id=book_id):
            raise Refused(404, "there is no such book")


async def trigger_workflow(asked: Asked) -> Reply:
    """Start a workflow that needs nothing but its name."""
    name: str = asked.path["workflow"]
    if name not in startable(asked.desk.workflows):
        raise Refused(404, "there is no such workflow that starts with nothing but its name")
    return await _start(asked, name)


async def receive_abs_event(asked: Asked) -> Reply:
    """Take an import event of Audiobookshelf: one run per item, however often it comes."""
    event: questions.AbsEvent = asked.body
    found = []
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
            found.append(answer("IMPORTED", run))
    return Reply(answers.StartedRuns(runs=found), 202)


def startable(workflows: Mapping[str, Workflow]) -> list[str]:
    """Return the workflows that start with nothing but their name."""
    return sorted(name for name, flow in workflows.items() if flow.starts_with is RunRequested)


async def started(workflow: str, starting: Awaitable[runs.StartedRun]) -> Reply:
    """Answer with a run; what it refuses is a matter of state, not of the request."""
    try:
        run = answer(workflow, await starting)
    except redownload.Forgotten:
        raise
    except BadInput as error:
        raise Refused(409, str(error)) from error
    return Reply(run, 202, {"Location": run.location})


def answer(workflow: str, run: runs.StartedRun) -> answers.StartedRun:
    """Return a run as it is answered."""
    return answers.StartedRun(
        id=run.id, workflow=workflow, created=run.created, location=f"/api/runs/{run.id}"
    )


async def _start(asked: Asked, workflow: str) -> Reply:
    desk = asked.desk
    run = runs.start(desk.pool, asked.user_id, workflow, workflows=desk.workflows)
    return await started(workflow, run)
