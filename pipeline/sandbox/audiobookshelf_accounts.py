"""The users of the Audiobookshelf stand-in: passwords, the four kinds of token, the login limit."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pipeline.sandbox.audiobookshelf_shelf import new_id, now_ms

Kind = Literal["access", "refresh", "legacy", "key"]
LOGINS = 40
LOGIN_WINDOW = 600.0  # seconds
ACCESS_LASTS = 3600.0
REFRESH_LASTS = 30 * 86400.0


@dataclass
class User:
    """One user; `kind` is root, admin, user or guest."""

    name: str
    password: str
    kind: str
    legacy: str
    may_update: bool = True
    id: str = field(default_factory=new_id)
    created: int = field(default_factory=now_ms)

    @property
    def is_admin(self) -> bool:
        """Whether scans and settings are open to them."""
        return self.kind in {"root", "admin"}


@dataclass
class Token:
    """What a token opens, until `ends` (seconds since 1970, None: for ever)."""

    user: User
    kind: Kind
    ends: float | None = None


class Accounts:
    """Users and tokens; *clock* tells seconds since 1970."""

    def __init__(
        self, root_token: str, user_token: str, key: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.clock = clock
        self.users = {
            "root": User("root", "root password", "root", root_token),
            "reader": User("reader", "reader password", "user", user_token),
        }
        self.tokens = {user.legacy: Token(user, "legacy") for user in self.users.values()}
        self.tokens[key] = Token(self.users["root"], "key")
        self._asked: deque[float] = deque()

    def of(self, token: str, kinds: tuple[Kind, ...]) -> User | None:
        """Return whom *token* speaks for, if it is of one of *kinds* and has not ended."""
        known = self.tokens.get(token)
        if known is None or known.kind not in kinds:
            return None
        return known.user if known.ends is None or known.ends > self.clock() else None

    def issue(self, user: User, kind: Kind, lasts: float | None) -> str:
        """Return a new token that lasts for so many seconds, or for ever."""
        token = f"{kind}.{secrets.token_urlsafe(16)}"
        self.tokens[token] = Token(user, kind, None if lasts is None else self.clock() + lasts)
        return token

    def limited_for(self) -> int | None:
        """Count one sign-in; return the seconds to wait when there were too many, else None."""
        now = self.clock()
        while self._asked and self._asked[0] <= now - LOGIN_WINDOW:
            self._asked.popleft()
        if len(self._asked) >= LOGINS:
            return int(self._asked[0] + LOGIN_WINDOW - now) + 1
        self._asked.append(now)
        return None

    @property
    def sign_ins_left(self) -> int:
        """How many sign-ins the window has left."""
        return LOGINS - len(self._asked)


def shown(user: User, *, with_token: bool = True) -> dict[str, Any]:
    """Return the user as the server shows them to themselves, their old-style token included."""
    about: dict[str, Any] = {"id": user.id, "username": user.name, "email": None, "type": user.kind}
    if with_token:
        about["token"] = user.legacy
    permissions = {
        "download": True,
        "update": user.may_update,
        "delete": user.is_admin,
        "upload": user.may_update,
        "accessAllLibraries": True,
        "accessAllTags": True,
        "accessExplicitContent": user.is_admin,
    }
    return about | {
        "mediaProgress": [],
        "bookmarks": [],
        "isActive": True,
        "isLocked": False,
        "lastSeen": None,
        "createdAt": user.created,
        "permissions": permissions,
        "librariesAccessible": [],
        "itemTagsSelected": [],
        "hasOpenIDLink": False,
    }
