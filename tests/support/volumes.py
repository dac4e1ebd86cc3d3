"""A second file system, where this machine has one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - a file system that is surely another one is the point


@contextmanager
def another_volume(than: Path) -> Iterator[Path]:
    """Give an empty folder on another file system than *than*'s; skip the test without one."""
    if not MEMORY.is_dir() or MEMORY.stat().st_dev == than.stat().st_dev:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)
