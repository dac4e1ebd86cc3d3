"""Tell the ways in which Google Books refuses: for the day, for a minute, for good."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pipeline.answers import Answer, retry_after
from pipeline.errors import BookrunnerError, RateLimited, ServiceRefused, UnexpectedAnswer

PACIFIC = ZoneInfo("America/Los_Angeles")
A_MINUTE = timedelta(seconds=60)
TOO_MANY = 429
FORBIDDEN = 403
REFUSALS = frozenset({400, FORBIDDEN, 404, TOO_MANY})
_DAILY_REASONS = frozenset({"dailyLimitExceeded", "quotaExceeded", "dailyLimitExceededUnreg"})
_PACE_REASONS = frozenset({"userRateLimitExceeded", "rateLimitExceeded"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Google says: `kind` tells what to do about it.

    `day` until midnight in California, where its days end; `minute` for a short while; `refused`
    until a person changes something, which `advice` names.
    """

    kind: Literal["day", "minute", "refused"]
    said: str
    advice: str = ""


def read_refusal(status: int, body: Any) -> Refusal:
    """Read the JSON of an answer 400, 403 or 429; unknown ones count as refused."""
    error = body.get("error") if isinstance(body, Mapping) else None
    error = error if isinstance(error, Mapping) else {}
    said = str(error.get("message") or f"status {status}")
    reasons = set(_reasons(error))
    if status == TOO_MANY or reasons & _PACE_REASONS or reasons & _DAILY_REASONS:
        return _quota(error, reasons, said)
    return Refusal("refused", said, _advice(reasons, said))


def midnight_pacific(now: datetime) -> datetime:
    """Return the next midnight in California, when Google's daily quotas start anew."""
    tomorrow = now.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), PACIFIC)


def to_error(asked: str, refusal: Refusal, answer: Answer) -> BookrunnerError:
    """Return our error for a refusal that is not for the day."""
    message = f"Google Books: {asked}: {refusal.said}"
    if refusal.kind == "minute":
        return RateLimited(message, retry_after=retry_after(answer.headers) or A_MINUTE)
    if refusal.kind == "refused":
        return ServiceRefused(f"{message}; {refusal.advice}" if refusal.advice else message)
    return UnexpectedAnswer(message)


def _quota(error: Mapping[str, Any], reasons: set[str], said: str) -> Refusal:
    """Tell day from minute; a quota of 0 never refills, it asks for a key of one's own."""
    metadata = [each["metadata"] for each in _details(error) if _is_map(each.get("metadata"))]
    limits = {str(each.get("quota_limit") or "") for each in metadata}
    units = {str(each.get("quota_unit") or "") for each in metadata}
    if any(str(each.get("quota_limit_value")) == "0" for each in metadata):
        advice = "this project has a quota of 0: set a key of your own Google Cloud project"
        return Refusal("refused", said, advice)
    daily = (
        any("PerDay" in limit for limit in limits)
        or any("/d/" in unit for unit in units)
        or bool(reasons & _DAILY_REASONS)
        or (not metadata and "per day" in said.lower())
    )
    return Refusal("day" if daily else "minute", said)


def _advice(reasons: set[str], said: str) -> str:
    if "unknownLocation" in reasons:
        return "set the country of Google Books, its server cannot tell yours"
    if "API_KEY_INVALID" in reasons or "api key not valid" in said.lower():
        return "the key is wrong: create one for the Books API in the Google Cloud console"
    if reasons & {"SERVICE_DISABLED", "accessNotConfigured"}:
        return "enable the Books API for the key's project in the Google Cloud console"
    if reasons & {"PERMISSION_DENIED", "API_KEY_SERVICE_BLOCKED", "ipRefererBlocked"}:
        return "the key's restrictions forbid this: allow it the Books API and this address"
    return ""


def _reasons(error: Mapping[str, Any]) -> Iterator[str]:
    for each in [*(error.get("errors") or []), *_details(error)]:
        if _is_map(each) and each.get("reason"):
            yield str(each["reason"])
    if error.get("status"):
        yield str(error["status"])


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [each for each in error.get("details") or [] if _is_map(each)]


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)
