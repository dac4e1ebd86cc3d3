from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.newcomers import QUIET, Sight, Watched

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def sight(size=1, changed=NOON, seen=NOON):
    return Sight((("a.m4b", size, 0),), changed, seen)


def test_files_that_were_left_alone_for_long_are_quiet_at_the_first_look():
    assert sight(seen=NOON + QUIET).is_quiet
    assert not sight(seen=NOON + QUIET - SECOND).is_quiet


def test_what_audiobookshelf_tells_after_its_own_ten_seconds_is_quiet():
    told = timedelta(milliseconds=10_604)  # measured: last change to item_added

    assert sight(seen=NOON + told).is_quiet


def test_a_look_at_no_file_is_never_quiet():
    nothing = Sight((), NOON, NOON + timedelta(days=1))

    assert not nothing.is_quiet
    assert not Watched(nothing, NOON).has_settled(NOON + timedelta(days=1))


def test_our_own_clock_decides_where_theirs_is_of_no_use():
    future = sight(changed=NOON + timedelta(days=1))
    first = Watched.look(None, future, NOON)

    again = Watched.look(first, future, NOON + QUIET)

    assert not first.has_settled(NOON)
    assert again.has_settled(NOON + QUIET)


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 3)), min_size=1))
def test_files_settle_exactly_when_every_look_of_the_last_seconds_was_the_same(looks):
    watched, now, history = None, NOON, []
    for seconds, size in looks:
        now += seconds * SECOND
        watched = Watched.look(watched, sight(size, changed=now, seen=now), now)
        history.append((now, size))
        same_since = now
        for at, before in reversed(history):
            if before != size:
                break
            same_since = at
        assert watched.has_settled(now) == (now - same_since >= QUIET)
