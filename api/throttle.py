"""Slow down whoever tries keys: so many failures at once per address and per key, then few.

Counted in this process: a key has 238 random bits, so that what is bought here is quiet, not
secrecy, and an attacker must not be able to make the database write. A key that was accepted from
an address lately is looked at whatever others have done there: nobody locks the owner out by
failing behind the same proxy or with the owner's key id.
"""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

FREE = 10  # failures at once, after a rest
EVERY = 6.0  # seconds for each further one
REMEMBERED = 10_000  # addresses and key ids
PROVEN_FOR = 3600.0  # seconds that an accepted key is trusted from its address


class Throttle:
    """Counts failures by name (GCRA) and remembers who was accepted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: OrderedDict[str, float] = OrderedDict()
        self._proven: OrderedDict[tuple[str, bytes], float] = OrderedDict()

    def wait(self, *names: str) -> float:
        """Return the seconds until the next attempt under all of these names; 0 for now."""
        now = self._clock()
        due = max((self._next.get(name, 0.0) for name in names), default=0.0)
        return max(0.0, due - EVERY * (FREE - 1) - now)

    def failed(self, *names: str) -> None:
        """Count a failure under each of these names."""
        now = self._clock()
        for name in names:
            self._next[name] = max(self._next.pop(name, 0.0), now) + EVERY
            _shorten(self._next)

    def proved(self, address: str, digest: bytes) -> None:
        """Remember that a key was accepted from an address."""
        self._proven.pop((address, digest), None)
        self._proven[address, digest] = self._clock()
        _shorten(self._proven)

    def knows(self, address: str, digest: bytes) -> bool:
        """Say whether a key was accepted from this address lately."""
        at = self._proven.get((address, digest))
        return at is not None and at > self._clock() - PROVEN_FOR

    def distrust(self, address: str, digest: bytes) -> None:
        """Forget that a key was accepted; it no longer is."""
        self._proven.pop((address, digest), None)


def network(address: str) -> str:
    """Return what stands for a caller's address: of IPv6 the /64, of which a home has one."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _shorten(remembered: "OrderedDict[str, float] | OrderedDict[tuple[str, bytes], float]") -> None:
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
