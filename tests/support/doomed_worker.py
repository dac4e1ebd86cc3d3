"""A worker that kills itself with SIGKILL in one stage, once; run as a process by the tests.

`python -m tests.support.doomed_worker STAGE before|after`: dies as the stage begins, or when it has
done everything and nothing is recorded yet. Without arguments it works like any worker.
"""

import asyncio
import functools
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from pipeline import log, settings, wiring
from pipeline.chains import Stage
from pipeline.foreground import stopped_by_signals
from pipeline.house import open_house
from pipeline.runner import Runner
from pipeline.worker import Worker


def doomed(stages: Mapping[str, Stage], name: str, moment: str) -> dict[str, Stage]:
    """Return *stages* of which the one of that *name* ends the process."""
    stage = stages[name]

    @functools.wraps(stage)
    async def run(**tools: Any) -> Any:
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await stage(**tools)
        if moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return {**stages, name: run}


async def main(arguments: list[str]) -> None:
    given = settings.load()
    log.configure("warning", "json")
    stages = dict(wiring.Stages())
    if arguments:
        stages = doomed(stages, *arguments)
    async with (
        stopped_by_signals() as stop,
        open_house(given, lambda _: None, sandbox=False) as house,
    ):
        await Worker(Runner(house.pool, stages, house.tools), concurrency=6, grace=3.0).run(stop)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
