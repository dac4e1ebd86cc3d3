"""A server and workers of one's own, to be killed, paused and restarted while runs go on."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from pipeline.embedded import EmbeddedPostgres
from tests.support.chaos_worker import TABLES

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Havoc:
    """What is under attack, and how often it was hit."""

    server: EmbeddedPostgres
    url: str
    figure: Callable[[str], None]
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    kills: int = 0
    pauses: int = 0
    restarts: int = 0

    def start_worker(self) -> None:
        """Start one more worker."""
        command = [sys.executable, "-m", "tests.support.chaos_worker"]
        given = {
            "DATABASE_URL": self.url,
            "BOOKRUNNER_DATA_DIR": str(self.server.data_dir),
            "BOOKRUNNER_LOG_LEVEL": os.environ.get("CHAOS_LOG", "error"),
        }
        self.workers.append(
            subprocess.Popen(  # noqa: S603  # our own module
                command, cwd=ROOT, env={**os.environ, **given}, stdout=subprocess.DEVNULL
            )
        )

    def oldest_works(self) -> bool:
        """Whether the worker that was started first has done anything yet."""
        return bool(self.ask("SELECT 1 FROM tries WHERE pid = %s LIMIT 1", self.workers[0].pid))

    def kill_oldest(self) -> None:
        """SIGKILL the worker that has worked longest, and start another."""
        victim = self.workers.pop(0)
        victim.kill()
        victim.wait()
        self.kills += 1
        self.start_worker()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """SIGSTOP a worker while the block runs, then let it go on."""
        victim = random.choice(self.workers)  # no secret
        victim.send_signal(signal.SIGSTOP)
        self.pauses += 1
        try:
            yield
        finally:
            with suppress(ProcessLookupError):
                victim.send_signal(signal.SIGCONT)

    def restart(self, how: signal.Signals = signal.SIGQUIT, down: float = 0.0) -> None:
        """Stop PostgreSQL (SIGQUIT: as in a crash, SIGINT: cleanly), and start it again."""
        pid = int((self.server.cluster / "postmaster.pid").read_text().split()[0])
        os.kill(pid, how)
        while (self.server.cluster / "postmaster.pid").exists() and _lives(pid):
            time.sleep(0.02)
        time.sleep(down)
        self.server.start()
        self.restarts += 1

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> list[int]:
        """Ask every worker to end; return their exit codes. One that does not is killed."""
        for worker in self.workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        codes = []
        for worker in self.workers:
            try:
                codes.append(worker.wait(30))
            except subprocess.TimeoutExpired:
                worker.kill()
                codes.append(worker.wait())
        self.workers.clear()
        return codes


def prepare(url: str) -> int:
    """Make the tables of the synthetic stages and a user; return the user's id."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES)
        row = connection.execute(
            "INSERT INTO users (name) VALUES ('reader') RETURNING id"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
