"""Set up the log once: lines for people or for programs, and no secret in either."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor

from pipeline.redaction import HIDDEN, NAMES, redact

_SECRET_KEY = re.compile(rf"(?:.*[._-])?(?:{NAMES}|authorization|set-cookie)", re.IGNORECASE)
_QUIET = ("procrastinate", "psycopg", "httpx", "httpcore", "engineio", "socketio", "uvicorn.access")


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
