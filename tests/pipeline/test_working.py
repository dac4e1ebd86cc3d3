"""A worker starts with what claiming takes, and loads the rest when that is needed."""

import asyncio
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from pipeline import working
from pipeline.worker import Worker
from tests.support.chains import until

# What takes long to load, and no worker needs to claim a job.
HEAVY = {
    *("aiohttp", "anyio", "engineio", "httpcore", "httpx", "jinja2", "langcodes", "nh3"),
    *("prometheus_client", "rapidfuzz", "requests", "selectolax", "socketio", "starlette"),
    *("stdnum", "tinytag", "urllib3", "uvicorn", "websockets"),
}
OURS_FOR_LATER = ("api", "pipeline.clients", "pipeline.sandbox", "pipeline.toolbox", "stages.")
# A real worker, that says at its end what it has loaded.
WORKER = """
import atexit, sys
from pipeline import cli, working
working.SETTLED = float(sys.argv[1])
atexit.register(lambda: print("loaded", *sys.modules))
sys.exit(cli.main(["worker"]))
"""


@pytest.fixture
def house(pool):
    return SimpleNamespace(pool=pool, tools=None, settings=SimpleNamespace(concurrency=2))


async def test_a_bug_in_the_worker_ends_the_block(house, monkeypatch):
    async def fail(self, stop):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Worker, "run", fail)
    with pytest.raises(ZeroDivisionError):
        async with working.working(house):
            await asyncio.sleep(10)


async def test_what_goes_wrong_in_the_block_lets_the_worker_end_in_peace(house, monkeypatch):
    ended = []

    async def work(self, stop):
        await stop.wait()
        await asyncio.sleep(0.01)
        ended.append("in peace")

    monkeypatch.setattr(Worker, "run", work)
    with pytest.raises(KeyError):
        async with working.working(house):
            raise KeyError

    assert ended == ["in peace"]


async def loaded(pool, folder, settled: float, pause: float) -> set[str]:
    """Run a worker until it fetches jobs, and for *pause* seconds; return what it has loaded."""
    given = {"DATABASE_URL": pool.url, "BOOKRUNNER_DATA_DIR": str(folder)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, str(settled),
        env={**os.environ, **given}, stdout=subprocess.PIPE,
    )  # fmt: skip
    await until(pool, "SELECT count(*) FROM procrastinate_workers", expected=1)
    await asyncio.sleep(pause)
    process.terminate()
    said, _ = await process.communicate()

    assert process.returncode == 0
    return set(said.decode().rpartition("loaded ")[2].split())


async def test_a_worker_that_starts_loads_nothing_heavy(pool, tmp_path, figure):
    modules = await loaded(pool, tmp_path, settled=3600, pause=0.2)

    figure(f"a worker that waits for its first job has loaded {len(modules)} modules")
    assert "pipeline.hardened" in modules
    assert {module.partition(".")[0] for module in modules} & HEAVY == set()
    assert [module for module in modules if module.startswith(OURS_FOR_LATER)] == []


async def test_a_worker_that_has_settled_has_loaded_every_stage_and_client(pool, tmp_path):
    modules = await loaded(pool, tmp_path, settled=0, pause=3)

    assert {f"stages.{stage}" for stage in working.Stages()} <= modules
    assert {"pipeline.toolbox", "pipeline.clients.goodreads"} <= modules
    assert "socketio" not in modules
