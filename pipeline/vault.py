"""Credentials at rest: encrypted, and bound to their user, service and field.

Fernet (AES-128-CBC with HMAC-SHA256) under keys derived from `secret_key` with HKDF; the first key
encrypts, all of them decrypt, so that a key is replaced without stopping anything. The owner stands
inside the ciphertext: a row copied to another user or field does not open.
"""

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.db import Pool
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings

SHORTEST = 32
BATCH = 100  # values that one transaction writes anew


class Vault:
    """Seals and opens single values."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def seal(self, user_id: int, service: str, field: str, value: str) -> bytes:
        """Return *value* encrypted for one field of one user."""
        return self._fernet.encrypt(json.dumps([user_id, service, field, value]).encode())

    def open(self, user_id: int, service: str, field: str, token: bytes) -> str:
        """Return a value; raises ConfigurationError when no key opens it, or it is another's."""
        try:
            *owner, value = json.loads(self._fernet.decrypt(token))
        except InvalidToken as error:
            raise ConfigurationError(
                f"{service} {field}: no key of BOOKRUNNER_SECRET_KEY opens what is stored; put the"
                " former key behind the new one, separated by a comma, or set the value anew"
            ) from error
        if owner != [user_id, service, field]:
            raise ConfigurationError(f"{service} {field}: what is stored belongs elsewhere")
        return str(value)

    def rotate(self, token: bytes) -> bytes:
        """Return the same value under the first key."""
        return self._fernet.rotate(token)


def open_vault(settings: Settings) -> Vault:
    """Return the vault under the settings' keys, or under one that is made in the data folder.

    Raises ConfigurationError for a key that is too short to be one.
    """
    given = settings.secret_key.get_secret_value() or _own_key(settings.data_dir / "secret_key")
    keys = [key.strip() for key in given.split(",") if key.strip()]
    if not keys or any(len(key) < SHORTEST for key in keys):
        raise ConfigurationError(
            f"BOOKRUNNER_SECRET_KEY: a key needs at least {SHORTEST} characters; make one with"
            " python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return Vault(keys)


async def rotate_all(pool: Pool, vault: Vault) -> int:
    """Write every stored value anew under the first key, while everything runs; return how many.

    To replace a key: put the new one behind the old one in every process, then before it, then call
    this, then drop the old one. So no process meets a value that it cannot open. Each batch holds
    its rows until they are written: a value that is set meanwhile is never overwritten by an older.
    """
    last: dict[str, Any] = {"user_id": 0, "service": "", "field": ""}
    count = 0
    while True:
        async with pool.system() as db:
            rows = await db.rows("credentials.next_to_rotate", **last, limit=BATCH)
            if not rows:
                return count
            for row in rows:
                row["token"] = vault.rotate(bytes(row["token"]))
            await db.many("credentials.rotated", rows)
        last = {name: rows[-1][name] for name in last}
        count += len(rows)


class MamSession:
    """The rotating session of one user at MyAnonamouse: the newest one, wherever it was received.

    *given* is the one that the user set; when that changes, it replaces what was rotated from the
    former one.
    """

    def __init__(self, pool: Pool, vault: Vault, user_id: int, given: str) -> None:
        self._pool, self._vault, self._user, self._given = pool, vault, user_id, given

    async def load(self) -> str:
        """Return the newest `mam_id`, or "" when there is none."""
        async with self._pool.user(self._user) as db:
            token = await db.value("credentials.get", service="mam", field="rotated")
        if token is None:
            return self._given
        given, _, newest = self._vault.open(self._user, "mam", "rotated", token).partition("\n")
        return newest if given == self._given else self._given

    async def save(self, mam_id: str) -> None:
        """Keep a `mam_id` that replaces the one before."""
        token = self._vault.seal(self._user, "mam", "rotated", f"{self._given}\n{mam_id}")
        async with self._pool.user(self._user) as db:
            await db.do("credentials.put", service="mam", field="rotated", token=token)


def _own_key(path: Path) -> str:
    """Return what the file holds; make it first, whole or not at all, when there is none.

    Of several processes that start at once one makes it, and all read the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        made = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(SHORTEST) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was faster
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _derived(key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"bookrunner vault 1")
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
