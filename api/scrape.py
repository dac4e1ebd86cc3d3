"""Figures for Prometheus: what this process counts, and what the database knows at that moment.

The rows that are counted are those of the key's user, read within the user's walls; so a scrape
tells nobody of anybody else.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from api.contract import Asked, Reply
from pipeline.db import Transaction


async def metrics(asked: Asked) -> Reply:
    """Answer in Prometheus' text format."""
    own = CollectorRegistry()
    async with asked.desk.pool.user(asked.user_id) as db:
        await _count(db, own)
    text = generate_latest(asked.desk.metrics.registry) + generate_latest(own)
    return Reply(Response(text, media_type=CONTENT_TYPE_LATEST))


async def _count(db: Transaction, own: CollectorRegistry) -> None:
    library = await db.row("stats.library") or {}
    queue = await db.row("stats.queue") or {}
    _gauge(own, "library", "What the library holds and lacks.", library.items())
    steps = [(name, queue[name]) for name in ("ready", "waiting", "retrying")]
    _gauge(own, "steps", "Open steps of runs.", steps)
    Gauge(
        "bookrunner_oldest_ready_step_seconds",
        "How long the oldest step that can run has waited.",
        registry=own,
    ).set(queue["oldest_ready_seconds"])
    runs = Gauge("bookrunner_runs", "Runs kept, by workflow.", ["workflow", "status"], registry=own)
    for row in await db.rows("stats.runs_by_status"):
        runs.labels(row["workflow"], row["status"]).set(row["runs"])
    up = Gauge("bookrunner_service_up", "Whether a service answers.", ["service"], registry=own)
    for row in await db.rows("stats.services"):
        up.labels(row["name"]).set(0 if row["left_alone"] or row["failures"] else 1)
    failed = Gauge(
        "bookrunner_failed_attempts",
        "Failures of the last thirty days, by reason.",
        ["code"],
        registry=own,
    )
    for row in await db.rows("stats.reasons"):
        failed.labels(row["code"]).set(row["attempts"])


def _gauge(
    registry: CollectorRegistry, name: str, about: str, values: Iterable[tuple[str, float]]
) -> None:
    gauge = Gauge(f"bookrunner_{name}", about, ["what"], registry=registry)
    for what, value in values:
        gauge.labels(what).set(value)
