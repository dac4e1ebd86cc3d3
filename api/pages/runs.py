"""Runs: the list of them, one in full, and starting, cancelling and taking one back."""

from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from api.answers import RunStatus, StepStatus
from api.errors import Refused
from api.library import parted
from api.pages import words
from api.pages.serving import back
from api.pages.visit import Action, Done, Listing, Page, Shown, Visit
from api.triggers import startable
from pipeline import rollback, runs
from pipeline.errors import BadInput

LINES, MOST_LINES = 60, 1000


class Runs(Listing):
    """Which runs."""

    status: RunStatus | None = None
    workflow: str | None = Field(None, max_length=60, pattern=r"^\w+$")


class Steps(Listing):
    """Which steps of a run, and how many lines of its log."""

    lines: int = Field(LINES, ge=1, le=MOST_LINES)
    stage: str | None = Field(None, max_length=60, pattern=r"^\w+$")
    status: StepStatus | None = None


async def listed(visit: Visit) -> Shown:
    """Show the runs, the newest first."""
    query: Runs = visit.query
    async with visit.db() as db:
        total, rows = parted(
            await db.rows(
                "views.runs",
                status=query.status,
                workflow=query.workflow,
                descending=True,
                **query.window,
            )
        )
    return {"total": total, "runs": rows, "workflows": sorted(visit.desk.workflows)}


async def one(visit: Visit) -> Shown:
    """Show one run: its picture, its steps in order with their reasons, its log."""
    query: Steps = visit.query
    run_id: int = visit.path["id"]
    async with visit.db() as db:
        run = await db.row("views.run", id=run_id)
        if run is None:
            raise Refused(404, "There is no such run; runs are kept for thirty days.")
        total, steps = parted(
            await db.rows(
                "views.steps",
                run_id=run_id,
                stage=query.stage,
                status=query.status,
                descending=False,
                **query.window,
            )
        )
        logged, lines = parted(
            await db.rows(
                "views.log_lines", run_id=run_id, descending=True, limit=query.lines, offset=0
            )
        )
        corrected = await db.value("pages_runs.corrections", run_id=run_id)
    chain = visit.desk.workflows.get(run["workflow"])
    stages = list(chain.stages) if chain else sorted(run["counts"])
    return {
        "title": f"{words.workflow(run['workflow'])}, run {run_id}",
        "run": run,
        "open": run["status"] in {"scheduled", "running"},
        "stages": stages,
        "stage_choices": [("", "all"), *((name, words.stage(name)) for name in stages)],
        "total": total,
        "steps": [step | {"about": _about(step)} for step in steps],
        "lines": lines,
        "logged": logged,
        "most_lines": MOST_LINES,
        "corrected": corrected,
        "now": datetime.now(UTC),
    }


def _about(step: dict[str, Any]) -> str:
    """Return what a step is about, as its event tells it."""
    if step["key"] == "run":
        return "The whole run"
    event = step["event"]
    return str(event.get("title") or event.get("name") or event.get("abs_id") or "")


async def start(visit: Visit) -> Done:
    """Start a workflow that needs nothing but its name."""
    name = visit.text("workflow")
    if name not in startable(visit.desk.workflows):
        raise BadInput("there is no such workflow to be started")
    run = await runs.start(visit.desk.pool, visit.user_id, name, workflows=visit.desk.workflows)
    how = "has started" if run.created else "is under way already"
    return Done(back(visit.request), f"{words.workflow(name)} {how}: run {run.id}.")


async def cancel(visit: Visit) -> Done:
    """Cancel a run."""
    run_id: int = visit.path["id"]
    if not await runs.cancel(visit.desk.pool, visit.user_id, run_id):
        raise BadInput(f"run {run_id} is not under way, so there is nothing to cancel")
    return Done(back(visit.request, f"/runs/{run_id}"), f"Run {run_id} was cancelled.")


async def take_back(visit: Visit) -> Done:
    """Take back every correction of a run."""
    run = await rollback.run(visit.desk.pool, visit.user_id, visit.path["id"])
    return Done(f"/runs/{run.id}", f"Taking back what run {visit.path['id']} changed.")


PAGES = (
    Page("/runs", listed, "runs.html", "Runs", "activity", Runs),
    Page("/runs/{id:int}", one, "run.html", "Run", "activity", Steps),
)
ACTIONS = (
    Action("/runs/start", start),
    Action("/runs/{id:int}/cancel", cancel),
    Action("/runs/{id:int}/rollback", take_back),
)
