"""Workers die in every stage, before and after its work, and PostgreSQL restarts: nothing is lost
and nothing is done twice."""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from pipeline import runs
from pipeline.db import LOST, Pool
from pipeline.embedded import EmbeddedPostgres
from pipeline.migrate import migrate
from pipeline.sandbox.catalogue import TITLES, TRUTH
from pipeline.workflows import WORKFLOWS
from tests.support.household import audio, environment, household, look, new_user

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[2]
# Entered only when a metadata source is out of reach, which none is here.
IDLE = {"ask_again"}
STAGES = [stage for stage in WORKFLOWS["SERIES"].stages if stage not in IDLE]
MOMENTS = ("before", "after")  # as the stage begins; when it has acted and nothing is recorded yet


@pytest.fixture
def server(tmp_path):
    """A PostgreSQL of this test's own: it is going to be restarted."""
    folder = tmp_path / "pg"
    folder.mkdir()
    with EmbeddedPostgres(folder) as url:
        yield folder, url


async def worker(house, *doom: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.doomed_worker",
        *doom,
        cwd=ROOT,
        env={**os.environ, **environment(house)},
    )


async def status(pool: Pool, run: int) -> str:
    try:
        return str(look(pool.url, "select status from tasks where id = %s", run)[0][0])
    except LOST:
        return "out of reach"


async def until_over(pool: Pool, run: int, process: asyncio.subprocess.Process) -> bool:
    """Wait until the worker has died, or the run is over; say whether it died."""
    while process.returncode is None:
        if await status(pool, run) in {"completed", "failed"}:
            return False
        await asyncio.sleep(0.1)
    return process.returncode == -signal.SIGKILL


async def restart(folder: Path) -> None:
    """Restart PostgreSQL under everybody's feet, the hard way."""
    server = EmbeddedPostgres(folder)
    server.start()
    await asyncio.to_thread(
        server._run,
        "pg_ctl",
        "restart",
        "-D",
        server.cluster,
        "-m",
        "immediate",
        "-l",
        server.cluster / "restart.log",
    )
    server.stop()  # only our own presence: the test's goes on holding it


@pytest.mark.parametrize(
    "moments", [("after",), pytest.param(MOMENTS, marks=pytest.mark.chaos)], ids=" and ".join
)
async def test_a_run_survives_a_death_in_every_stage_and_a_restart_of_postgresql(
    server, tmp_path, figure, moments
):
    folder, url = server
    deaths = [(stage, moment) for stage in STAGES for moment in moments]
    await migrate(url)
    died = []
    async with Pool(url, size=8) as pool:
        user = await new_user(pool)
        async with household(tmp_path / "house", pool, user) as house:
            run = (await runs.start(pool, user, "SERIES")).id
            for doom in deaths:
                process = await worker(house, *doom)
                if await until_over(pool, run, process):
                    died.append(doom)
                if doom == ("import_files", moments[0]):
                    await restart(folder)
                if process.returncode is None:
                    process.terminate()
                    await process.wait()
            if await status(pool, run) != "completed":
                last = await worker(house)
                async with asyncio.timeout(150):
                    assert not await until_over(pool, run, last)
                last.terminate()
                await last.wait()

            assert await status(pool, run) == "completed"
            figure(f"SERIES survived {len(died)} kills: {', '.join(map('/'.join, died))}")
            assert died == deaths
            assert_nothing_twice(url, house.town)


async def real_worker(house) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pipeline", "worker"),
        cwd=ROOT,
        env={**os.environ, **environment(house), "BOOKRUNNER_LOG_LEVEL": "error"},
        stdout=asyncio.subprocess.DEVNULL,
    )


async def kill_each_second(house, pool: Pool, run: int) -> int:
    """Let one worker after the other live for a second, until the run is over; count the dead."""
    for kills in range(200):
        process = await real_worker(house)
        try:
            await asyncio.sleep(1)
            over = await status(pool, run) in {"completed", "failed"}
        finally:
            process.kill()
            await process.wait()
        if over:
            return kills
    raise AssertionError(look(pool.url, "select stage, status, count(*) from steps group by 1, 2"))


@pytest.mark.parametrize(
    "workflow", ["METADATA_FULL", pytest.param("SERIES", marks=pytest.mark.chaos)]
)
async def test_a_run_ends_though_no_worker_lives_longer_than_a_second(
    server, tmp_path, figure, workflow
):
    """Each is `bookrunner worker` as users start it, alone, and killed a second after its start."""
    _, url = server
    await migrate(url)
    async with Pool(url, size=8) as pool:
        user = await new_user(pool)
        async with household(tmp_path / "house", pool, user) as house:
            run = (await runs.start(pool, user, workflow)).id
            kills = await kill_each_second(house, pool, run)

            assert await status(pool, run) == "completed"
            figure(f"{workflow} ended after {kills} workers were killed in their first second")
            assert kills > 1
            assert look(url, "select count(*) from failed_attempts where code = 'bug'") == [(0,)]
            if workflow == "SERIES":
                assert_everything_is_shelved_once(url, house.town)
            assert_each_correction_is_made_once(url)


def assert_nothing_twice(url: str, town) -> None:
    assert_everything_is_shelved_once(url, town)
    assert_each_correction_is_made_once(url)
    assert len(town.qbittorrent.added) == len(TRUTH.downloadable) + sum(
        fault != "executable" for fault in TRUTH.second_choice.values()
    )


def assert_everything_is_shelved_once(url: str, town) -> None:
    missing = look(url, "select title, download_status from missing_books")
    assert {t for t, s in missing if s == "imported"} == set(TRUTH.downloadable)
    assert {t for t, s in missing if s == "refused"} == set(TRUTH.refused)
    assert max(Counter(town.qbittorrent.added).values()) == 1
    owned = sum(title.owned for title in TITLES)
    folders = {path.parent for path in audio(town.library)}
    assert len(folders) == owned + len(TRUTH.downloadable)
    assert not list((town.library / ".bookrunner-staging").glob("*"))


def assert_each_correction_is_made_once(url: str) -> None:
    corrections = look(
        url,
        "select book_id, field, new_value::text, count(*) from metadata_corrections"
        " group by 1, 2, 3",
    )
    assert corrections
    assert {count for *_, count in corrections} == {1}
    manual = look(url, "select title from books where metadata_source::text like '%%Manual%%'")
    assert manual == []
