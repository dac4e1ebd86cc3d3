"""Due times on the clocks of a zone, over the days on which they change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.due_times import check, in_words, next_due
from pipeline.errors import BadInput

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"  # 2027-03-28 02:00 -> 03:00, 2027-10-31 03:00 -> 02:00


def times(cron, zone, start, number):
    """The next times after *start*, as the clocks of the zone show them."""
    found, after = [], start
    for _ in range(number):
        after = next_due(cron, zone, after)
        found.append(after.astimezone(ZoneInfo(zone)).strftime("%d %H:%M%z"))
    return found


def test_a_time_that_the_clocks_skip_is_due_once_right_after_the_gap():
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)

    assert times("30 2 * * *", BERLIN, before, 3) == [
        "28 03:00+0200",
        "29 02:30+0200",
        "30 02:30+0200",
    ]


def test_several_times_in_the_gap_are_due_once_together():
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)

    assert times("0,30 2 * * *", BERLIN, before, 2) == ["28 03:00+0200", "29 02:00+0200"]


def test_a_time_that_the_clocks_show_twice_is_due_the_first_time_only():
    before = datetime(2027, 10, 30, 12, tzinfo=UTC)

    assert times("30 2 * * *", BERLIN, before, 2) == ["31 02:30+0200", "01 02:30+0100"]


def test_an_interval_goes_on_in_the_hour_that_is_shown_twice():
    before = datetime(2027, 10, 31, 0, 20, tzinfo=UTC)

    found = times("*/30 * * * *", BERLIN, before, 4)

    assert found == ["31 02:30+0200", "31 02:00+0100", "31 02:30+0100", "31 03:00+0100"]


def test_a_time_missed_in_the_first_pass_is_not_made_up_for_in_the_second():
    second_pass = datetime(2027, 10, 31, 1, 10, tzinfo=UTC)  # the clocks show 02:10 again

    assert times("30 2 * * *", BERLIN, second_pass, 1) == ["01 02:30+0100"]


def test_clocks_that_jump_at_midnight_or_by_half_an_hour_are_read_too():
    santiago = datetime(2026, 9, 5, 12, tzinfo=UTC)  # 2026-09-06 00:00 -> 01:00
    lord_howe = datetime(2026, 10, 3, 2, tzinfo=UTC)  # 2026-10-04 02:00 -> 02:30

    assert times("0 0 * * *", "America/Santiago", santiago, 2) == ["06 01:00-0300", "07 00:00-0300"]
    assert times("15 2 * * *", "Australia/Lord_Howe", lord_howe, 2) == [
        "04 02:30+1100",
        "05 02:15+1100",
    ]


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: JANUARY + timedelta(minutes=minutes)),
    st.sampled_from(["0 2 * * *", "30 1 * * 0", "15 0 3 * *", "*/20 * * * *", "0 */3 * * *"]),
    st.sampled_from([BERLIN, "America/New_York", "America/Santiago", "Australia/Lord_Howe", "UTC"]),
)
def test_the_next_due_time_is_always_later_and_nothing_lies_between(after, cron, zone):
    due = next_due(cron, zone, after)

    assert due > after
    between = after + (due - after) / 2
    assert next_due(cron, zone, between) == due


@pytest.mark.parametrize(
    "cron",
    ["*/15 * * * *", "0 2 * * *", "0,30 8-20 * * 1-5", "0 0 29 2 *", "0 3 * * SUN", "0 0 L * *"],
)
def test_a_schedule_of_a_quarter_of_an_hour_or_more_is_accepted(cron):
    check(cron)


@pytest.mark.parametrize("cron", ["* * * * *", "*/10 * * * *", "0,5 3 1 1 *", "0,59 0,23 * * *"])
def test_a_schedule_of_less_than_a_quarter_of_an_hour_is_refused(cron):
    with pytest.raises(BadInput, match="more often than every 15 minutes"):
        check(cron)


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("", "write five fields"),
        ("0 2 * *", "write five fields"),
        ("0 0 2 * * *", "write five fields"),
        ("@daily", "write five fields"),
        ("61 2 * * *", "bad minute"),
        ("0 2 * * x", "bad day-of-week"),
        ("0 0 30 2 *", "bad day-of-month"),
    ],
)
def test_what_is_no_schedule_is_refused_with_what_to_write(cron, said):
    with pytest.raises(BadInput, match=said):
        check(cron)


def test_an_unknown_zone_is_refused():
    with pytest.raises(BadInput, match="no IANA time zone"):
        next_due("0 2 * * *", "Mars/Olympus", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("cron", "words"),
    [("0 2 * * *", "At 02:00 every day"), ("30 4 * * 0", "At 04:30 on Sunday")],
)
def test_a_schedule_reads_in_plain_words(cron, words):
    assert in_words(cron) == words


def test_a_schedule_of_a_day_that_comes_once_in_four_years_is_found():
    due = next_due("0 0 29 2 *", "UTC", datetime(2028, 3, 1, tzinfo=UTC))

    assert due - datetime(2032, 2, 29, tzinfo=UTC) == timedelta()
