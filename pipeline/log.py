"""Set up the log once: lines for people or for programs, and no secret in either."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "***"
# Keys and query parameters whose value is a secret, wherever they stand.
_NAMES = (
    r"x-api-key|api[_-]?key|apikey|mam_id|passkey|pass_key|torrent_pass|authkey|auth_key|rsskey|"
    r"(?:access_|refresh_|abs_|session_)?token|password|passwd|secret(?:_key)?|sid|cookie"
)
_SECRET_KEY = re.compile(rf"(?:.*[._-])?(?:{_NAMES}|authorization|set-cookie)", re.IGNORECASE)
_PATTERNS = (
    # Authorization: Bearer abc, Authorization=Basic abc
    (re.compile(r"(?i)(\bauthorization\b[\"']?\s*[:=]\s*[\"']?)(?:\w+\s+)?[^\s\"',;}]+"), r"\1***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 ***"),
    # apikey=abc in a URL, "token": "abc" in JSON
    (
        re.compile(rf"(?i)(?<![A-Za-z])({_NAMES})([\"']?\s*[:=]\s*[\"']?)[^\s&\"',;}})\]]+"),
        r"\1\2***",
    ),
    (re.compile(r"(?i)([?&]key=)[^\s&\"',;)\]}]+"), r"\1***"),
    # a key of ours, wherever it stands; its id may be seen
    (re.compile(r"(brk_[0-9A-Za-z]{8}_)[0-9A-Za-z]{40,46}"), r"\1***"),
    # https://user:password@host
    (re.compile(r"(://[^\s/:@]*):[^\s/@]+@"), r"\1:***@"),
    # a tracker's passkey as a piece of a path: /announce/0123…/, /0123…/announce
    (re.compile(r"(?i)(/(?:announce|rss|download|dl)[^\s/?]*/)[0-9a-z]{32,}"), r"\1***"),
    (re.compile(r"(?i)/[0-9a-z]{16,}(/announce)"), r"/***\1"),
)
_QUIET = ("procrastinate", "psycopg", "httpx", "httpcore", "engineio", "socketio", "uvicorn.access")


def redact(text: str) -> str:
    """Return *text* with every key, token and password in it hidden."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def hide_secrets(_: Any, __: str, event: EventDict) -> EventDict:
    """Hide secrets in every value of a log line; a processor for structlog."""
    return {key: _hidden(key, value) for key, value in event.items()}


def _hidden(key: str, value: Any) -> Any:
    if isinstance(value, bool | int | float | None):
        return value
    if _SECRET_KEY.fullmatch(key):
        return HIDDEN
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {k: _hidden(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden("", each) for each in value]
    return value


def configure(
    level: str = "info",
    style: Literal["console", "json"] = "console",
    stream: TextIO | None = None,
) -> None:
    """Send structlog's and the standard library's lines to *stream* (standard error by default)."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=["action"]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:2],
            shared[3],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_render(style))
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _render(style: str) -> list[Processor]:
    """Turn a line into text; tracebacks first, so that secrets in them are hidden, too."""
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _one_text_for_exceptions,
        hide_secrets,
    ]
    if style == "json":
        return [*last, structlog.processors.JSONRenderer(default=str)]
    return [*last, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def _one_text_for_exceptions(logger: Any, name: str, event: MutableMapping[str, Any]) -> Any:
    """Format `exc_info` into a string, which can be searched for secrets."""
    return structlog.processors.format_exc_info(logger, name, event)
