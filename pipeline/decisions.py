"""Keep every release that was looked at for a book, and what was decided about it."""

import json

from pipeline.choosing import Choice
from pipeline.db import StepDatabase
from pipeline.domain.releases import Judged
from pipeline.runs import Run


async def keep(db: StepDatabase, run: Run, book_id: int, choice: Choice) -> None:
    """Write each release down, once; what the same run said of the book before is forgotten."""
    await db.do("downloads.forget_decisions", book_id=book_id, run_id=run.run_id)
    for origin, judged in choice.verdicts.values():
        release = judged.release
        verdict = _verdict(judged, choice)
        await db.do(
            "downloads.decide",
            book_id=book_id,
            run_id=run.run_id,
            guid=release.guid,
            title=release.title,
            indexer=release.indexer,
            source=origin,
            verdict=verdict,
            by_hand=verdict == "chosen" and choice.taken is not None,
            refusals=json.dumps(_refusals(judged, choice)),
            ranking=json.dumps([list(points) for points in judged.ranking]),
            score=judged.score,
            size=release.size,
            seeders=release.seeders,
        )


def _verdict(judged: Judged, choice: Choice) -> str:
    guid = judged.release.guid
    if choice.winner is not None and choice.winner.release.guid == guid:
        return "chosen"
    return "refused" if judged.refusals or guid in choice.refused_torrents else "fit"


def _refusals(judged: Judged, choice: Choice) -> list[list[str]]:
    found = [list(refusal) for refusal in judged.refusals]
    if reason := choice.refused_torrents.get(judged.release.guid):
        found.append(["torrent", reason])
    return found
