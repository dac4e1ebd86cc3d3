"""Where we connect to: the check sits at the address that is really dialled.

Redirects, odd spellings of an address and names that change their address between two look-ups
(DNS rebinding) all end here. Home services live on private addresses, so those can not be refused
when the user configured them; link-local addresses, with the metadata services of clouds among
them, always are.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from pipeline.addresses import Private, allowed
from pipeline.errors import Unsafe

_CONNECT_SECONDS = 10.0


class _GuardedNetwork(httpcore.AnyIOBackend):
    """Resolves a name once, and dials only addresses that were checked."""

    def __init__(self, *, private: Private) -> None:
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first checked address that answers; raises Unsafe when none is allowed."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"no address is known for {host}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        checked = [a for a in addresses if allowed(a, private=self._private)]
        if not checked:
            raise Unsafe(f"{host}: connect: its address is none that we go to")
        for address in checked[:-1]:
            try:
                return await super().connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await super().connect_tcp(checked[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Refuse: no service of ours is a file."""
        raise Unsafe("connect: a socket file is none that we go to")


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport on our network."""

    def __init__(self, *, private: Private) -> None:
        super().__init__(verify=_certificates(), trust_env=False)
        # httpx 0.28 offers no public way to pass a network; the version is pinned below 0.29.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_certificates(),
            max_connections=10,
            max_keepalive_connections=5,
            keepalive_expiry=5.0,
            network_backend=_GuardedNetwork(private=private),
        )


def guarded_client(
    base_url: str, headers: dict[str, str], *, private: Private
) -> httpx.AsyncClient:
    """Return an HTTP client that follows nothing, trusts no environment and asks the guard."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers=headers,
        transport=_GuardedTransport(private=private),
        timeout=httpx.Timeout(None, connect=_CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Return the certificates that we trust; reading them takes 20 ms, so they are read once."""
    return httpx.create_ssl_context(trust_env=False)
