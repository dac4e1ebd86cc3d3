"""What the command line does with users and their keys; every verb returns the exit code."""

import json
import sys
from argparse import Namespace
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from pipeline import accounts, api_keys, vault
from pipeline.errors import BadInput
from pipeline.house import House, open_house
from pipeline.settings import Settings

GOOD = 0
_out = Console()


async def key_create(settings: Settings, arguments: Namespace) -> int:
    """Make a key and print it, which happens once."""
    expires = None
    if arguments.days is not None:
        expires = datetime.now(UTC) + timedelta(days=arguments.days)
    async with open_house(settings, _quiet, sandbox=False) as house:
        user = await _user(house, arguments.user)
        scopes = tuple(scope.strip() for scope in arguments.scopes.split(","))
        text = await api_keys.add_key(house.pool, user, arguments.name, scopes, expires)
    sys.stdout.write(f"{text}\n")
    return GOOD


async def key_list(settings: Settings, arguments: Namespace) -> int:
    """Print a user's keys; never the keys themselves."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        rows = await api_keys.list_keys(house.pool, await _user(house, arguments.user))
    columns = ("id", "name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    table = Table(box=None)
    for column in columns:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    _out.print(table)
    return GOOD


async def key_revoke(settings: Settings, arguments: Namespace) -> int:
    """Revoke a key from now on."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        await api_keys.revoke_key(house.pool, await _user(house, arguments.user), arguments.id)
    return GOOD


async def user_add(settings: Settings, arguments: Namespace) -> int:
    """Add a user, and print their first key."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        zone = arguments.zone or settings.time_zone
        user = await accounts.add_user(
            house.pool, arguments.name, admin=arguments.admin, time_zone=zone
        )
        scopes = api_keys.SCOPES if arguments.admin else ("read", "trigger")
        text = await api_keys.add_key(house.pool, user, "first key", scopes)
    sys.stdout.write(f"{text}\n")
    return GOOD


async def user_list(settings: Settings, _: Namespace) -> int:
    """Print who uses this installation."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        rows = await accounts.list_users(house.pool)
    table = Table(box=None)
    for column in ("name", "admin", "enabled", "time zone"):
        table.add_column(column)
    for row in rows:
        flags = ("yes" if row["is_admin"] else "", "yes" if row["enabled"] else "no")
        table.add_row(row["name"], *flags, row["time_zone"])
    _out.print(table)
    return GOOD


async def user_disable(settings: Settings, arguments: Namespace) -> int:
    """Refuse a user's keys and sessions, and cancel their runs."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        await accounts.disable_user(house.pool, await _user(house, arguments.name))
    return GOOD


async def user_enable(settings: Settings, arguments: Namespace) -> int:
    """Let a user in again."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        await accounts.enable_user(house.pool, await _user(house, arguments.name))
    return GOOD


async def user_export(settings: Settings, arguments: Namespace) -> int:
    """Print everything that is kept of a user as JSON, without secrets."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        found = await accounts.export_user(house.pool, await _user(house, arguments.name))
    json.dump(found, sys.stdout, indent=2, default=str, ensure_ascii=False)
    sys.stdout.write("\n")
    return GOOD


async def user_delete(settings: Settings, arguments: Namespace) -> int:
    """Delete a user with everything of theirs but the ledger of failures."""
    if arguments.yes != arguments.name:
        raise BadInput(
            f"this deletes everything of {arguments.name!r}; to mean it, add --yes {arguments.name}"
        )
    async with open_house(settings, _quiet, sandbox=False) as house:
        await accounts.delete_user(house.pool, await _user(house, arguments.name))
    return GOOD


async def rotate(settings: Settings, _: Namespace) -> int:
    """Encrypt every stored credential under the newest secret key."""
    async with open_house(settings, _quiet, sandbox=False) as house:
        number = await vault.rotate_all(house.pool, house.tools.vault)
    sys.stdout.write(f"{number} values are encrypted under the newest key\n")
    return GOOD


async def _user(house: House, name: str) -> int:
    return await accounts.find_user(house.pool, name) if name else house.user.user_id


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _quiet(_: str) -> None:
    """Say nothing."""
