"""What a stage answered or raised becomes a report of its step; nothing here touches anything."""

from datetime import timedelta

import pytest

from pipeline.errors import CircuitOpen, RateLimited, ServiceDown, Unsafe
from pipeline.outcomes import Stop, Wait
from pipeline.reports import ATTEMPTS, LONGEST_REASON, answered, backoff, failed
from tests.support.chains import One, Two


def middle() -> float:
    return 0.5


@pytest.mark.parametrize(
    ("outcome", "status", "events"),
    [
        (None, "done", 0),
        (One(), "done", 1),
        ([], "done", 0),
        ((One(), Two()), "done", 2),
        (Stop("enough"), "stopped", 0),
        (Wait("later"), "waiting", 0),
    ],
)
def test_each_outcome_has_a_status(outcome, status, events):
    report = answered(outcome)

    assert report.status == status
    assert len(report.events) == events


@pytest.mark.parametrize("answer", ["events", 3, [One(), "two"], {"a": One()}])
def test_anything_else_is_no_outcome(answer):
    with pytest.raises(TypeError, match="is no outcome"):
        answered(answer)


def test_pauses_double_from_two_seconds_to_ten_minutes():
    pauses = [backoff(n, middle).total_seconds() for n in range(11)]

    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert backoff(0, lambda: 0.0) == timedelta(seconds=1.6)
    assert backoff(0, lambda: 1.0) == timedelta(seconds=2.4)


def test_a_transient_error_is_retried_until_its_attempts_are_used_up():
    reports = [failed(ServiceDown("x"), n, middle) for n in range(ATTEMPTS)]

    assert [report.status for report in reports] == ["retrying"] * (ATTEMPTS - 1) + ["failed"]
    assert reports[-1].code == "service_down"


def test_a_later_moment_that_the_other_side_named_wins_over_the_pause():
    error = RateLimited("x", retry_after=timedelta(minutes=3))

    assert failed(error, 0, middle).delay == timedelta(minutes=3)
    assert failed(RateLimited("x", retry_after=timedelta(seconds=1)), 3, middle).delay == (
        timedelta(seconds=16)
    )


def test_what_cannot_be_now_waits_a_week_at_most():
    report = failed(CircuitOpen("x", after=timedelta(minutes=9)), 4)

    assert (report.status, report.delay, report.deadline) == (
        "waiting",
        timedelta(minutes=9),
        timedelta(days=7),
    )


def test_a_permanent_error_keeps_its_code_and_its_traceback():
    report = failed(Unsafe("torrent: an executable inside"), 0)

    assert (report.status, report.code) == ("failed", "unsafe")
    assert report.detail["error"] == "Unsafe"


def test_a_reason_is_one_line_of_bounded_length_without_secrets_or_zero_bytes():
    report = failed(ValueError("a\nb\x00 token=abcdef " + "x" * 5000), 0)

    assert report.reason is not None
    assert report.reason.startswith("ValueError: a b token=*** xxx")
    assert len(report.reason) == LONGEST_REASON
    assert "\x00" not in report.detail["traceback"]


def test_only_events_that_somebody_takes_are_passed_on():
    report = answered([One(name="x"), Two(name="y")])

    fields = report.fields(lambda e: "second" if isinstance(e, Two) else None, [("info", "line")])

    assert fields["events"] == [
        {"stage": "second", "kind": "test_two", "key": "y", "event": {"name": "y"}}
    ]
    assert fields["lines"] == [("info", "line")]
