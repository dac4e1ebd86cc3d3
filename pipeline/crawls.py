"""What our tables know of crawls: the log while one runs, its verdict, and the guides it wrote."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from pipeline.crawler import Crawl, Crawler
from pipeline.db import LOST, StepDatabase
from pipeline.domain.guides import read_head
from pipeline.redaction import redact
from pipeline.runs import Run

HEAD = 16 * 1024  # bytes of a guide in which its head ends
PAGE = 200  # guides that one statement indexes
MOST_HELD = 5000  # lines kept while the database is out of reach
_log = structlog.get_logger()


class Journal:
    """Carries the script's output into the run's log as it comes, and hears of a cancellation."""

    def __init__(self, db: StepDatabase, run: Run) -> None:
        self._db, self._run = db, run
        self._held: list[tuple[str, str]] = []
        self._lease: int | None = None

    async def open(self) -> None:
        """Note under which lease the step is worked on."""
        self._lease = await self._db.value("crawls.lease", step=self._run.step_id)

    def add(self, line: str) -> None:
        """Take one line, free of secrets; the oldest are dropped when too many are held."""
        self._held.append(("info", redact(line)))
        if len(self._held) > MOST_HELD:
            del self._held[: MOST_HELD // 2]
            self._held.insert(0, ("warning", "lines were dropped: the database was out of reach"))

    async def turn(self) -> bool:
        """Write what was added; False when the run was cancelled or another works on the step.

        A database that is out of reach for a moment ends no crawl of hours.
        """
        lines, self._held = self._held, []
        try:
            if lines:
                await self._db.at_once(
                    "crawls.note", run_id=self._run.run_id, lines=json.dumps(lines)
                )
            lines = []
            lease = await self._db.value("crawls.lease", step=self._run.step_id)
        except LOST as error:
            self._held = lines + self._held
            _log.warning("crawler: database out of reach", error=type(error).__name__)
            return True
        return self._lease is not None and lease == self._lease


async def record(  # noqa: PLR0913, PLR0917  # one crawl, and where it is kept
    db: StepDatabase, run: Run, crawler: Crawler, crawl: Crawl, started: datetime, ended: datetime
) -> None:
    """Keep what came of a crawl at once, so that a crawl that failed is kept, too."""
    await db.at_once(
        "crawls.record",
        run_id=run.run_id,
        script=crawler.setup.script.name,
        sha256=crawl.sha256,
        started_at=started,
        ended_at=ended,
        exit_code=crawl.exit_code,
        verdict=crawl.verdict.word,
        reason=crawl.verdict.reason,
        new=crawl.verdict.new,
        failed=crawl.verdict.failed,
    )


async def index(db: StepDatabase, crawler: Crawler) -> int:
    """Bring the index up to date with the guides on disk; return how many are new in it."""
    known = {row["path"]: row["modified_at"] for row in await db.rows("crawls.indexed")}
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(crawler.guides.glob("*.md")):
        written = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        if known.get(path.name) != written and (guide := _read(path, written, crawler)):
            found[guide["url"]] = guide
    guides, fresh = list(found.values()), 0
    for start in range(0, len(guides), PAGE):
        page = json.dumps(guides[start : start + PAGE])
        async with db.apart() as apart:
            fresh += await apart.value("crawls.index", guides=page)
    return fresh


def _read(path: Path, written: datetime, crawler: Crawler) -> dict[str, Any] | None:
    with path.open("rb") as file:
        head = file.read(HEAD).decode("utf-8", "replace").replace("\x00", "")
    guide = read_head(crawler.hiding.clean(head))
    if guide is None:
        return None
    return {
        "url": guide.url,
        "title": guide.title,
        "category": guide.category,
        "description": guide.description,
        "path": path.name,
        "crawled_at": (guide.crawled_at or written).isoformat(),
        "modified_at": written.isoformat(),
    }
