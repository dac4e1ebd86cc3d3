"""What comes back over HTTP, and which of our errors its status stands for."""

import json as json_format
import math
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from pipeline.errors import RateLimited, ServiceDown, ServiceRefused, UnexpectedAnswer
from pipeline.redaction import Redaction, excerpt

GOOD = frozenset({200, 201, 204})
_REFUSED = frozenset({401, 403})
_DOWN = frozenset({408, 425})
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB = 47  # zlib's window bits for "find out which of the two"
_FAR_AWAY = 366 * 86400.0  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, read to its end; `asked` says what was asked, without secrets."""

    status: int
    headers: httpx.Headers
    body: bytes
    asked: str = ""

    @property
    def text(self) -> str:
        """The body as text, in the character set that it names, else UTF-8."""
        charset = httpx.Response(200, headers=self.headers).charset_encoding or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body as JSON; raises UnexpectedAnswer."""
        try:
            return json_format.loads(self.body)
        except (ValueError, RecursionError):
            came = excerpt(self.body)
            raise UnexpectedAnswer(f"{self.asked}: not JSON but {came!r}") from None


def retry_after(headers: httpx.Headers) -> timedelta | None:
    """Return how long the other side wants to be left alone: seconds or a date."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError):
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - datetime.now(UTC)).total_seconds()
    if not math.isfinite(seconds):
        return None
    return timedelta(seconds=min(max(seconds, 0.0), _FAR_AWAY))


def decoded(body: bytes, headers: httpx.Headers, asked: str, largest: int) -> bytes:
    """Unpack an answer that came packed although we asked for `identity`, up to *largest* bytes."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in {"", "identity"} or not body:
        return body
    unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = unpacking.decompress(body, largest) if coding in _CODINGS else b""
    except zlib.error:
        plain = b""
    if not unpacking.eof:
        raise UnexpectedAnswer(f"{asked}: packed as {coding[:20]!r}, damaged or too large")
    return plain


def judge(answer: Answer, expected: frozenset[int], redaction: Redaction) -> None:
    """Raise the error that an answer's status stands for, if any."""
    status = answer.status
    if status in GOOD or status in expected:
        return
    said = redaction.clean(excerpt(answer.body))
    if 300 <= status < 400:  # noqa: PLR2004  # the class of redirects
        target = urlsplit(answer.headers.get("location", ""))
        said = f"redirect to {target.scheme}://{target.hostname or ''}"
    phrase = httpx.codes.get_reason_phrase(status)
    came = " ".join(f"{status} {phrase}".split()) + (f": {said}" if said else "")
    message = f"{answer.asked}: {came}"
    if status in _REFUSED:
        raise ServiceRefused(message)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise RateLimited(message, retry_after=retry_after(answer.headers))
    if status in _DOWN or status >= 500:  # noqa: PLR2004  # the class of server errors
        raise ServiceDown(message, retry_after=retry_after(answer.headers))
    raise UnexpectedAnswer(message)
