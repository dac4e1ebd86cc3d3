"""Import a book once for every act on the disk, killed at that act, then done again.

Run as a program, because forking needs a process without threads. Takes as JSON on standard input
`files` (pairs of source and name), `library`, `folder`, `copying`; prints as JSON, for each
moment, how the import was killed, what the second attempt answered and what then stands below the
library.
"""

import json
import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path, PurePosixPath

from pipeline import disk
from pipeline.files import Placed, _bring_in

ACTS = (
    *((os, name) for name in ("link", "fsync", "utime", "chmod")),
    *((Path, name) for name in ("rename", "replace", "mkdir", "unlink", "chmod")),
    (shutil, "copyfileobj"),
)


def deadly(act, moment, counted):
    """Let *act* kill its own process right before or right after it, at the *moment*-th chance."""

    def call(*args, **kwargs):
        if next(counted) == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        result = act(*args, **kwargs)
        if next(counted) == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return call


def dies(files, library, folder, moment):
    """Import in a process of its own; return whether it was killed before it was done."""
    child = os.fork()
    if child == 0:
        counted = count()
        for owner, name in ACTS:
            setattr(owner, name, deadly(getattr(owner, name), moment, counted))
        _bring_in(files, library, folder, "key")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    if status:
        raise RuntimeError(f"the import failed by itself at moment {moment}: {status}")
    return False


def main():
    """Try every moment until one import is not killed any more."""
    told = json.load(sys.stdin)
    files = [Placed(Path(source), PurePosixPath(name)) for source, name in told["files"]]
    library, folder = Path(told["library"]), PurePosixPath(told["folder"])
    if told["copying"]:
        disk.link = lambda *_: False
    os.fsync = lambda _: None  # a kill is no power cut, and flushing takes most of the time
    found = []
    for moment in count():
        killed = dies(files, library, folder, moment)
        before = [str(path.relative_to(library)) for path in disk.inside(library)]
        done = _bring_in(files, library, folder, "key")
        tree = {
            str(path.relative_to(library)): path.stat().st_size for path in disk.inside(library)
        }
        whole = all(disk.same_content(f.source, done.path / f.name) for f in files)
        links = sorted({file.source.stat().st_nlink for file in files})
        found.append(
            {"killed": killed, "before": before, "folder": str(done.folder), "tree": tree,
             "whole": whole, "links": links}
        )  # fmt: skip
        if not killed:
            break
        shutil.rmtree(library)
        library.mkdir()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
