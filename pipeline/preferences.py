"""What one user wants, kept as JSON in `users.settings`; what they did not say is as by default.

`{"preferences": {"formats": ["mp3"], "narrators": ["..."]}, "governor": {"daily_cap": 5}}`
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from pipeline.db import Database
from pipeline.domain.governor import GovernorPolicy
from pipeline.domain.models import Preferences
from pipeline.errors import ConfigurationError

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Wishes:
    """A user's preferences among releases, and the limits they set for the tracker's account."""

    preferences: Preferences
    policy: GovernorPolicy


def read(settings: Mapping[str, Any]) -> Wishes:
    """Return what a user's settings say; raises ConfigurationError naming what makes no sense."""
    return Wishes(
        _read(settings, "preferences", Preferences), _read(settings, "governor", GovernorPolicy)
    )


async def load(db: Database) -> Wishes:
    """Return the wishes of the transaction's user."""
    return read(await db.value("accounts.own_settings") or {})


def _read(settings: Mapping[str, Any], key: str, kind: type[Kept]) -> Kept:
    told = settings.get(key, {})
    if not isinstance(told, Mapping):
        raise ConfigurationError(f"users.settings.{key}: this is no object of names and values")
    known = set(getattr(kind, "__dataclass_fields__", {}))
    if strangers := sorted(set(told) - known):
        raise ConfigurationError(f"users.settings.{key}: {', '.join(strangers)}: no such setting")
    try:
        return TypeAdapter(kind).validate_python(dict(told))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"users.settings.{key}: {wrong}") from error
