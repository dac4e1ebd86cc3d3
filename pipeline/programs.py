"""Run a program of the user's: no shell, a few variables, a group of its own that ends with us."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

LONGEST_LINE = 64 * 1024  # bytes; what follows in the same line is dropped
POLL = 0.05  # seconds between two looks whether it has ended
HURRY = 2.0  # seconds to end when we are being stopped ourselves
_KEEPER = Path(__file__).with_name("keeper.py")
_BY_SIGNAL = 128


class Program:
    """A program that runs; its group gets TERM, and KILL *grace* seconds later."""

    def __init__(self, process: asyncio.subprocess.Process, lifeline: int, grace: float) -> None:
        self._process, self._lifeline, self._grace = process, lifeline, grace

    @property
    def group(self) -> int:
        """Number of its process group."""
        return self._process.pid

    async def wait(self) -> int:
        """Return the exit code once it has ended; a signal's number is negative."""
        code = await self._ended()
        return _BY_SIGNAL - code if code > _BY_SIGNAL else code

    async def exchange(self, given: bytes, most: int) -> bytes:
        """Hand *given* to its standard input; return at most *most* bytes of what it answers."""
        assert self._process.stdin is not None  # noqa: S101  # asked for with `feed`
        assert self._process.stdout is not None  # noqa: S101  # always a pipe
        with suppress(BrokenPipeError, ConnectionResetError):  # it need not read to the end
            self._process.stdin.write(given)
            await self._process.stdin.drain()
            self._process.stdin.close()
        answer = b""
        while len(answer) <= most and (piece := await self._process.stdout.read(LONGEST_LINE)):
            answer += piece
        return answer

    async def lines(self) -> AsyncIterator[str]:
        """Yield what it prints, line by line, as text without line ends."""
        assert self._process.stdout is not None  # noqa: S101  # always a pipe
        held, cut = b"", False
        while piece := await self._process.stdout.read(LONGEST_LINE):
            *whole, held = (held + piece).split(b"\n")
            for line in whole:
                if not cut:
                    yield _text(line)
                cut = False
            if len(held) > LONGEST_LINE:
                if not cut:
                    yield _text(held)
                held, cut = b"", True
        if held and not cut:
            yield _text(held)

    async def end(self, patience: float | None = None) -> None:
        """End it and everything that it started; return when all is gone."""
        self._let_go()
        try:
            async with asyncio.timeout(self._grace + HURRY if patience is None else patience):
                code = await self._ended()
        except TimeoutError:
            self._kill_group()
            code = await self._ended()
        if code < 0:
            self._kill_group()  # the keeper itself was killed, and could not end the rest

    async def _ended(self) -> int:
        """Wait for the end; asyncio's own wait goes on while anybody holds the output open."""
        while (code := self._process.returncode) is None:  # noqa: ASYNC110  # nothing tells it
            await asyncio.sleep(POLL)
        return code

    def close(self) -> None:
        """Close the pipes, which something that has escaped us might hold open."""
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  # no other way

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _let_go(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


@asynccontextmanager
async def running(  # noqa: PLR0913  # what a process can be given, all by name
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    grace: float = 10.0,
    feed: bool = False,
    hold: int | None = None,
    errors: bool = True,
) -> AsyncIterator[Program]:
    """Run *command* in *folder* for as long as the block lasts; it sees *environment* only.

    It ends with the block at the latest, and when this process dies. With *feed* it can be given
    input, else its input is empty; *errors* says whether its error output is read with the other.
    *hold* is a descriptor that stays open as long as it runs.
    """
    theirs, ours = os.pipe()
    keep = [theirs] if hold is None else [theirs, hold]
    keeper = (sys.executable, "-I", "-S", str(_KEEPER), str(theirs), str(grace))
    try:
        process = await asyncio.create_subprocess_exec(
            *keeper,
            "-" if hold is None else str(hold),
            *command,
            cwd=folder,
            env=dict(environment),
            stdin=asyncio.subprocess.PIPE if feed else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT if errors else asyncio.subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=keep,
        )
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    program = Program(process, ours, grace)
    try:
        yield program
    except asyncio.CancelledError:
        await program.end(HURRY)
        raise
    finally:
        await program.end()
        program.close()


def _text(line: bytes) -> str:
    """Return a line as a database can store it: UTF-8, no control characters."""
    text = line.decode("utf-8", "replace").replace("\r", " ").rstrip()
    return "".join(c for c in text if c.isprintable() or c == "\t")
