"""So many failures at once, then few; and who was accepted is not shut out by others."""

from api import throttle
from api.throttle import EVERY, FREE, Throttle, network


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_ten_failures_are_free_then_one_each_six_seconds():
    clock = Clock()
    it = Throttle(clock)
    for _ in range(FREE):
        assert it.wait("address:a") == 0
        it.failed("address:a")

    assert it.wait("address:a") == EVERY
    clock.now += EVERY
    assert it.wait("address:a") == 0
    it.failed("address:a")
    assert it.wait("address:a") == EVERY


def test_the_longest_of_all_names_counts():
    it = Throttle(Clock())
    for _ in range(FREE + 2):
        it.failed("key:k")

    assert it.wait("address:a") == 0
    assert it.wait("address:a", "key:k") == 3 * EVERY


def test_trust_in_a_key_ends():
    clock = Clock()
    it = Throttle(clock)
    it.proved("a", b"digest")

    assert it.knows("a", b"digest")
    assert not it.knows("b", b"digest")
    clock.now += throttle.PROVEN_FOR + 1
    assert not it.knows("a", b"digest")


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(throttle, "REMEMBERED", 5)
    it = Throttle(Clock())
    for n in range(50):
        it.failed(f"address:{n}")
        it.proved(str(n), b"digest")

    assert len(it._next) == len(it._proven) == 5
    assert it.wait("address:49") == 0


def test_an_ipv6_home_is_one_caller():
    assert network("2001:db8:1:2::9") == network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network("192.0.2.1") != network("192.0.2.2")
    assert network("not an address") == "not an address"
