"""How the Audiobookshelf stand-in finds what changed in its folder, and tells of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.sandbox.audiobookshelf_folders import Found, audio_files, described, found
from pipeline.sandbox.audiobookshelf_seeds import shelve
from pipeline.sandbox.audiobookshelf_shelf import Book, Shelf, new_id, now_ms
from pipeline.sandbox.audiobookshelf_wire import Faults

AT_ONCE = 10  # items that one event of a scan names
Tell = Callable[[str, Any], Awaitable[None]]
Result = Literal["NOTHING", "ADDED", "UPDATED", "REMOVED", "UPTODATE"]


@dataclass
class Changes:
    """What a look at the folder found."""

    added: list[Book] = field(default_factory=list)
    updated: list[Book] = field(default_factory=list)
    missing: list[Book] = field(default_factory=list)
    authors: list[dict[str, Any]] = field(default_factory=list)


class Scanner:
    """Scans the library; *tell* sends an event, *keep* writes everything down."""

    def __init__(self, shelf: Shelf, faults: Faults, tell: Tell, keep: Callable[[], None]) -> None:
        self.shelf, self.faults, self.tell, self.keep = shelf, faults, tell, keep
        self.tasks: list[dict[str, Any]] = []
        self._running: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a scan is under way."""
        return self._running is not None and not self._running.done()

    def start(self) -> None:
        """Start a scan of the library; a second one at the same time is silently ignored."""
        if not self.is_running:
            self._running = asyncio.get_running_loop().create_task(self._scan())

    def stop(self) -> None:
        """End the scan under way, unfinished."""
        if self._running is not None:
            self._running.cancel()
        self.tasks.clear()

    async def ended(self) -> None:
        """Return when no scan is under way."""
        if self._running is not None:
            await asyncio.wait([self._running])

    async def watch(self) -> None:
        """Find what changed as the watcher of the folder does: an event for each item, singly."""
        task = await self._began("watcher-scan", f'Scanning "{self.shelf.name}" library')
        changes = self._look()
        for book in changes.added:
            await self.tell("item_added", self.shelf.expanded(book))
        for book in (*changes.updated, *changes.missing):
            await self.tell("item_updated", self.shelf.expanded(book))
        await self._ended(task, changes, "removed")

    async def look_at(self, book: Book) -> Result:
        """Read the folder of one item again."""
        place = next((each for each in found(self.shelf.root) if _is_of(each, book)), None)
        if place is None:
            book.is_missing = True
            result: Result = "REMOVED"
        elif not self._refresh(book, place):
            return "UPTODATE"
        else:
            result = "UPDATED"
        self.keep()
        await self.tell("item_updated", self.shelf.expanded(book))
        return result

    async def _scan(self) -> None:
        task = await self._began("library-scan", f'Scanning "{self.shelf.name}" library')
        await asyncio.sleep(self.faults.scan_seconds)
        changes = self._look()
        for author in changes.authors:
            await self.tell("author_added", author)
        for event, books in (
            ("items_added", changes.added),
            ("items_updated", [*changes.updated, *changes.missing]),
        ):
            for at in range(0, len(books), AT_ONCE):
                shown = [self.shelf.expanded(book) for book in books[at : at + AT_ONCE]]
                await self.tell(event, shown)
        await self._ended(task, changes, "missing")

    def _look(self) -> Changes:
        """Bring the shelf up to date with the folder; metadata once kept is never touched."""
        changes, seen = Changes(), set[str]()
        known = set(self.shelf.authors)
        for place in found(self.shelf.root):
            book = self._known(place)
            if book is not None:
                if self._refresh(book, place):
                    changes.updated.append(book)
            elif audio_files(place, ""):
                book = shelve(self.shelf, place, described(place))
                changes.added.append(book)
            if book is not None:
                seen.add(book.id)
        for book in self.shelf.books.values():
            if book.id not in seen and not book.is_missing:
                book.is_missing, book.updated_at = True, now_ms()
                changes.missing.append(book)
        changes.authors = [row for key, row in self.shelf.authors.items() if key not in known]
        self.keep()
        return changes

    def _known(self, place: Found) -> Book | None:
        """Return the item that stood there, or whose folder was renamed to this (same inode)."""
        books = self.shelf.books.values()
        there = next((book for book in books if book.rel_path == place.rel_path), None)
        return there or next((book for book in books if _is_of(place, book)), None)

    def _refresh(self, book: Book, place: Found) -> bool:
        before = [
            [each["metadata"]["filename"], each["metadata"]["size"], each["metadata"]["mtimeMs"]]
            for each in book.files
        ]
        if before == place.state and book.rel_path == place.rel_path and not book.is_missing:
            return False
        book.rel_path, book.ino, book.is_missing = place.rel_path, place.ino, False
        book.files = audio_files(place, f"{self.shelf.mounted_at}/{place.rel_path}")
        book.times, book.updated_at = place.times, max(now_ms(), book.updated_at + 1)
        return True

    async def _began(self, action: str, title: str) -> dict[str, Any]:
        library = {
            "libraryId": self.shelf.library_id,
            "libraryName": self.shelf.name,
            "libraryMediaType": "book",
        }
        task: dict[str, Any] = {
            "id": new_id(),
            "action": action,
            "data": library,
            "title": title,
            "description": None,
            "error": None,
            "isFailed": False,
            "isFinished": False,
            "startedAt": now_ms(),
            "finishedAt": None,
        }
        self.tasks.append(task)
        await self.tell("task_started", task)
        return task

    async def _ended(self, task: dict[str, Any], changes: Changes, gone: str) -> None:
        now = now_ms()
        counts = {"added": len(changes.added), "updated": len(changes.updated)}
        elapsed = now - task["startedAt"]
        results = counts | {gone: len(changes.missing), "elapsed": elapsed}
        task["data"]["scanResults"] = results
        task.update(isFinished=True, finishedAt=now)
        self.tasks.remove(task)
        await self.tell("task_finished", task)


def _is_of(place: Found, book: Book) -> bool:
    return place.ino == book.ino and place.is_file == book.is_file
