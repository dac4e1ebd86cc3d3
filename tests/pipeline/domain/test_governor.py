"""The account's limits are kept, and the first that forbids says why."""

import pytest

from pipeline.domain.governor import (
    GIB,
    Account,
    Allowed,
    GovernorPolicy,
    NotYet,
    allow,
    may_be_removed,
)
from pipeline.domain.models import Release

GOOD = Account(
    ratio=2.0, uploaded=200 * GIB, downloaded=100 * GIB, unsatisfied=3, unsatisfied_limit=50
)
BOOK = Release(guid="g", title="The Salt Road", indexer="MAM", size=GIB)
FREE = Release(guid="f", title="The Salt Road", indexer="MAM", size=GIB, freeleech=True)
VIP = Release(guid="v", title="The Salt Road", indexer="MAM", size=GIB, vip=True)


def asked(account=GOOD, policy=None, release=BOOK, **more):
    now = {"today_grabs": 0, "active_downloads": 0, "free_bytes": 100 * GIB, **more}
    return allow(account, policy or GovernorPolicy(), release=release, **now)


def topic(*args, **more):
    answer = asked(*args, **more)
    assert isinstance(answer, NotYet)
    assert answer.reason
    return answer.topic


def test_a_good_account_may_fetch():
    assert asked() == Allowed()


def test_the_slots_that_are_kept_free_are_not_used():
    full = Account(ratio=2.0, unsatisfied=40, unsatisfied_limit=50)

    assert topic(full) == "slots"
    assert asked(Account(ratio=2.0, unsatisfied=39, unsatisfied_limit=50)) == Allowed()


def test_the_rank_tells_the_limit_when_the_tracker_does_not():
    assert topic(Account(ratio=2.0, unsatisfied=45, rank="User")) == "slots"
    assert asked(Account(ratio=2.0, unsatisfied=45, rank="Power User")) == Allowed()


def test_the_ratio_after_the_download_counts():
    poor = Account(
        ratio=1.05, uploaded=105 * GIB, downloaded=100 * GIB, unsatisfied=0, unsatisfied_limit=50
    )
    large = Release(guid="l", title="x", indexer="MAM", size=10 * GIB)

    assert topic(poor, release=large) == "ratio"
    assert asked(poor, release=BOOK) == Allowed()


def test_what_is_free_costs_no_ratio():
    poor = Account(ratio=0.5, unsatisfied=0, unsatisfied_limit=50)

    assert topic(poor) == "ratio"
    assert asked(poor, release=FREE) == Allowed()


def test_vip_is_free_only_for_a_vip():
    poor = Account(ratio=0.5, unsatisfied=0, unsatisfied_limit=50)
    vip = Account(ratio=0.5, unsatisfied=0, unsatisfied_limit=50, is_vip=True)

    assert topic(poor, release=VIP) == "ratio"
    assert asked(vip, release=VIP) == Allowed()


def test_free_only_means_free_only_and_spends_no_wedge():
    only = GovernorPolicy(freeleech="only")
    rich = Account(ratio=9.0, unsatisfied=0, unsatisfied_limit=50, wedges=99)

    assert topic(rich, only) == "freeleech"
    assert asked(rich, only, release=FREE) == Allowed()


@pytest.mark.parametrize("account", [None, Account(), Account(ratio=2.0), Account(unsatisfied=1)])
def test_numbers_that_nobody_told_are_the_worst_case(account):
    assert topic(account) == "account"


def test_an_account_that_is_not_asked_for_needs_no_numbers():
    assert asked(None, GovernorPolicy(account_required=False)) == Allowed()


def test_a_tracker_that_refuses_the_account_is_asked_for_nothing_more():
    refusal = asked(refused="t.example: passkey not found")

    assert refusal.topic == "tracker"
    assert "passkey not found" in refusal.reason


def test_a_day_has_its_cap():
    assert topic(policy=GovernorPolicy(daily_cap=5), today_grabs=5) == "daily"
    assert asked(policy=GovernorPolicy(daily_cap=5), today_grabs=4) == Allowed()


def test_only_so_many_downloads_run_at_once():
    assert topic(active_downloads=10) == "active"


def test_the_space_after_the_download_counts():
    assert topic(free_bytes=5 * GIB) == "space"
    assert asked(free_bytes=6 * GIB) == Allowed()
    assert asked(free_bytes=None) == Allowed()


def test_a_torrent_stays_for_its_seeding_time_with_a_margin():
    policy = GovernorPolicy()

    assert not may_be_removed(policy, 72 * 3600)
    assert may_be_removed(policy, 76 * 3600)
