"""Run a program that must not outlive whoever started it.

Started by `programs.py`, imported by nobody; knows nothing but the standard library. Called as
`python keeper.py LIFELINE GRACE HOLD COMMAND…`. LIFELINE is the reading end of a pipe whose other
end is open in the starter only. When the starter closes it or dies, however it dies, the pipe ends;
then the program and all its children are asked to end (TERM), and after GRACE seconds made to
(KILL). HOLD is a descriptor that stays open in the program (a lock), or `-`. Exits with the
program's exit code, or 128 plus the number of the signal that ended it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

CANNOT_START = 127
BY_SIGNAL = 128
_PR_SET_CHILD_SUBREAPER = 36  # Linux: orphans among our descendants become our children


def main(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code."""
    lifeline, grace, hold, *command = arguments
    # A TERM to our group is meant for the program. A handler, unlike SIG_IGN, is not inherited.
    signal.signal(signal.SIGTERM, lambda *_: None)
    _adopt_orphans()
    try:
        keep = () if hold == "-" else (int(hold),)
        program = subprocess.Popen(command, pass_fds=keep)  # noqa: S603  # the user's own
    except OSError as error:
        sys.stderr.write(f"{command[0]} cannot be started: {error.strerror}\n")
        return CANNOT_START
    watching = threading.Thread(target=_watch, args=(int(lifeline), float(grace)), daemon=True)
    watching.start()
    code = program.wait()
    _end_descendants()
    return BY_SIGNAL - code if code < 0 else code


def _watch(lifeline: int, grace: float) -> None:
    """Wait for the end of the starter, then end everything in our group, ourselves last."""
    while os.read(lifeline, 1):
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(grace)
    _end_descendants()
    os.killpg(0, signal.SIGKILL)


def _adopt_orphans() -> None:
    """Become the parent of what the program leaves behind, also of what left our group."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_descendants() -> None:
    """Kill what is left; who is killed may leave children of their own, so look until none is."""
    for _ in range(100):
        left = _descendants()
        if not left:
            return
        for process in left:
            try:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, os.WNOHANG)
            except (ProcessLookupError, ChildProcessError):
                continue  # it has ended already, or is the child of another that is killed too
        time.sleep(0.01)


def _descendants() -> set[int]:
    """Return the children of this process, theirs, and so on; none where there is no /proc."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended between listing and reading
        if fields[0] != "Z":
            parents[int(status.parent.name)] = int(fields[1])
    found: set[int] = set()
    ahead = {os.getpid()}
    while ahead:
        ahead = {child for child, parent in parents.items() if parent in ahead} - found
        found |= ahead
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
