"""Answers of public catalogues, kept so that each is asked for once."""

import time
import zlib
from datetime import timedelta

from pipeline.db import Pool

_LARGEST = 50_000_000  # bytes of one answer


class Cache:
    """Answers of public catalogues, kept compressed until they are too old."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, name: str, key: str) -> bytes | None:
        """Return what was kept of service *name* under *key*, or None."""
        async with self._pool.system() as system:
            body = await system.value("limits.cached", name=name, key=key)
        return None if body is None else _inflated(body)

    async def put(self, name: str, key: str, body: bytes, ttl: timedelta) -> None:
        """Keep *body* for *ttl*."""
        packed = zlib.compress(body)
        async with self._pool.system() as system:
            await system.do("limits.keep", name=name, key=key, body=packed, lasting=ttl)

    async def forget_expired(self) -> int:
        """Delete what is too old; return how many answers that were."""
        async with self._pool.system() as system:
            return await system.do("limits.forget_expired")


class LocalCache(Cache):
    """Answers kept in memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, bytes]] = {}

    async def get(self, name: str, key: str) -> bytes | None:
        """Return what was kept, or None."""
        until, body = self._kept.get((name, key), (0.0, None))
        return body if until > time.monotonic() else None

    async def put(self, name: str, key: str, body: bytes, ttl: timedelta) -> None:
        """Keep *body* for *ttl*."""
        self._kept[name, key] = (time.monotonic() + ttl.total_seconds(), body)

    async def forget_expired(self) -> int:
        """Delete what is too old; return how many answers that were."""
        old = [key for key, (until, _) in self._kept.items() if until <= time.monotonic()]
        for key in old:
            del self._kept[key]
        return len(old)


def _inflated(packed: bytes) -> bytes | None:
    """Unpack a kept answer; one that is damaged or absurdly large counts as not kept."""
    unpacking = zlib.decompressobj()
    try:
        body = unpacking.decompress(packed, _LARGEST)
    except zlib.error:
        return None
    return body if unpacking.eof else None
