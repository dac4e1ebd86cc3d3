"""A program of the user's ends with us, with all that it started, however we end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from pipeline.programs import running

CHILDREN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
children = [subprocess.Popen(sleeps), subprocess.Popen(sleeps, start_new_session=True)]
print(os.getpid(), *(child.pid for child in children), flush=True)
"""
ENVIRONMENT = {"PATH": "/usr/bin"}


def program(body, folder, **more):
    command = (sys.executable, "-c", body)
    return running(command, folder=folder, environment=ENVIRONMENT, grace=0.3, **more)


def alive(process):
    try:
        status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"


async def first_line(started):
    return [int(number) async for line in _one(started) for number in line.split()]


async def _one(started):
    async for line in started.lines():
        yield line
        return


async def gone(processes):
    async with asyncio.timeout(5):
        while any(map(alive, processes)):
            await asyncio.sleep(0.02)


async def test_at_the_end_of_the_block_nothing_is_left_not_even_who_left_the_group(tmp_path):
    async with program(CHILDREN + "time.sleep(600)", tmp_path) as started:
        processes = await first_line(started)
        assert all(map(alive, processes))

    await gone(processes)


async def test_what_a_program_leaves_behind_is_ended_when_it_ends(tmp_path):
    async with program(CHILDREN, tmp_path) as started:
        processes = await first_line(started)
        assert await started.wait() == 0

        await gone(processes)


async def test_a_keeper_that_is_killed_does_not_save_the_program(tmp_path):
    async with program(CHILDREN + "time.sleep(600)", tmp_path) as started:
        processes = await first_line(started)
        os.kill(started.group, signal.SIGKILL)
        assert await started.wait() == -signal.SIGKILL

    await gone(processes[:2])
    os.kill(processes[2], signal.SIGKILL)  # it had left the group, and nobody was there to see


async def test_a_program_that_heeds_the_first_signal_can_tidy_up(tmp_path):
    body = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (open('tidy', 'w'), sys.exit(0)))\n"
        "print('1', flush=True)\ntime.sleep(600)"
    )
    async with program(body, tmp_path) as started:
        await first_line(started)

    assert (tmp_path / "tidy").exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", -9),
        ("import os; os.kill(os.getpid(), 15)", -15),
    ],
)
async def test_the_exit_code_or_the_signal_is_told(body, code, tmp_path):
    async with program(body, tmp_path) as started:
        assert await started.wait() == code


async def test_a_program_is_given_input_and_answers(tmp_path):
    body = "import sys; print(sys.stdin.read().upper(), end='')"
    async with program(body, tmp_path, feed=True) as started:
        assert await started.exchange(b"emma", 100) == b"EMMA"


async def test_a_program_that_cannot_be_started_says_why(tmp_path):
    async with running(("/no/such",), folder=tmp_path, environment=ENVIRONMENT) as started:
        lines = [line async for line in started.lines()]
        assert await started.wait() == 127

    assert lines == ["/no/such cannot be started: No such file or directory"]
