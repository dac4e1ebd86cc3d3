"""Prove on the real disk what an installation promises: hard links, and where paths lead."""

import asyncio
import errno
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.remote_paths import PathMap
from pipeline.errors import Unsafe


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether something holds, and what that means or what to do, in plain words."""

    holds: bool
    words: str


async def probe_hard_link(downloads: Path, library: Path) -> Proof:
    """Try a hard link from the download folder into the library, with a file of our own."""
    return await asyncio.to_thread(_probe_hard_link, downloads, library)


async def prove(paths: PathMap, files: Sequence[tuple[str, int]], who: str) -> Proof:
    """Look whether files that *who* names (its path, bytes) are seen here, of the same size."""
    return await asyncio.to_thread(_prove, paths, files, who)


def _probe_hard_link(downloads: Path, library: Path) -> Proof:
    name = f".bookrunner-probe-{secrets.token_hex(6)}"
    for folder in (downloads, library):
        reason = _why_no_file(folder / name)
        if reason:
            return Proof(holds=False, words=f"{folder} cannot be written to: {reason}")
    here, there = downloads / name, library / name
    here.touch()
    try:
        os.link(here, there)
    except OSError as error:
        return Proof(holds=False, words=_why_no_link(error, downloads, library))
    finally:
        here.unlink()
        there.unlink(missing_ok=True)
    return Proof(holds=True, words="hard links work: an import takes no extra space and seeds on")


def _why_no_file(file: Path) -> str | None:
    try:
        file.touch(exist_ok=False)
        file.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _why_no_link(error: OSError, downloads: Path, library: Path) -> str:
    if error.errno == errno.EXDEV and downloads.stat().st_dev == library.stat().st_dev:
        why = (
            f"{downloads} and {library} are two mounts of one disk: mount one folder that holds"
            " both, and hard links work"
        )
    elif error.errno == errno.EXDEV:
        why = f"{downloads} and {library} are on two file systems"
    else:
        why = f"the file system refuses hard links ({error.strerror})"
    return f"{why}; until then every book is copied and takes its space twice while it seeds"


def _prove(paths: PathMap, files: Sequence[tuple[str, int]], who: str) -> Proof:
    if not files:
        return Proof(holds=True, words=f"{who} names no finished file yet: nothing to prove")
    for path, size in files:
        try:
            local = paths.local(path)
        except Unsafe as error:
            return Proof(holds=False, words=f"{who} names {path!r}: {error}")
        complaint = _complaint(local, size)
        if complaint:
            return Proof(
                holds=False,
                words=f"{who} says {path} ({size} bytes); here that is {local}, {complaint}",
            )
    return Proof(holds=True, words=f"all {len(files)} files that {who} names are seen here")


def _complaint(local: Path, size: int) -> str | None:
    try:
        about = local.stat()
    except FileNotFoundError:
        return "which does not exist: set the path mapping, or mount that folder here"
    except OSError as error:
        return f"which cannot be seen: {error.strerror}"
    return None if about.st_size == size else f"which has {about.st_size} bytes: another file"
