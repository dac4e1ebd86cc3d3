import json
from datetime import UTC, datetime

import pytest

from pipeline.clients.google_books.refusals import midnight_pacific, read_refusal
from tests.support.shared import shared


def quota(limit="", unit="", value="1000", message="Quota exceeded"):
    metadata = {"quota_limit": limit, "quota_unit": unit, "quota_limit_value": value}
    return {"error": {"code": 429, "message": message, "details": [{"metadata": metadata}]}}


def legacy(reason):
    return {"error": {"code": 403, "message": "no", "errors": [{"reason": reason}]}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, quota("defaultPerDayPerProject", "1/d/{project}"), "day"),
        (429, quota("defaultPerMinutePerProject", "1/min/{project}"), "minute"),
        (429, quota("", "1/d/{project}"), "day"),
        (429, {"error": {"message": "limit 'Queries per day' of service"}}, "day"),
        (429, {"error": {"message": "slow down"}}, "minute"),
        (429, "no JSON object", "minute"),
        (429, quota("defaultPerDayPerProject", "1/d/{project}", "0"), "refused"),
        (403, legacy("dailyLimitExceeded"), "day"),
        (403, legacy("userRateLimitExceeded"), "minute"),
        (403, legacy("unknownLocation"), "refused"),
        (400, legacy("badRequest"), "refused"),
    ],
)
def test_a_refusal_is_for_the_day_for_a_minute_or_for_good(status, body, kind):
    assert read_refusal(status, body).kind == kind


def test_a_wrong_key_says_what_to_do():
    details = [{"reason": "API_KEY_INVALID"}]
    body = {"error": {"code": 400, "message": "API key not valid.", "details": details}}

    assert "create one" in read_refusal(400, body).advice


def test_the_saved_refusals_are_told_apart():
    errors = shared("facts", "google_books", "errors")
    keyless = json.loads((errors / "429_keyless_quota_zero.json").read_text())
    located = json.loads((errors / "403_unknown_location.json").read_text())

    assert read_refusal(429, keyless).kind == "refused"
    assert "key of your own" in read_refusal(429, keyless).advice
    assert "country" in read_refusal(403, located).advice


def test_the_day_ends_at_midnight_in_california_in_winter_and_summer():
    winter = midnight_pacific(datetime(2026, 1, 15, 7, 59, tzinfo=UTC))
    summer = midnight_pacific(datetime(2026, 7, 15, 7, 1, tzinfo=UTC))

    assert winter.astimezone(UTC) == datetime(2026, 1, 15, 8, tzinfo=UTC)
    assert summer.astimezone(UTC) == datetime(2026, 7, 16, 7, tzinfo=UTC)
