"""Users: the first one, further ones, their services, their leaving."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

from pydantic import SecretStr

from pipeline import runs
from pipeline.api_keys import add_key
from pipeline.db import Pool, Transaction
from pipeline.errors import BadInput
from pipeline.services import SERVICE_OF, Services, check, of_nobody
from pipeline.vault import Vault

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class FirstStart:
    """Whose installation this is; `key` is there only when it was made just now."""

    user_id: int
    key: str | None = None


async def first_start(pool: Pool, time_zone: str) -> FirstStart:
    """Make the first user and their key, unless there is a user already."""
    async with pool.system() as db:
        made = await db.value("accounts.make_first_user", time_zone=time_zone)
        if made is None:
            return FirstStart(await db.value("accounts.first_user"))
    return FirstStart(made, await add_key(pool, made, "first start"))


async def add_user(pool: Pool, name: str, *, admin: bool = False, time_zone: str = "UTC") -> int:
    """Add a user; return the id. Raises BadInput for a name that is taken or empty, or no zone."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(f"a user's name has 1 to {LONGEST_NAME} printable characters")
    if time_zone not in available_timezones():
        raise BadInput(f"{time_zone!r} is no IANA time zone; write one like Europe/Vienna")
    async with pool.system() as db:
        made: int | None = await db.value(
            "accounts.add_user", name=name, is_admin=admin, time_zone=time_zone
        )
    if made is None:
        raise BadInput(f"there is a user {name!r} already")
    return made


async def list_users(pool: Pool) -> list[dict[str, Any]]:
    """Return id, name, enabled, is_admin, time_zone, created_at, last_used_at of every user."""
    async with pool.system() as db:
        return await db.rows("accounts.users")


async def find_user(pool: Pool, name: str) -> int:
    """Return the id of the user of that name; raises BadInput when there is none."""
    async with pool.system() as db:
        row = await db.row("accounts.user_named", name=name)
    if row is None:
        raise BadInput(f"there is no user {name!r}")
    return int(row["id"])


async def enable_user(pool: Pool, user_id: int) -> None:
    """Let a user in again; raises BadInput when there is none."""
    async with pool.system() as db:
        if await db.value("accounts.enable_user", id=user_id, enabled=True) is None:
            raise BadInput(f"there is no user {user_id}")


async def disable_user(pool: Pool, user_id: int) -> None:
    """Refuse every key of a user from now on, start nothing for them, cancel what is under way.

    Raises BadInput when there is no such user, or no other administrator would be left.
    """
    async with pool.system() as db:
        await _must_not_be_last(db, user_id)
        if await db.value("accounts.enable_user", id=user_id, enabled=False) is None:
            raise BadInput(f"there is no user {user_id}")
    await _cancel_all(pool, user_id)


async def delete_user(pool: Pool, user_id: int) -> None:
    """Delete a user with all rows of theirs, except the permanent ledger of failures.

    Raises BadInput when there is no such user, or no other administrator would be left.
    """
    await disable_user(pool, user_id)
    async with pool.system() as db:
        await _must_not_be_last(db, user_id)
        await db.do("accounts.delete_user", id=user_id)


async def export_user(pool: Pool, user_id: int) -> dict[str, Any]:
    """Return every row of a user by table, as JSON types, without hashes and ciphertexts."""
    found: dict[str, Any] = {"exported_at": datetime.now(UTC).isoformat(), "tables": {}}
    async with pool.user(user_id) as db:
        for row in await db.rows("accounts.export"):
            found["tables"].setdefault(row["relation"], []).append(row["content"])
    if "users" not in found["tables"]:
        raise BadInput(f"there is no user {user_id}")
    return found


async def is_admin(pool: Pool, user_id: int) -> bool:
    """Say whether a user is an administrator who may sign in."""
    async with pool.system() as db:
        return bool(await db.value("accounts.is_admin", id=user_id))


async def services(pool: Pool, vault: Vault, user_id: int, given: Services) -> Services:
    """Return where a user's services are and how to sign in there.

    *given* (the environment) holds for the first user, and for everybody where it names public
    services; what a user has stored goes before it. Nobody is given another's credentials.
    """
    async with pool.system() as system:
        first = await system.value("accounts.first_user")
    async with pool.user(user_id) as db:
        rows = await db.rows("credentials.all")
    stored = {
        row["field"]: vault.open(user_id, row["service"], row["field"], bytes(row["token"]))
        for row in rows
        if row["field"] != "rotated"
    }
    return _with(given if user_id == first else of_nobody(given), stored)


async def store_credentials(
    pool: Pool, vault: Vault, user_id: int, values: Mapping[str, str | None]
) -> None:
    """Keep values of services, encrypted; None forgets one, so that the environment's holds.

    Raises BadInput for a field that there is not, for one that only an administrator sets, and for
    an address that is none or leads where nobody's service is.
    """
    admin = await is_admin(pool, user_id)
    for field, value in values.items():
        check(field, value, admin=admin)
    async with pool.user(user_id) as db:
        for field, value in values.items():
            service = SERVICE_OF[field]
            if value is None:
                await db.do("credentials.remove", service=service, field=field)
            else:
                token = vault.seal(user_id, service, field, value)
                await db.do("credentials.put", service=service, field=field, token=token)


async def stored_credentials(pool: Pool, user_id: int) -> list[dict[str, Any]]:
    """Return service, field and updated_at of what a user has stored; never a value."""
    async with pool.user(user_id) as db:
        return await db.rows("credentials.set")


def _with(services: Services, stored: Mapping[str, str]) -> Services:
    typed = {
        field: SecretStr(value) if isinstance(getattr(services, field), SecretStr) else value
        for field, value in stored.items()
    }
    return services.but(**typed)


async def _must_not_be_last(db: Transaction, user_id: int) -> None:
    row = await db.row("accounts.is_admin", id=user_id)
    if row and row["is_admin"] and not await db.value("accounts.other_admin", id=user_id):
        raise BadInput("this is the last administrator; make another user one first")


async def _cancel_all(pool: Pool, user_id: int) -> None:
    async with pool.system() as db:
        under_way = [row["id"] for row in await db.rows("accounts.runs_of", user_id=user_id)]
    for run in under_way:
        await runs.cancel(pool, user_id, run)


__all__ = [
    "FirstStart",
    "add_key",
    "add_user",
    "delete_user",
    "disable_user",
    "enable_user",
    "export_user",
    "find_user",
    "first_start",
    "is_admin",
    "list_users",
    "services",
    "store_credentials",
    "stored_credentials",
]
