"""Users and their API keys.

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
from datetime import datetime

from pipeline.db import Pool

SCOPES = ("read", "trigger", "admin")
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
class FirstStart:
    """Whose installation this is; `key` is there only when it was made just now."""

    user_id: int
    key: str | None = None


def new_key() -> NewKey:
    """Make a key out of the system's randomness."""
    public, secret = _random(8), _random(40)
    text = f"brk_{public}_{secret}{_check(secret)}"
    return NewKey(text, public, _hash(text))


def key_id(text: str) -> str | None:
    """Return the id inside a well-formed key, or None for a mistyped one."""
    found = _KEY.fullmatch(text)
    return found[1] if found and _check(found[2]) == found[3] else None


def proves(text: str, stored: bytes | None) -> bool:
    """Compare a key with the stored hash, in the same time when there is none."""
    return hmac.compare_digest(_hash(text), stored or _NOBODY) and stored is not None


async def add_key(
    pool: Pool,
    user_id: int,
    name: str,
    scopes: Sequence[str] = SCOPES,
    expires_at: datetime | None = None,
) -> str:
    """Make a key for a user; return the key, which nobody can read again."""
    key = new_key()
    async with pool.system() as db:
        await db.do(
            "accounts.put_key",
            id=key.id,
            user_id=user_id,
            name=name,
            hash=key.hash,
            scopes=list(scopes),
            expires_at=expires_at,
        )
    return key.text


async def first_start(pool: Pool, time_zone: str) -> FirstStart:
    """Make the first user and their key, unless there is a user already."""
    async with pool.system() as db:
        made = await db.value("accounts.make_first_user", time_zone=time_zone)
        if made is None:
            return FirstStart(await db.value("accounts.first_user"))
    return FirstStart(made, await add_key(pool, made, "first start"))


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def _check(secret: str) -> str:
    number, digits = zlib.crc32(secret.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
