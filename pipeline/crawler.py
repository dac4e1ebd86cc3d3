"""Run the user's own crawler, unchanged, and judge by what it leaves behind what came of it."""

import asyncio
import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from pipeline.domain.crawl_verdict import Evidence, State, Verdict, judge, read_state
from pipeline.domain.hiding import Hiding
from pipeline.errors import NotNow, Permanent
from pipeline.programs import Program, running

SHIPPED = Path(__file__).resolve().parent.parent / "legacy_scripts" / "stealth_mam_crawler.py"
# The stand-in that we ship says so in its first lines; the user's own script does not.
STAND_IN = b"stand-in for the sandbox"
GUIDES, STATE, LOG, LOCK = (
    "guides_output",
    "crawler_state.json",
    "stealth_crawler.log",
    ".crawl.lock",
)
MOST_LOG = 16 << 20  # bytes of its log that are read as evidence, the newest
LONGEST_LINE = 4000  # characters of a line that are kept
DRAIN = 5.0  # seconds to read what is still in the pipe after the end

Look = Mapping[str, tuple[int, int]]  # guide's file -> when written (ns), size


class CrawlFailed(Permanent):
    """The crawl went wrong, or left no evidence of what came of it; the message says what."""

    code = "crawl_failed"


class Journal(Protocol):
    """Where the script's output goes while it runs."""

    def add(self, line: str) -> None:
        """Take one line, free of secrets."""
        ...

    async def turn(self) -> bool:
        """Pass on what was added; False when the crawl is no longer wanted."""
        ...


@dataclass(frozen=True, slots=True)
class CrawlerSetup:
    """What running the script takes; `site` is the sandbox's address and empty outside of it.

    `environment` are the variables that it sees besides those of its contract.
    """

    script: Path
    python: str
    folder: Path
    username: str
    password: SecretStr = field(repr=False)
    acknowledged: bool
    limit: timedelta
    site: str = ""
    in_sandbox: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    grace: float = 10.0


@dataclass(frozen=True, slots=True)
class Crawl:
    """What came of one run of the script; `exit_code` is negative for a signal."""

    verdict: Verdict
    sha256: str
    exit_code: int | None
    wanted: bool = True


class Crawler:
    """One user's crawler: script, folder and credentials."""

    def __init__(self, setup: CrawlerSetup) -> None:
        self.setup = setup
        self.hiding = Hiding(setup.username, setup.password.get_secret_value())

    @property
    def guides(self) -> Path:
        """The folder into which the script writes its guides."""
        return self.setup.folder / GUIDES

    def obstacle(self) -> str | None:
        """Say in plain words why the crawler is off, or None when it may run."""
        setup, password = self.setup, self.setup.password.get_secret_value()
        if not setup.script.is_file():
            return f"the crawler is off: there is no script {setup.script.name}"
        stands_in = STAND_IN in setup.script.read_bytes()[:2000]
        if setup.in_sandbox and not stands_in:
            return (
                "the crawler is off in the sandbox: the script is your own, and would visit the"
                " real tracker"
            )
        if not setup.username or not password:
            return "the crawler is off: its username and password are not set"
        if not setup.acknowledged:
            return (
                "the crawler is off until you acknowledge that the tracker's rules allow only its"
                " documented API to be automated, and that what your script does is your own"
                " responsibility (BOOKRUNNER_CRAWLER_ACKNOWLEDGED=yes)"
            )
        if stands_in and not setup.site:
            return (
                "the crawler is off: the script is the stand-in for the sandbox; put your own"
                f" {setup.script.name} in its place"
            )
        return None

    async def crawl(self, journal: Journal) -> Crawl:
        """Run the script to its end and judge; raises NotNow while another one runs here.

        It is ended when the time is up, when it is no longer wanted, and when this process dies.
        """
        folder = self.setup.folder
        await asyncio.to_thread(self.guides.mkdir, parents=True, exist_ok=True)
        with _only_one_in(folder) as lock:
            before, sha256 = await asyncio.to_thread(_Look.at, folder), self._checksum()
            ended = await self._run(journal, lock)
            after = await asyncio.to_thread(_Look.at, folder)
        log = await asyncio.to_thread(_added, folder / LOG, before.log)
        if not ended.said:
            for line in log.splitlines():
                journal.add(self.hiding.clean(line)[:LONGEST_LINE])
        hours = self.setup.limit.total_seconds() / 3600
        evidence = Evidence(
            log=log,
            exit_code=ended.code,
            before=before.state,
            after=after.state,
            written=sum(before.guides.get(n) != seen for n, seen in after.guides.items()),
            limit_hours=hours if ended.too_long else None,
        )
        if self._checksum() != sha256:
            journal.add("the script was changed while it ran")
        return Crawl(judge(evidence), sha256, ended.code, wanted=ended.wanted)

    async def _run(self, journal: Journal, lock: int) -> "_Ended":
        async with running(
            self._command(),
            folder=self.setup.folder,
            environment=self._environment(),
            grace=self.setup.grace,
            hold=lock,
        ) as program:
            reading = asyncio.create_task(self._read(program, journal), name="crawler's output")
            try:
                ended = await self._follow(program, journal)
                if ended.code is None:
                    await program.end()
                with suppress(TimeoutError):  # something that escaped us holds the pipe open
                    await asyncio.wait_for(asyncio.shield(reading), DRAIN)
                ended.said = reading.done() and reading.result() > 0
            finally:
                reading.cancel()
        await journal.turn()
        return ended

    async def _follow(self, program: Program, journal: Journal) -> "_Ended":
        """Wait for the end, the time limit, or until nobody wants it any more."""
        clock = asyncio.get_running_loop()
        deadline = clock.time() + self.setup.limit.total_seconds()
        ending = asyncio.create_task(program.wait(), name="crawler's end")
        try:
            while True:
                left = deadline - clock.time()
                done, _ = await asyncio.wait({ending}, timeout=max(0.0, min(1.0, left)))
                if done:
                    return _Ended(ending.result())
                if left <= 0:
                    return _Ended(None, too_long=True)
                if not await journal.turn():
                    return _Ended(None, wanted=False)
        finally:
            ending.cancel()

    async def _read(self, program: Program, journal: Journal) -> int:
        """Hand on what the script prints; return how many lines it was."""
        number = 0
        async for line in program.lines():
            number += 1
            journal.add(self.hiding.clean(line)[:LONGEST_LINE])
        return number

    def _command(self) -> Sequence[str]:
        return (self.setup.python or sys.executable, str(self.setup.script.resolve()))

    def _environment(self) -> dict[str, str]:
        setup = self.setup
        own = {
            "MAM_USERNAME": setup.username,
            "MAM_PASSWORD": setup.password.get_secret_value(),
            "PYTHONUTF8": "1",
            "PYTHONUNBUFFERED": "1",
        }
        return {"HOME": str(setup.folder), **setup.environment, **own} | (
            {"SANDBOX_GUIDES_URL": setup.site} if setup.site else {}
        )

    def _checksum(self) -> str:
        return hashlib.sha256(self.setup.script.read_bytes()).hexdigest()


@dataclass(slots=True)
class _Ended:
    """How the script ended; `code` is None when we ended it."""

    code: int | None
    too_long: bool = False
    wanted: bool = True
    said: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    """What stands in the script's folder at one moment; `log` is the log's inode and length."""

    state: State | None
    guides: Look
    log: tuple[int, int]

    @classmethod
    def at(cls, folder: Path) -> "_Look":
        """Look at a folder."""
        files = ((p.name, p.stat()) for p in sorted((folder / GUIDES).glob("*.md")))
        guides = {name: (it.st_mtime_ns, it.st_size) for name, it in files}
        state: State | None = State()
        if (folder / STATE).exists():
            state = read_state((folder / STATE).read_text(encoding="utf-8", errors="replace"))
        log = folder / LOG
        it = log.stat() if log.exists() else None
        return cls(state, guides, (it.st_ino, it.st_size) if it else (0, 0))


def _added(log: Path, before: tuple[int, int]) -> str:
    """Return what was added to the log since *before*; all of it when it is another file."""
    if not log.exists():
        return ""
    now, (inode, length) = log.stat(), before
    start = length if now.st_ino == inode and now.st_size >= length else 0
    with log.open("rb") as file:
        file.seek(max(start, now.st_size - MOST_LOG))
        return file.read(MOST_LOG).decode("utf-8", "replace")


@contextmanager
def _only_one_in(folder: Path) -> Iterator[int]:
    """Be the only crawler in *folder* on this machine; the script itself holds on to it, too.

    So a script that was left behind keeps a second one away until it has really ended.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait = timedelta(seconds=15)
            raise NotNow("crawler: an earlier one has not ended yet", after=wait) from None
        yield lock
    finally:
        os.close(lock)
