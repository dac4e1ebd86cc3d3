"""System, Settings: what holds and where each value comes from; secrets are never shown."""

from typing import Any

from pydantic import SecretStr

from api.pages.visit import Page, Shown, Visit
from pipeline import accounts, settings
from pipeline.services import FIELDS
from pipeline.settings import Settings

ORIGINS = {
    "default": "default",
    "environment": "environment",
    "file": "file named in the environment",
    ".env": ".env",
    "command": "given at the start",
    "stored": "stored here, encrypted",
    "sandbox": "sandbox",
}
# Each may hold a password inside an address.
ADDRESSES_WITH_SECRETS = frozenset({"database_url"})


async def shown(visit: Visit) -> Shown:
    """Show every setting with its value, origin and meaning."""
    rows = await accounts.stored_credentials(visit.desk.pool, visit.user_id)
    stored = {row["field"] for row in rows}
    of_services = {field: service for service, fields in FIELDS.items() for field in fields}
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, field in Settings.model_fields.items():
        if not _may_see(visit, name, of_services):
            continue
        groups.setdefault(of_services.get(name, "house"), []).append(
            {
                "variable": settings.variable(name),
                "about": field.description or "",
                **_value(visit, name, stored=name in stored),
            }
        )
    return {"groups": groups, "origins": ORIGINS, "in_sandbox": visit.desk.settings.in_sandbox}


def _may_see(visit: Visit, name: str, of_services: dict[str, str]) -> bool:
    """Say whether a setting concerns the visitor: those of the house are its administrators'."""
    return visit.caller.is_admin or name in of_services


def _value(visit: Visit, name: str, *, stored: bool) -> dict[str, str]:
    """Return value and origin of a setting, as far as they may be seen."""
    own = visit.desk.settings
    value = getattr(own, name)
    if stored:
        return {"value": "set", "origin": "stored"}
    if not visit.caller.is_admin:
        return {"value": "", "origin": "default"}
    if isinstance(value, SecretStr):
        text = "set" if value.get_secret_value() else ""
    elif name in ADDRESSES_WITH_SECRETS:
        text = "set" if value else ""
    else:
        text = str(value)
    return {"value": text, "origin": settings.origin(own, name)}


PAGES = (Page("/system/settings", shown, "system_settings.html", "Settings", "system"),)
