"""Every error that this program raises on purpose.

* BookrunnerError
    * Transient               worth another try; the runner backs off and counts the attempt
        * ServiceDown         a remote service did not answer, or answered 5xx
        * RateLimited         a remote service asked us to slow down
    * NotNow                  impossible before a moment; parks the step, uses no attempt
        * CircuitOpen         the service failed so often that we leave it alone for a while
        * QuotaSpent          the day's budget of a service is used up
        * ServiceBlocked      the service answered with a challenge instead of content
    * Permanent               trying again changes nothing
        * ServiceRefused      a remote service rejected our credentials or our request
        * UnexpectedAnswer    a remote service answered in a shape that we do not know
        * NotConfigured       a service that the user has not set up, or has switched off
        * Unsafe              data that must not come near the library or a client
        * FolderTaken         another book stands already where one was to be shelved
        * BadInput            a person or a program asked for something that makes no sense
        * ConfigurationError  the settings or tables do not hold together

A message reads `service: what we asked: what came back` and never holds a secret.
`code` is the reason code that `failed_attempts` stores.
"""

from datetime import timedelta
from typing import ClassVar


class BookrunnerError(Exception):
    """Base of every error raised here on purpose."""

    code: ClassVar[str] = "error"


class Transient(BookrunnerError):  # noqa: N818  # what it says, not that it is an error
    """Worth another try; `retry_after` is the earliest moment the other side named."""

    code = "transient"

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ServiceDown(Transient):
    """A remote service did not answer, or answered 5xx."""

    code = "service_down"


class RateLimited(Transient):
    """A remote service asked us to slow down."""

    code = "rate_limited"


class NotNow(BookrunnerError):  # noqa: N818  # what it says, not that it is an error
    """Impossible before `after` has passed; parks the step and uses up no attempt."""

    code = "not_now"

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class CircuitOpen(NotNow):
    """The service failed so often that we leave it alone for a while."""

    code = "circuit_open"


class QuotaSpent(NotNow):
    """The day's budget of a service is used up."""

    code = "quota_spent"


class ServiceBlocked(NotNow):
    """The service answered with a challenge instead of content; never to be read as "not found"."""

    code = "service_blocked"


class Permanent(BookrunnerError):  # noqa: N818  # what it says, not that it is an error
    """Trying again changes nothing; a person has to look."""

    code = "permanent"


class ServiceRefused(Permanent):
    """A remote service rejected our credentials or our request."""

    code = "service_refused"


class UnexpectedAnswer(Permanent):
    """A remote service answered in a shape that we do not know."""

    code = "unexpected_answer"


class NotConfigured(Permanent):
    """A service that the user has not set up, or has switched off."""

    code = "not_configured"


class Unsafe(Permanent):
    """Data that must not come near the library or a client."""

    code = "unsafe"


class FolderTaken(Permanent):
    """Another book stands already where one was to be shelved."""

    code = "folder_taken"


class BadInput(Permanent):
    """Somebody asked for something that makes no sense; says what, and what to do."""

    code = "bad_input"


class ConfigurationError(Permanent):
    """The settings or the tables do not hold together."""

    code = "configuration"
