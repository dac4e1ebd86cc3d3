"""Workers are killed and paused, PostgreSQL is restarted: every step's effect is there, once.

The short edition runs with all tests; the long one (10,000 items, a kill each second) by
`make chaos`. CHAOS_ITEMS, CHAOS_WORKERS and CHAOS_SECONDS change its measure.
"""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from pipeline import runs
from pipeline.db import Pool
from pipeline.embedded import EmbeddedPostgres
from pipeline.migrate import migrate
from tests.support.chains import One
from tests.support.chaos_worker import STAGES, WORKFLOWS
from tests.support.havoc import Havoc, prepare

STANDING = "SELECT stage, status, count(*) FROM steps GROUP BY stage, status"
STEPS = [stage for stage in STAGES if stage != "spread"]


@pytest.fixture
def havoc(figure):
    """A migrated server of our own, without workers yet; everything is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="bookrunner-chaos-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    it = Havoc(server, server.start(), figure)
    asyncio.run(migrate(it.url))
    yield it
    for worker in it.workers:
        worker.kill()
        worker.wait()
    server.stop()
    shutil.rmtree(folder)


def begin(it: Havoc, user_id: int, items: int, subject: str) -> int:
    """Start a run of so many items."""

    async def start() -> int:
        async with Pool(it.url, size=1) as pool:
            started = await runs.start(
                pool,
                user_id,
                "CHAOS",
                event=One(name=str(items)),
                subject=subject,
                workflows=WORKFLOWS,
            )
            return started.id

    return asyncio.run(start())


def ended(it: Havoc) -> bool:
    query = "SELECT count(*) FROM tasks WHERE status IN ('scheduled', 'running')"
    return it.ask(query) == [(0,)]


def check(it: Havoc, items: dict[int, int], took: float) -> None:
    """Everything was done, and nothing twice."""
    repeated = it.ask(
        "SELECT count(*) FROM"
        " (SELECT FROM tries GROUP BY run_id, stage, item HAVING count(*) > 1) AS again"
    )[0][0]
    total = sum(items.values()) * len(STEPS)
    it.figure(
        f"{total} steps in {took:.1f} s ({total / took:.0f}/s), {it.kills} kills, {it.pauses}"
        f" pauses, {it.restarts} restarts; {repeated} steps were begun more than once"
    )
    assert (
        it.ask("SELECT run_id, stage, item FROM effects GROUP BY 1, 2, 3 HAVING count(*) > 1") == []
    )
    done = it.ask("SELECT run_id, stage, count(*) FROM effects GROUP BY 1, 2 ORDER BY 1, 2")
    assert done == sorted((run, stage, n) for run, n in items.items() for stage in STEPS)
    assert it.ask("SELECT DISTINCT status FROM tasks") == [("completed",)]
    assert it.ask("SELECT DISTINCT status FROM steps") == [("done",)]
    assert it.ask("SELECT count(*) FROM failed_attempts") == [(0,)]
    # one line each for the start and the end of a run: it was closed once
    per_run = it.ask("SELECT task_id, count(*) FROM task_log WHERE line = 'completed' GROUP BY 1")
    assert per_run == [(run, 1) for run in sorted(items)]


def reach(it: Havoc, effects: int, seconds: float = 60) -> None:
    """Wait until so many effects are there."""
    end = time.monotonic() + seconds
    while it.ask("SELECT count(*) FROM effects")[0][0] < effects:
        assert time.monotonic() < end, it.ask(STANDING)
        time.sleep(0.02)


@pytest.mark.timeout(400)  # about twenty seconds on an idle machine
def test_kills_a_pause_and_a_crash_of_the_database_lose_and_double_nothing(havoc):
    user_id = prepare(havoc.url)
    items = {begin(havoc, user_id, 120, "one"): 120, begin(havoc, user_id, 80, "two"): 80}
    began = time.monotonic()
    for _ in range(3):
        havoc.start_worker()

    reach(havoc, 50)
    havoc.kill_oldest()
    reach(havoc, 150)
    havoc.restart(signal.SIGQUIT)
    reach(havoc, 300)
    with havoc.paused():
        havoc.kill_oldest()
        reach(havoc, 400)
    wait_for_end(havoc, seconds=180)
    took = time.monotonic() - began
    codes = havoc.stop()

    check(havoc, items, took)
    assert codes == [0, 0, 0]


def wait_for_end(it: Havoc, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ended(it):
        assert time.monotonic() < end, it.ask(
            "SELECT stage, status, count(*) FROM steps GROUP BY 1, 2"
        )
        time.sleep(0.1)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_ten_thousand_items_under_a_kill_each_second(havoc):
    items_wanted = int(os.environ.get("CHAOS_ITEMS", "10000"))
    seconds = float(os.environ.get("CHAOS_SECONDS", "3000"))
    user_id = prepare(havoc.url)
    for _ in range(int(os.environ.get("CHAOS_WORKERS", "4"))):
        havoc.start_worker()
    items = {
        begin(havoc, user_id, items_wanted // 4, f"part {n}"): items_wanted // 4 for n in range(4)
    }
    began = time.monotonic()

    while not ended(havoc):
        assert time.monotonic() - began < seconds, havoc.ask(STANDING)
        time.sleep(1)
        if (
            not havoc.oldest_works()
        ):  # a machine that takes longer to start a worker than to kill it
            continue
        havoc.kill_oldest()
        if havoc.kills % 20 == 10:
            how = signal.SIGQUIT if havoc.restarts % 2 else signal.SIGINT
            havoc.restart(how, down=havoc.restarts % 4)
        if havoc.kills % 10 == 5:
            with havoc.paused():
                time.sleep(2)
    took = time.monotonic() - began
    codes = havoc.stop()

    check(havoc, items, took)
    assert set(codes[:-1]) == {0}
    assert codes[-1] in {0, -signal.SIGTERM}  # the youngest may not have come to listening for it
