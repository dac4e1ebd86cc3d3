"""System, Tasks: what the clock starts and when, in plain words; pause, change, start, history."""

from api.library import parted
from api.pages import words
from api.pages.visit import Action, Done, Page, Shown, Visit
from api.triggers import startable
from pipeline import schedule

PATH = "/system/tasks"
MOST_RUNS = 15


async def tasks(visit: Visit) -> Shown:
    """Show every workflow that the clock or a button starts, and the last runs."""
    planned = {
        each.task_name: each for each in await schedule.overview(visit.desk.pool, visit.user_id)
    }
    async with visit.db() as db:
        last = {row["name"]: row for row in await db.rows("stats.workflows")}
        _, history = parted(
            await db.rows(
                "views.runs", status=None, workflow=None, descending=True, limit=MOST_RUNS, offset=0
            )
        )
    names = startable(visit.desk.workflows)
    names.sort(key=lambda name: _due(planned.get(name)))
    return {
        "tasks": [
            {"name": name, "schedule": planned.get(name), "last": last.get(name)} for name in names
        ],
        "history": history,
    }


async def pause(visit: Visit) -> Done:
    """Start a workflow by the clock no more."""
    name: str = visit.path["workflow"]
    await schedule.pause(visit.desk.pool, visit.user_id, name)
    return Done(PATH, f"{words.workflow(name)} is paused: the clock does not start it.")


async def resume(visit: Visit) -> Done:
    """Start a workflow by the clock again."""
    name: str = visit.path["workflow"]
    planned = await schedule.resume(visit.desk.pool, visit.user_id, name)
    return Done(PATH, f"{words.workflow(name)} is started by the clock again: {planned.in_words}.")


async def change(visit: Visit) -> Done:
    """Start a workflow at other times."""
    name: str = visit.path["workflow"]
    planned = await schedule.change(
        visit.desk.pool,
        visit.user_id,
        name,
        visit.text("cron"),
        workflows=visit.desk.workflows,
    )
    return Done(PATH, f"{words.workflow(name)}: {planned.in_words}.")


def _due(planned: schedule.Schedule | None) -> tuple[bool, float]:
    """Order by due time; what is paused or has no schedule comes last."""
    if planned is None or planned.next_run_at is None:
        return (True, 0.0)
    return (False, planned.next_run_at.timestamp())


PAGES = (Page(PATH, tasks, "system_tasks.html", "Tasks", "system"),)
ACTIONS = (
    Action(PATH + "/{workflow}/pause", pause),
    Action(PATH + "/{workflow}/resume", resume),
    Action(PATH + "/{workflow}/schedule", change),
)
