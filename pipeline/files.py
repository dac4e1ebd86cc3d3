"""Bring a book's files into the library: staged on its own volume, then renamed into place.

The only module that writes to the library's disk. Nothing is moved away from the download client,
whose seeding goes on; a hard link where the file system allows it, else a copy. Every step may be
killed at any moment and simply be done again (docs/decisions/0011-import-by-hard-link.md).
"""

import asyncio
import os
import shutil
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline import disk, inspection
from pipeline.domain.audio_files import Recording
from pipeline.domain.naming import MOST_SUFFIXES, names_inside, numbered, safe_name
from pipeline.domain.remote_paths import PathMap
from pipeline.domain.torrents import AUDIO, extension
from pipeline.errors import FolderTaken, NotNow, Unsafe

# Audiobookshelf passes over folders that begin with a dot.
STAGING: Final = ".bookrunner-staging"
KEPT_FREE: Final = 256 << 20  # bytes left free on the library's volume after a copy
_NO_SPACE_WAIT: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Placed:
    """A file of the download, and its name inside the book's folder."""

    source: Path
    name: PurePosixPath


@dataclass(frozen=True, slots=True)
class Staged:
    """A book's files together in one folder on the library's volume, not yet in their place."""

    folder: Path
    linked: int
    copied: int


@dataclass(frozen=True, slots=True)
class Shelved:
    """A book in its place: `folder` below the library's root; `already` when it stood there."""

    root: Path
    folder: PurePosixPath
    linked: int = 0
    copied: int = 0
    already: bool = False

    @property
    def path(self) -> Path:
        """The book's folder on this machine."""
        return self.root / self.folder


async def inspect(root: Path, names: Iterable[str]) -> Recording:
    """Look into the files *names* below *root*; see `inspection.inspect`."""
    return await asyncio.to_thread(inspection.inspect, root, list(names))


def plan(root: Path, recording: Recording) -> tuple[Placed, ...]:
    """Name the audio and companions of a recording inside the book's folder."""
    names = names_inside(recording.paths)
    return tuple(Placed(root / path, name) for path, name in names.items())


async def bring_in(
    files: Sequence[Placed], library_root: Path, folder: PurePosixPath, key: str
) -> Shelved:
    """Bring *files* into *folder* of the library, or into "folder (2)" when another book is there.

    *key* names the work for ever (the infohash and the book): done again under the same key after
    a kill, it neither doubles nor loses a file, and ends in the same folder. Raises NotNow when the
    volume is too full, Unsafe when something is no ordinary file or would leave the library.
    """
    return await asyncio.to_thread(_bring_in, files, library_root, folder, key)


async def stage(files: Sequence[Placed], library_root: Path, key: str) -> Staged:
    """Link or copy *files* into the staging folder of *key*; see `bring_in`."""
    return await asyncio.to_thread(_stage, files, library_root, key)


async def shelve(staged: Path, library_root: Path, folder: PurePosixPath) -> Shelved:
    """Rename a staged folder into its place, in one act.

    Where the same book stands already, the staged one is dropped. Raises FolderTaken when another
    one does.
    """
    return await asyncio.to_thread(_shelve, staged, library_root, folder)


async def clear_staging(
    library_root: Path, keep: Collection[str], older_than: timedelta = timedelta(days=1)
) -> tuple[str, ...]:
    """Remove what crashed imports left, except the keys still at work; return what was removed."""
    names = {safe_name(key) for key in keep}
    return await asyncio.to_thread(_clear, library_root, names, older_than.total_seconds())


def _bring_in(files: Sequence[Placed], root: Path, folder: PurePosixPath, key: str) -> Shelved:
    _check(files, root, folder)
    for number in range(1, MOST_SUFFIXES):
        candidate = numbered(folder, number)
        done = _try_folder(files, root, candidate, key)
        if done:
            return done
    raise FolderTaken(f"library: {MOST_SUFFIXES} books stand in {folder}")


def _try_folder(
    files: Sequence[Placed], root: Path, folder: PurePosixPath, key: str
) -> Shelved | None:
    """Shelve into this very folder; None when another book stands there."""
    if not _is_taken(root / folder):
        staged = _stage(files, root, key)
        try:
            done = _shelve(staged.folder, root, folder)
            return replace(done, linked=staged.linked, copied=staged.copied)
        except FolderTaken:
            pass  # it came in this very moment: a twin of ours that was slow, or somebody else
    if not _holds(root / folder, files):
        return None
    _drop(root / STAGING / safe_name(key))
    return Shelved(root, folder, already=True)


