"""Calls about what was done: runs, downloads, decisions, corrections, approvals, failures."""

from api import answers, questions
from api.contract import Asked, Reply
from api.errors import Refused
from api.library import listed, page
from api.triggers import answer, started
from pipeline import approvals, rollback, runs, schedule
from pipeline.errors import BadInput


async def list_runs(asked: Asked) -> Reply:
    """List runs, the newest first."""
    query: questions.Runs = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await listed(
            db, "views.runs", query, status=query.status, workflow=query.workflow
        )
    return Reply(page(answers.RunPage, query, total, rows))


async def get_run(asked: Asked) -> Reply:
    """Answer a run with its stages, and its steps in order with their reasons."""
    query: questions.Steps = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        run = await db.row("views.run", id=asked.path["id"])
        if run is None:
            raise Refused(404, "there is no such run")
        total, rows = await listed(
            db, "views.steps", query, run_id=run["id"], stage=query.stage, status=query.status
        )
    chain = asked.desk.workflows.get(run["workflow"])
    stages = list(chain.stages) if chain else sorted(run["counts"])
    steps = page(answers.StepPage, query, total, rows)
    return Reply(answers.RunDetail(**run, stages=stages, steps=steps))


async def get_run_log(asked: Asked) -> Reply:
    """List the lines of a run's log."""
    query: questions.Log = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        if await db.row("tasks.overview", id=asked.path["id"]) is None:
            raise Refused(404, "there is no such run")
        total, rows = await listed(db, "views.log_lines", query, run_id=asked.path["id"])
    return Reply(page(answers.LogPage, query, total, rows))


async def cancel_run(asked: Asked) -> Reply:
    """Cancel a run and its open steps; what a step is just doing is not recorded."""
    run_id: int = asked.path["id"]
    async with asked.desk.pool.user(asked.user_id) as db:
        if await db.row("tasks.overview", id=run_id) is None:
            raise Refused(404, "there is no such run")
        if not await runs.cancel(db, asked.user_id, run_id):
            raise Refused(409, "this run has ended")
        run = await db.row("views.run", id=run_id)
    return Reply(answers.Run(**(run or {})))


async def roll_back_run(asked: Asked) -> Reply:
    """Take back every correction of a run that has ended."""
    run_id: int = asked.path["id"]
    async with asked.desk.pool.user(asked.user_id) as db:
        if await db.row("tasks.overview", id=run_id) is None:
            raise Refused(404, "there is no such run")
    return await started(rollback.WORKFLOW, rollback.run(asked.desk.pool, asked.user_id, run_id))


async def roll_back_book(asked: Asked) -> Reply:
    """Take back every correction of a book, or the last one of a field."""
    query: questions.BookField = asked.query
    pool, book = asked.desk.pool, asked.path["id"]
    async with pool.user(asked.user_id) as db:
        if not await db.value("views.book_there", id=book):
            raise Refused(404, "there is no such book")
    if query.field is None:
        return await started(rollback.WORKFLOW, rollback.book(pool, asked.user_id, book))
    run = rollback.field(pool, asked.user_id, book, query.field)
    return await started(rollback.WORKFLOW, run)


async def list_downloads(asked: Asked) -> Reply:
    """List what was handed to the download client, the newest first."""
    query: questions.Downloads = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await listed(
            db, "views.downloads", query, status=query.status, book_id=query.book_id
        )
    return Reply(page(answers.DownloadPage, query, total, rows))


async def list_decisions(asked: Asked) -> Reply:
    """List every release that was looked at for a book: why this one, why not that one."""
    query: questions.Decisions = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        if not await db.value("views.book_there", id=asked.path["id"]):
            raise Refused(404, "there is no such book")
        total, rows = await listed(
            db, "views.decisions", query, book_id=asked.path["id"], verdict=query.verdict
        )
    return Reply(page(answers.DecisionPage, query, total, rows))


async def list_blocklist(asked: Asked) -> Reply:
    """List releases that are not to be tried again."""
    query: questions.Blocked = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await listed(db, "views.blocklist", query, book_id=query.book_id)
    return Reply(page(answers.BlocklistPage, query, total, rows))


async def allow_release(asked: Asked) -> Reply:
    """Take a release off the blocklist."""
    async with asked.desk.pool.user(asked.user_id) as db:
        if await db.value("views.allow_release", id=asked.path["id"]) is None:
            raise Refused(404, "there is no such release on the blocklist")
    return Reply(None, 204)


async def list_corrections(asked: Asked) -> Reply:
    """List changes of metadata, the newest first."""
    query: questions.Corrections = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await listed(
            db, "views.corrections", query, book_id=query.book_id, run_id=query.run_id
        )
    return Reply(page(answers.CorrectionPage, query, total, rows))


async def list_approvals(asked: Asked) -> Reply:
    """List what waits for a yes or no, or was decided."""
    query: questions.Approvals = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await listed(
            db, "views.approvals", query, status=query.status, kind=query.kind
        )
    return Reply(page(answers.ApprovalPage, query, total, rows))


async def answer_approval(asked: Asked) -> Reply:
    """Say yes or no to an open question; a yes starts a run that does what was proposed."""
    body: questions.Answered = asked.body
    async with asked.desk.pool.user(asked.user_id) as db:
        if await db.row("approvals.by_id", id=asked.path["id"]) is None:
            raise Refused(404, "there is no such question")
    try:
        run = await approvals.decide(
            asked.desk.pool,
            asked.user_id,
            asked.path["id"],
            approve=body.approve,
            fields=body.fields,
        )
    except BadInput as error:
        raise Refused(409, str(error)) from error
    return Reply(answers.Decided(run=None if run is None else answer("APPROVED", run)))


async def pause_schedule(asked: Asked) -> Reply:
    """Start a workflow by the clock no more, until it is resumed."""
    await _scheduled(asked)
    await schedule.pause(asked.desk.pool, asked.user_id, asked.path["workflow"])
    return await list_schedules(asked)


async def resume_schedule(asked: Asked) -> Reply:
    """Start a workflow by the clock again; what was due meanwhile is not made up for."""
    await _scheduled(asked)
    await schedule.resume(asked.desk.pool, asked.user_id, asked.path["workflow"])
    return await list_schedules(asked)


async def _scheduled(asked: Asked) -> None:
    async with asked.desk.pool.user(asked.user_id) as db:
        rows = await db.rows("views.schedules")
    if asked.path["workflow"] not in {row["workflow"] for row in rows}:
        raise Refused(404, "this workflow has no schedule")


async def list_schedules(asked: Asked) -> Reply:
    """List when the clock starts which workflow."""
    async with asked.desk.pool.user(asked.user_id) as db:
        rows = await db.rows("views.schedules")
    return Reply(answers.Schedules(records=[answers.Schedule(**row) for row in rows]))


async def list_failures(asked: Asked) -> Reply:
    """List the permanent ledger of what failed, the newest first."""
    query: questions.Failures = asked.query
    async with asked.desk.pool.user(asked.user_id) as db:
        total, rows = await listed(
            db, "views.failures", query, workflow=query.workflow, code=query.code
        )
    return Reply(page(answers.FailurePage, query, total, rows))
