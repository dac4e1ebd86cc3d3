"""API keys: how they are made, recognised, listed and revoked.

A key reads `brk_<id>_<secret><check>`: the id finds its row, the secret (40 characters of base 62,
238 bits) proves it, and six characters of CRC-32 tell a typing mistake from a wrong key, so that
the former costs nobody an attempt. Only a SHA-256 of the key is stored: so much randomness needs
no slow hash. A key is shown once.
"""

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pipeline.db import Pool
from pipeline.errors import BadInput

Scope = Literal["read", "trigger", "admin"]
# Each may do what those before it may.
SCOPES: tuple[Scope, ...] = ("read", "trigger", "admin")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KEY = re.compile(r"brk_([0-9A-Za-z]{8})_([0-9A-Za-z]{40})([0-9A-Za-z]{6})")
_NOBODY = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown once, and what is stored of it."""

    text: str
    id: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key was recognised, and what it may do; `enabled` is false for a disabled user."""

    user_id: int
    user_name: str
    is_admin: bool
    enabled: bool
    key_id: str
    scopes: tuple[str, ...]

    def may(self, scope: Scope) -> bool:
        """Say whether the key reaches as far as *scope*."""
        reach = max(SCOPES.index(own) for own in SCOPES if own in self.scopes)
        return reach >= SCOPES.index(scope)


def new_key() -> NewKey:
    """Make a key out of the system's randomness."""
    public, secret = _random(8), _random(40)
    text = f"brk_{public}_{secret}{_check(secret)}"
    return NewKey(text, public, digest(text))


def key_id(text: str) -> str | None:
    """Return the id inside a well-formed key, or None for a mistyped one."""
    found = _KEY.fullmatch(text)
    return found[1] if found and _check(found[2]) == found[3] else None


def proves(text: str, stored: bytes | None) -> bool:
    """Compare a key with the stored hash, in the same time when there is none."""
    return hmac.compare_digest(digest(text), stored or _NOBODY) and stored is not None


def digest(text: str) -> bytes:
    """Return what is stored of a key."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


async def recognise(pool: Pool, text: str) -> Caller | None:
    """Return whose key this is, or None for one that is unknown, wrong, revoked or expired.

    Notes its use, at most once a minute.
    """
    public = key_id(text)
    async with pool.system() as db:
        row = await db.row("accounts.key", id=public or "")
        proven = proves(text, bytes(row["hash"]) if row else None)
        if row is None or not proven or not row["valid"]:
            return None
        if row["stale"]:
            await db.do("accounts.used_key", id=row["id"])
    return Caller(
        user_id=row["user_id"],
        user_name=row["user_name"],
        is_admin=row["is_admin"],
        enabled=row["enabled"],
        key_id=row["id"],
        scopes=tuple(row["scopes"]),
    )


async def add_key(
    pool: Pool,
    user_id: int,
    name: str,
    scopes: Sequence[str] = SCOPES,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for a user; return the key, which nobody can read again.

    Raises BadInput for no scope, an unknown one, or a moment of expiry that has passed.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise BadInput(f"a key needs one of the scopes {', '.join(SCOPES)}")
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise BadInput("a key that has expired already opens nothing")
    key = new_key()
    async with pool.system() as db:
        await db.do(
            "accounts.put_key",
            id=key.id,
            user_id=user_id,
            name=name,
            hash=key.hash,
            scopes=[scope for scope in SCOPES if scope in scopes],
            expires_at=expires_at,
        )
    return key.text


async def list_keys(pool: Pool, user_id: int) -> list[dict[str, Any]]:
    """Return id, name, scopes, created_at, expires_at, revoked_at, last_used_at, valid of each."""
    async with pool.system() as db:
        return await db.rows("accounts.keys", user_id=user_id)


async def revoke_key(pool: Pool, user_id: int, public: str) -> bool:
    """Refuse a key of the user from now on; False when the user has no such key."""
    async with pool.system() as db:
        return await db.value("accounts.revoke_key", id=public, user_id=user_id) is not None


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _check(secret: str) -> str:
    number, digits = zlib.crc32(secret.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits
