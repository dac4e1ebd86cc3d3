"""A download that two runs look after is shelved by one of them at a time."""

import asyncio
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

from pipeline import files
from pipeline.domain.models import Preferences
from pipeline.domain.naming import Template
from pipeline.events import DownloadQueued
from pipeline.files import PathMap
from pipeline.limits import LocalLimits
from pipeline.shelving import Shelves


class Library:
    """A library whose only folder is /books."""

    name = ""

    @property
    def audiobookshelf(self):
        return self

    async def book_library(self, name):
        return SimpleNamespace(folders=["/books"])


async def test_two_runs_never_shelve_one_download_at_the_same_time(monkeypatch):
    inside, most = 0, 0

    async def bring_in(placed, root, folder, key):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.01)
        inside -= 1
        return SimpleNamespace(path=Path("/books") / folder)

    monkeypatch.setattr(files, "bring_in", bring_in)
    monkeypatch.setattr(files, "plan", lambda root, found: ())
    shelves = Shelves(
        Library(),
        None,
        downloads=PathMap(),
        shelf=PathMap(),
        template=Template.parse("{Author}/{Title}"),
        preferences=Preferences(),
        exclusive=LocalLimits().exclusive,
    )
    arrived = SimpleNamespace(
        row={"metadata": {"title": "Emma", "authors": ["Jane Austen"]}}, root=None, found=None
    )
    event = DownloadQueued(book_id=1, title="Emma", download_id=1, infohash="0" * 40)
    paths = await asyncio.gather(*(shelves.shelve(event, arrived) for _ in range(3)))

    assert most == 1
    assert {PurePosixPath(path).name for path in paths} == {"Emma"}
