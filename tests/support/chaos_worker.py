"""A real worker of synthetic stages, to be killed: `python -m tests.support.chaos_worker`.

It starts as every worker does, from the command line on; only chains and stages are others. Four of
those. Each takes a little while, writes one row of its effect in the step's transaction, and
one row of the attempt apart from it; so the effects show what was done twice or never, and the
attempts how often work was repeated.
"""

import asyncio
import functools
import os
import random
import sys
from datetime import timedelta
from typing import LiteralString, cast

from pipeline import cli, working
from pipeline.db import Database, StepDatabase
from pipeline.errors import ServiceDown
from pipeline.outcomes import Wait
from pipeline.queries import QUERIES, Query
from pipeline.runner import Runner
from pipeline.runs import Run
from pipeline.schedule import Clockwork
from pipeline.workflows import Workflow
from tests.support.chains import Five, Four, One, Three, Two

TABLES = """
CREATE TABLE effects (run_id bigint, stage text, item text, pid integer,
    at timestamptz DEFAULT clock_timestamp());
CREATE TABLE tries (run_id bigint, stage text, item text, pid integer,
    at timestamptz DEFAULT clock_timestamp());
GRANT ALL ON effects, tries TO bookrunner_app, bookrunner_system;
"""
STAGES = ("spread", "search", "fetch", "wait", "file")
WORKFLOWS = {"CHAOS": Workflow(STAGES, starts_with=One)}
SHORT_WAIT = timedelta(seconds=0.3)
LONGEST_WORK = float(os.environ.get("CHAOS_WORK", "0.02"))  # seconds


def _query(name: str, text: str) -> None:
    QUERIES[name] = Query(name, "", cast("LiteralString", text), writes=True)


for _table in ("effects", "tries"):
    _query(
        f"chaos.{_table}",
        f"INSERT INTO {_table} (run_id, stage, item, pid)"  # noqa: S608  # two names of our own
        " VALUES (%(run_id)s, %(stage)s, %(item)s, %(pid)s) RETURNING run_id",
    )


async def act(db: Database, run: Run, stage: str, item: str) -> None:
    """Try, take a while, and have an effect."""
    assert isinstance(db, StepDatabase)
    row = {"run_id": run.run_id, "stage": stage, "item": item, "pid": os.getpid()}
    await db.at_once("chaos.tries", **row)
    await asyncio.sleep(random.uniform(0, LONGEST_WORK))  # no secret
    await db.do("chaos.effects", **row)


async def spread(event: One) -> list[Two]:
    """Pass on as many items as the event's name says."""
    return [Two(name=str(number)) for number in range(int(event.name))]


async def search(event: Two, db: Database, run: Run) -> Three:
    await act(db, run, "search", event.name)
    return Three(name=event.name)


async def fetch(event: Three, db: Database, run: Run) -> Four:
    if run.attempt == 1 and int(event.name) % 7 == 0:
        raise ServiceDown("chaos: fetch: every seventh fails the first time")
    await act(db, run, "fetch", event.name)
    await db.value("steps.wake", user_id=run.user_id, topic=f"item:{run.run_id}:{event.name}")
    return Four(name=event.name)


async def wait(event: Four, db: Database, run: Run) -> Five | Wait:
    """Every fifth item waits, to be found by the sweeper."""
    if int(event.name) % 5 == 0 and random.random() < 0.5:  # no secret
        return Wait("chaos", SHORT_WAIT, topic=f"item:{run.run_id}:{event.name}")
    await act(db, run, "wait", event.name)
    return Five(name=event.name)


async def file(event: Five, db: Database, run: Run) -> None:
    await act(db, run, "file", event.name)


def main() -> int:
    """Work until told to stop; return the exit code."""
    stages = {"spread": spread, "search": search, "fetch": fetch, "wait": wait, "file": file}
    working.Stages = lambda: stages
    working.Runner = functools.partial(Runner, workflows=WORKFLOWS)
    working.Clockwork = functools.partial(Clockwork, workflows={})  # whatever the hour
    return cli.main(["worker"])


if __name__ == "__main__":
    sys.exit(main())
