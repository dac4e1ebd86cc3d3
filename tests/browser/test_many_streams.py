"""Five hundred pages open at once: all are told of an event within seconds, and memory stays flat.

No browser: each stream is a bare connection that reads lines.
"""

import asyncio
import time
from pathlib import Path

import pytest

from pipeline import sign_in
from pipeline.db import Pool
from tests.support.installation import installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
STREAMS = 500
ROUNDS = 5


async def test_five_hundred_open_pages_are_fresh_within_five_seconds_and_memory_stays_flat(figure):
    async with installation() as house:
        await house.finished("SERIES")
        async with Pool(house.server.url()) as pool:
            token = await sign_in.open_session(pool, 1, browser="many", address="")
        lines = [asyncio.Queue[float]() for _ in range(STREAMS)]
        streams = [asyncio.create_task(follow(house.port, token, queue)) for queue in lines]
        await asyncio.wait_for(asyncio.gather(*(queue.get() for queue in lines)), 60)
        await asyncio.sleep(2)
        before = megabytes(house.process.pid)

        slowest = []
        for _ in range(ROUNDS):
            for queue in lines:
                while not queue.empty():
                    queue.get_nowait()
            began = time.monotonic()
            house.look("select announce(1, max(id)) from tasks")
            heard = await asyncio.wait_for(asyncio.gather(*(q.get() for q in lines)), 5)
            slowest.append(max(heard) - began)
            await asyncio.sleep(1)
        after = megabytes(house.process.pid)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)

    figure(
        f"{STREAMS} streams, the last one fresh after {max(slowest):.2f} s; {before:.0f} MB,"
        f" {after:.0f} MB after {ROUNDS} events"
    )
    assert max(slowest) < 5
    assert after < before * 1.1


async def follow(port, token, heard):
    """Read a stream, and tell when each event came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    cookie = f"Cookie: bookrunner-{port}={token}\r\n"
    writer.write(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{cookie}\r\n".encode())
    try:
        while line := await reader.readline():
            if line.startswith(b"event: run"):
                heard.put_nowait(time.monotonic())
    finally:
        writer.close()


def megabytes(pid):
    """The memory of a process that is its own."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no such process")
