"""Calls about the installation: health, statistics, keys, services."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

from pydantic.alias_generators import to_camel

from api import answers, questions
from api.contract import Asked, Reply
from api.errors import Refused
from api.library import percent
from pipeline import accounts, api_keys
from pipeline.db import LOST, Transaction
from pipeline.services import FIELDS, OF_THE_HOUSE


async def ping(_: Asked) -> Reply:
    """Say that the process answers."""
    return Reply(answers.Pong())


async def healthz(_: Asked) -> Reply:
    """Say that the process lives; the database may be away."""
    return Reply(answers.Pong())


async def readyz(asked: Asked) -> Reply:
    """Say whether calls can be answered: the database is there, with the schema."""
    try:
        async with asked.desk.pool.system() as db:
            await db.value("accounts.first_user")
    except LOST:
        raise Refused(503, "the database is out of reach", (), {"Retry-After": "5"}) from None
    return Reply(answers.Pong())


async def system_stats(asked: Asked) -> Reply:
    """Answer health, history of runs and failure rates."""
    configured = (await asked.desk.services(asked.user_id)).configured()
    async with asked.desk.pool.user(asked.user_id) as db:
        database = await db.row("stats.database") or {}
        services = _services(configured, await db.rows("stats.services"))
        queue = await db.row("stats.queue") or {}
        library = await db.row("stats.library") or {}
        history = await db.rows("stats.history")
        rates = await _rates(db)
    degraded = any(service.status in {"failing", "left_alone"} for service in services)
    return Reply(
        answers.SystemStats(
            version=version("bookrunner"),
            status="degraded" if degraded else "ok",
            database=answers.DatabaseHealth(status="ok", **database),
            services=services,
            queue=answers.QueueHealth(**queue),
            library=answers.LibraryCounts(**library),
            history=[answers.HistoryEntry(**row) for row in history],
            failure_rates=rates,
        )
    )


async def _rates(db: Transaction) -> answers.FailureRates:
    return answers.FailureRates(
        by_workflow=[_rate(row) for row in await db.rows("stats.workflows")],
        by_source=[_rate(row) for row in await db.rows("stats.sources")],
        by_reason=[answers.ReasonRate(**row) for row in await db.rows("stats.reasons")],
    )


def _rate(row: dict[str, Any]) -> answers.Rate:
    failed = percent(row["failed"], row["ended"]) if row["ended"] else 0.0
    return answers.Rate(**row, failure_percent=failed)


def _services(
    configured: dict[str, bool], rows: list[dict[str, Any]]
) -> list[answers.ServiceHealth]:
    known = {row["name"]: row for row in rows}
    return [_service(name, on, known.get(name)) for name, on in configured.items()]


def _service(name: str, on: bool, row: dict[str, Any] | None) -> answers.ServiceHealth:
    row = row or {}
    status: Any = "ok"
    if not on:
        status = "off"
    elif row.get("left_alone"):
        status = "left_alone"
    elif row.get("failures"):
        status = "failing"
    elif not row.get("last_success_at"):
        status = "unknown"
    return answers.ServiceHealth(
        name=name,
        status=status,
        failures=row.get("failures", 0),
        left_alone_until=row.get("open_until"),
        last_error=row.get("last_error"),
        last_failure_at=row.get("last_failure_at"),
        last_success_at=row.get("last_success_at"),
    )


async def list_keys(asked: Asked) -> Reply:
    """List the user's keys; never what opens."""
    rows = await api_keys.list_keys(asked.desk.pool, asked.user_id)
    return Reply(answers.Keys(records=[answers.Key(**row) for row in rows]))


async def create_key(asked: Asked) -> Reply:
    """Make a key; it is answered this once."""
    body: questions.KeyRequest = asked.body
    days = body.expires_in_days
    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)
    key = await api_keys.add_key(asked.desk.pool, asked.user_id, body.name, body.scopes, expires)
    made = answers.NewKey(id=api_keys.key_id(key) or "", key=key)
    return Reply(made, 201)


async def revoke_key(asked: Asked) -> Reply:
    """Refuse a key from now on; not the one that is shown with this call."""
    if asked.path["key"] == asked.caller.key_id:
        raise Refused(409, "this is the key that you call with; use another one to revoke it")
    if not await api_keys.revoke_key(asked.desk.pool, asked.user_id, asked.path["key"]):
        raise Refused(404, "there is no such key")
    return Reply(None, 204)


async def list_services(asked: Asked) -> Reply:
    """List the services, whether each is set up, and what is stored; never a value."""
    return Reply(await _setups(asked))


async def set_services(asked: Asked) -> Reply:
    """Store addresses and credentials, encrypted; folders and public addresses as administrator."""
    body: questions.ServiceValues = asked.body
    values = body.model_dump(exclude_unset=True, by_alias=False)
    if not asked.caller.is_admin and OF_THE_HOUSE & set(values):
        raise Refused(403, "only an administrator sets folders and public services")
    await accounts.store_credentials(asked.desk.pool, asked.desk.vault, asked.user_id, values)
    return Reply(await _setups(asked))


async def _setups(asked: Asked) -> answers.ServiceSetups:
    configured = (await asked.desk.services(asked.user_id)).configured()
    rows = await accounts.stored_credentials(asked.desk.pool, asked.user_id)
    stored = {row["field"]: row["updated_at"] for row in rows}
    return answers.ServiceSetups(
        records=[
            answers.ServiceSetup(
                service=service,
                configured=configured[service],
                fields=[
                    answers.ServiceField(
                        field=to_camel(field), stored=field in stored, updated_at=stored.get(field)
                    )
                    for field in fields
                ],
            )
            for service, fields in FIELDS.items()
        ]
    )
