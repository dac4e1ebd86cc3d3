"""How we talk to every remote service: politely, and with one vocabulary of errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        raise NotImplementedError

    def json(self) -> Any:
        """Return the body as JSON; raises UnexpectedAnswer."""
        raise NotImplementedError


class Remote:
    """One account at one service over HTTP, with its own cookies."""

    async def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        expected: frozenset[int] = frozenset(),
        deadline: float = 30.0,
        largest: int = 20_000_000,
    ) -> Answer:
        """Return the answer to one request.

        *expected* names the statuses beyond 200, 201 and 204 that the caller understands; every
        other one is raised as one of our errors: 401 and 403 ServiceRefused, 408 and 5xx
        ServiceDown, 429 RateLimited, the rest UnexpectedAnswer. *deadline* is seconds for the
        whole exchange, *largest* the most bytes that are read. Redirects are not followed.
        Raises NotNow when the pace or an open circuit forbids asking soon.
        """
        raise NotImplementedError
