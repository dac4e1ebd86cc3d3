"""Who is signed in with a browser: one-time addresses that open sessions, and the sessions.

A token has 256 random bits and lies in a cookie or an address; the database holds its SHA-256 only.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipeline.api_keys import SCOPES, Scope
from pipeline.db import Pool

UNUSED = timedelta(days=30)  # after which a session ends; each use begins them anew
ADDRESS_LASTS = timedelta(hours=24)
LONGEST_TOKEN = 100  # characters; ours have 43
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in, and whose it is."""

    id: int
    user_id: int
    user_name: str
    is_admin: bool
    time_zone: str
    scopes: tuple[str, ...]

    def may(self, scope: Scope) -> bool:
        """Say whether the session reaches as far as *scope*."""
        return max(SCOPES.index(own) for own in SCOPES if own in self.scopes) >= SCOPES.index(scope)


async def make_address(pool: Pool, user_id: int) -> str:
    """Return the token of an address that signs this user in, once, within a day.

    The one made before it opens nothing any more.
    """
    token = secrets.token_urlsafe(32)
    async with pool.system() as db:
        await db.do(
            "sessions.put_address", hash=digest(token), user_id=user_id, lasting=ADDRESS_LASTS
        )
    return token


async def use_address(pool: Pool, token: str, browser: str, address: str) -> str | None:
    """Open a session with a one-time address; return its token, or None for one that is no good."""
    async with pool.system() as db:
        row = await db.row("sessions.use_address", hash=digest(token))
    if row is None:
        return None
    return await open_session(pool, row["user_id"], browser=browser, address=address)


async def open_session(  # noqa: PLR0913  # whose, where, and how far it reaches
    pool: Pool,
    user_id: int,
    *,
    browser: str,
    address: str,
    scopes: Sequence[str] = SCOPES,
    key_id: str | None = None,
) -> str:
    """Open a session; return its token, which nobody can read again.

    One that was opened with an API key (*key_id*) ends with that key.
    """
    token = secrets.token_urlsafe(32)
    async with pool.system() as db:
        await db.do(
            "sessions.open",
            user_id=user_id,
            hash=digest(token),
            scopes=list(scopes),
            key_id=key_id,
            browser=_printable(browser),
            address=_printable(address),
            lasting=UNUSED,
        )
    return token


async def recognise(pool: Pool, token: str) -> Session | None:
    """Return the session of a token, or None for one that is unknown, over or signed out."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    async with pool.system() as db:
        row = await db.row("sessions.recognise", hash=digest(token))
        if row is None:
            return None
        if row.pop("stale"):
            await db.do("sessions.seen", id=row["id"], lasting=UNUSED)
    return Session(**{**row, "scopes": tuple(row["scopes"])})


async def revoke(pool: Pool, user_id: int, session_id: int) -> bool:
    """Sign a browser of the user out; False when the user has no such session."""
    async with pool.system() as db:
        found = await db.value("sessions.revoke", id=session_id, user_id=user_id)
    return found is not None


async def revoke_others(pool: Pool, user_id: int, session_id: int) -> int:
    """Sign every browser of the user out but this one; return how many."""
    async with pool.system() as db:
        return await db.do("sessions.revoke_others", id=session_id, user_id=user_id)


async def open_sessions(pool: Pool, user_id: int) -> list[dict[str, Any]]:
    """Return id, browser, address, key_name, scopes and times of every open session of a user."""
    async with pool.system() as db:
        return await db.rows("sessions.open_ones", user_id=user_id)


def digest(token: str) -> bytes:
    """Return what is stored of a token: so much randomness needs no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _printable(text: str) -> str:
    """Return what may be kept and shown of what a stranger calls himself."""
    return "".join(c for c in text if c.isprintable())[:_LONGEST_NAME]
