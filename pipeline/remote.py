"""How we talk to every remote service: politely, and with one vocabulary of errors.

The only HTTP door. Every request waits for the pace of its service, passes its circuit breaker,
has a deadline for the whole exchange and a cap on what it reads, follows no redirect, and asks the
guard where it may connect to. What goes wrong is raised as one of our errors, whose message reads
`service: what we asked: what came back` and holds no secret.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from pipeline.addresses import Private
from pipeline.answers import Answer, decoded, judge
from pipeline.errors import (
    BadInput,
    RateLimited,
    ServiceBlocked,
    ServiceDown,
    ServiceRefused,
    UnexpectedAnswer,
    Unsafe,
)
from pipeline.guard import guarded_client
from pipeline.limits import PATIENCE, Circuit, Limits, LocalLimits
from pipeline.redaction import Redaction

_REPEATABLE = frozenset({"GET", "HEAD"})
_ELSEWHERE = timedelta(seconds=1)  # between requests to a host that is no service of ours
_LONGEST_HOLD = timedelta(days=1)  # how long a Retry-After is believed
# Every URL that httpx asks for is an INFO line of its logger, credentials in the query included.
for _logger in ("httpx", "httpcore"):
    logging.getLogger(_logger).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Pace:
    """One request per `every`; `burst` of them at once after a rest.

    A request waits `patience` for its turn; a longer wait is NotNow.
    """

    every: timedelta
    burst: int = 1
    patience: timedelta = PATIENCE


class Remote:
    """One account at one service over HTTP, with its own cookies.

    *account* tells accounts of one service apart in paces and circuits; it is shown to users and
    must be no secret. Without *limits* those of this object alone are kept. *allow_private* lets
    private and loopback addresses pass (or those of some networks), for services that the user
    configured. *contact* goes into
    the User-Agent, for catalogues that want to know who asks.
    """

    def __init__(  # noqa: PLR0913  # each may be left out, and is named
        self,
        service: str,
        base_url: str,
        *,
        limits: Limits | None = None,
        account: str = "",
        pace: Pace | None = None,
        headers: Mapping[str, str] | None = None,
        allow_private: Private = True,
        contact: str = "",
    ) -> None:
        self.service = service
        self.name = f"{service}:{account}" if account else service
        self.limits = LocalLimits() if limits is None else limits
        self._pace = pace
        self._agent = user_agent(contact)
        own = {"User-Agent": self._agent, "Accept-Encoding": "identity", **(headers or {})}
        self._http = guarded_client(base_url, own, private=allow_private)

    async def __aenter__(self) -> Self:
        """Return itself; the connection opens with the first request."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies of this account."""
        return self._http.cookies

    @property
    def headers(self) -> httpx.Headers:
        """The headers that go with every request; set a token here."""
        return self._http.headers

    @property
    def base_url(self) -> str:
        """The address of the service, ending in a slash."""
        return str(self._http.base_url)

    async def ask(  # noqa: PLR0913  # what HTTP has
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
        Raises NotNow when the pace or an open circuit forbids asking soon. A GET whose connection
        broke is asked once more; nothing else ever is.
        """
        if urlsplit(path).netloc:
            raise Unsafe(f"{self.service}: {method}: a whole address instead of a path")
        given = {k: v for k, v in (params or {}).items() if v is not None}
        redaction = Redaction(self._http, given, json, data, headers=headers)
        asked = f"{self.service}: {method} {redaction.path(path, given)}"
        request = self._http.build_request(
            method, path, params=given or None, json=json, data=data, files=files, headers=headers
        )
        circuit = await self.limits.circuit(self.name)
        await self._wait_for_slot()
        if circuit.opened:
            await self.limits.probe(self.name)
        try:
            with _translated(asked, deadline):
                answer = await self._exchange(request, asked, deadline, largest)
            judge(answer, expected, redaction)
        except ServiceDown as error:
            await self.limits.failed(self.name, str(error))
            raise
        except RateLimited as error:
            if error.retry_after:
                until = min(error.retry_after, _LONGEST_HOLD)
                await self.limits.hold(self.name, until, str(error))
            raise
        except (ServiceRefused, UnexpectedAnswer):
            await self._answered(circuit)
            raise
        await self._answered(circuit)
        return answer

    async def fetch(
        self,
        url: str,
        *,
        private: bool = False,
        expected: frozenset[int] = frozenset(),
        deadline: float = 30.0,
        largest: int = 20_000_000,
    ) -> Answer:
        """Return the answer to a GET of an address that this service named.

        Nothing of the account goes with it. Only public addresses are dialled, unless *private*.
        Raises Unsafe for anything but http and https.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unsafe(f"{self.service}: GET of another address: {parts.scheme or 'no'} scheme")
        asked = f"{self.service}: GET {parts.scheme}://{parts.hostname}"
        await self.limits.slot(parts.hostname, every=_ELSEWHERE)
        own = {"User-Agent": self._agent, "Accept-Encoding": "identity"}
        async with guarded_client("", own, private=private) as client:
            with _translated(asked, deadline):
                request = client.build_request("GET", url)
                async with asyncio.timeout(deadline):
                    answer = await _exchange(client, request, asked, largest)
            judge(answer, expected, Redaction(client, url=url))
        return answer

    async def blocked(
        self,
        reason: str,
        *,
        for_: timedelta = timedelta(hours=6),
        longest: timedelta = timedelta(days=7),
    ) -> ServiceBlocked:
        """Leave the service alone for hours; return the error to raise.

        For answers that are a challenge instead of content. Every further block within a day of
        the last doubles the time, up to *longest*.
        """
        message = f"{self.service}: {reason}"
        after = await self.limits.trip(self.name, for_, message, longest=longest)
        return ServiceBlocked(message, after=max(after, timedelta(seconds=1)))

    async def _wait_for_slot(self) -> None:
        pace = self._pace
        if pace is not None:
            await self.limits.slot(
                self.name, every=pace.every, burst=pace.burst, patience=pace.patience
            )

    async def _exchange(
        self, request: httpx.Request, asked: str, deadline: float, largest: int
    ) -> Answer:
        """Send the request; a GET whose connection broke is sent once more, at its own pace."""
        async with asyncio.timeout(deadline):
            try:
                return await _exchange(self._http, request, asked, largest)
            except httpx.TransportError as error:
                if request.method not in _REPEATABLE or not _broke(error):
                    raise
            await self._wait_for_slot()
            return await _exchange(self._http, request, asked, largest)

    async def _answered(self, circuit: Circuit) -> None:
        """Write down that the service answered, when that is news."""
        if circuit.failures or circuit.opened or circuit.stale:
            await self.limits.succeeded(self.name)


def user_agent(contact: str = "") -> str:
    """Return what we call ourselves, honestly; *contact* is an address or page."""
    return f"Bookrunner/{version('bookrunner')}" + (f" (+{contact})" if contact else "")


async def _exchange(
    client: httpx.AsyncClient, request: httpx.Request, asked: str, largest: int
) -> Answer:
    """Send one request and read its whole answer; httpx's errors pass."""
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > largest:
                raise UnexpectedAnswer(f"{asked}: more than {largest:,} bytes")
    finally:
        await response.aclose()
    plain = decoded(bytes(body), response.headers, asked, largest)
    return Answer(response.status_code, response.headers, plain, asked)


def _broke(error: httpx.TransportError) -> bool:
    """Say whether a connection that stood was cut, rather than refused, garbled or too slow."""
    if isinstance(error, httpx.RemoteProtocolError):
        return "without sending" in str(error)  # httpcore's and h11's words for an early end
    return isinstance(error, (httpx.ReadError, httpx.WriteError, httpx.CloseError))


@contextlib.contextmanager
def _translated(asked: str, deadline: float) -> Iterator[None]:
    """Raise httpx's errors as ours; their texts may quote headers and are not taken over."""
    try:
        yield
    except TimeoutError:
        raise ServiceDown(f"{asked}: no whole answer within {deadline:g} s") from None
    except httpx.TimeoutException:
        raise ServiceDown(f"{asked}: no connection in time") from None
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL):
        raise BadInput(
            f"{asked}: the address or a credential is not one that HTTP allows"
        ) from None
    except httpx.TransportError as error:
        if isinstance(error, httpx.RemoteProtocolError) and not _broke(error):
            raise UnexpectedAnswer(f"{asked}: no HTTP came back: {error}") from None
        what = "the connection broke" if _broke(error) else "cannot connect"
        raise ServiceDown(f"{asked}: {what}: {error}") from None


__all__ = ["Answer", "Pace", "Remote", "user_agent"]