def _check(files: Sequence[Placed], root: Path, folder: PurePosixPath) -> None:
    if not files:
        raise Unsafe("files: there is nothing to bring into the library")
    for name in (folder, *(file.name for file in files)):
        if name.is_absolute() or ".." in name.parts or not name.parts:
            raise Unsafe(f"files: {name} would leave the library")
    if not root.is_dir():
        raise Unsafe(f"library: {root} is not a folder that can be seen here")


def _stage(files: Sequence[Placed], root: Path, key: str) -> Staged:
    folder = root / STAGING / safe_name(key)
    like = root.stat()
    disk.make_folders(root, folder)
    _drop_strangers(folder, {folder / file.name for file in files})
    to_copy: list[Placed] = []
    for file in files:
        target = folder / file.name
        disk.make_folders(root, target.parent)
        if disk.looks_copied(file.source, target) or disk.link(file.source, target):
            continue
        to_copy.append(file)
    _check_space(root, to_copy)
    for file in to_copy:
        disk.copy(file.source, folder / file.name, like)
    for inner in {(folder / file.name).parent for file in files}:
        disk.sync(inner)
    linked = sum(disk.same_file(file.source, folder / file.name) for file in files)
    return Staged(folder, linked, len(files) - linked)


def _shelve(staged: Path, root: Path, folder: PurePosixPath) -> Shelved:
    target = root / folder
    _check_inside(target, root)
    disk.make_folders(root, target.parent)
    if _is_taken(target):
        inside = [Placed(path, _below(staged, path)) for path in disk.inside(staged)]
        if not _holds(target, inside):
            raise FolderTaken(f"library: another book stands in {folder}")
        _drop(staged)
        return Shelved(root, folder, already=True)
    try:
        staged.rename(target)  # over an empty folder, or onto nothing; never over a book
    except OSError as error:
        if not _is_taken(target):
            raise
        raise FolderTaken(f"library: another book stands in {folder}") from error
    disk.sync(target.parent)
    disk.sync(staged.parent)
    return Shelved(root, folder)


def _check_inside(target: Path, root: Path) -> None:
    real = root.resolve(strict=True)
    existing = target
    while not existing.exists():
        existing = existing.parent
    if target == root or not existing.resolve(strict=True).is_relative_to(real):
        raise Unsafe(f"library: {target} leaves {root}")


def _holds(target: Path, files: Iterable[Placed]) -> bool:
    """Whether *target* holds exactly this book; Audiobookshelf may have put files beside it."""
    names = {file.name: file.source for file in files}
    there = {_below(target, path) for path in disk.inside(target)}
    foreign = {name for name in there - set(names) if extension(name.name) in AUDIO}
    return not foreign and all(
        name in there and disk.same_content(source, target / name) for name, source in names.items()
    )


def _is_taken(target: Path) -> bool:
    """Whether something is there that a rename must not replace: anything but an empty folder."""
    if not os.path.lexists(target):
        return False
    return target.is_symlink() or not target.is_dir() or any(target.iterdir())


def _drop_strangers(folder: Path, wanted: set[Path]) -> None:
    """Remove what an earlier, killed attempt left unfinished, or planned otherwise."""
    for path in list(disk.inside(folder)):
        if path not in wanted or path.is_symlink():
            path.unlink(missing_ok=True)


def _check_space(root: Path, files: Sequence[Placed]) -> None:
    needed = sum(file.source.stat().st_size for file in files)
    free = shutil.disk_usage(root).free
    if needed and needed + KEPT_FREE > free:
        raise NotNow(
            f"library: {needed >> 20} MiB to copy, but only {free >> 20} MiB are free on {root}",
            after=_NO_SPACE_WAIT,
        )


def _drop(staged: Path) -> None:
    """Remove a staged folder; its links vanish, what they lead to stays with the client."""
    if staged.is_dir() and not staged.is_symlink():
        shutil.rmtree(staged)


def _clear(root: Path, keep: Collection[str], older_than: float) -> tuple[str, ...]:
    staging = root / STAGING
    if not staging.is_dir() or staging.is_symlink():
        return ()
    born_before = time.time() - older_than
    old = [
        folder
        for folder in sorted(staging.iterdir())
        if folder.name not in keep and folder.lstat().st_ctime <= born_before
    ]
    for folder in old:
        _drop(folder)
    return tuple(folder.name for folder in old)


def _below(folder: Path, path: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(folder))


__all__ = [
    "PathMap",
    "Placed",
    "Shelved",
    "Staged",
    "bring_in",
    "clear_staging",
    "inspect",
    "plan",
    "shelve",
    "stage",
]
