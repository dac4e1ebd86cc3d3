"""A whole Bookrunner in a process of its own, as `make run` starts it, on a folder of its own."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from pipeline.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
_ADDRESS = re.compile(r"(http://\S+)/sign-in\?token=([\w-]+)")
_KEY = re.compile(r"brk_\w+")


@dataclass
class Installation:
    """What runs, where it is reached, and what it has said."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    key: str = ""
    token: str = ""

    @property
    def base(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sign_in(self) -> str:
        """The newest address that it has printed."""
        return f"{self.base}/sign-in?token={self.token}"

    @property
    def server(self) -> EmbeddedPostgres:
        """Its PostgreSQL."""
        return EmbeddedPostgres(self.folder)

    def look(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask its database, past every wall."""
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            cursor = connection.execute(query, values)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    async def finished(self, workflow: str, seconds: float = 90) -> None:
        """Wait until no run of a workflow is under way."""
        query = "select 1 from tasks where task_name = %s and status in ('scheduled', 'running')"
        async with asyncio.timeout(seconds):
            while self.look(query, workflow):
                await asyncio.sleep(0.3)

    async def restart_postgres(self) -> None:
        """Crash its PostgreSQL, and start it again."""
        server = self.server
        pid = int((server.cluster / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while _lives(pid):
            await asyncio.sleep(0.02)
        await asyncio.to_thread(server.start)
        server.stop()  # it stays: the installation uses it

    async def shows(self, query: str, answer: list[tuple[Any, ...]], seconds: float = 30) -> None:
        """Wait until its database answers so, also through a restart of it."""
        async with asyncio.timeout(seconds):
            while True:
                with suppress(psycopg.OperationalError):
                    if self.look(query) == answer:
                        return
                await asyncio.sleep(0.05)

    async def hears(self, words: str, seconds: float = 60) -> None:
        """Wait until it has said something."""
        async with asyncio.timeout(seconds):
            while not any(words in line for line in self.said):
                await asyncio.sleep(0.05)

    async def listen(self) -> None:
        """Keep what it says."""
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self.said.append(line)
            if found := _ADDRESS.search(line):
                self.token = found[2]
            if "Your key" in line and (key := _KEY.search(line)):
                self.key = key[0]


@asynccontextmanager
async def installation(**variables: str) -> AsyncIterator[Installation]:
    """Start one, and end it with all that it left."""
    folder, port = _new_folder(), _free_port()
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("BOOKRUNNER_", "DATABASE_"))}
    own = {"BOOKRUNNER_DATA_DIR": str(folder), "BOOKRUNNER_PORT": str(port), "COLUMNS": "300"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pipeline",
        "up",
        cwd=ROOT,
        env=ours | own | {"TZ": "UTC"} | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**20,
    )
    made = Installation(folder, port, process)
    listening = asyncio.create_task(made.listen())
    try:
        await made.hears("Ctrl-C ends everything")
        yield made
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 30)
        if process.returncode is None:
            process.kill()
            await process.wait()
        await listening
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _new_folder() -> Path:
    # Not pytest's own temporary folder: that is closed to the account that root runs PostgreSQL as.
    folder = Path(tempfile.mkdtemp(prefix="bookrunner-house-"))
    folder.chmod(0o755)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
