"""Where we connect to: the check sits at the address that is really dialled.

Redirects, odd spellings of an address and names that change their address between two look-ups
(DNS rebinding) all end here. Home services live on private addresses, so those can not be refused
when the user configured them; link-local addresses, with the metadata services of clouds among
them, always are.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx

from pipeline.errors import Unsafe

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
# Whether private addresses may be dialled: all, none, or those of some networks.
Private = bool | tuple[Network, ...]
_NEVER = [
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",  # link-local, metadata services
        "fe80::/10",
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",  # multicast
        "ff00::/8",
        "240.0.0.0/4",  # reserved, broadcast
        "100.100.100.200/32",  # Alibaba's metadata service
        "192.0.0.192/32",  # Oracle's
        "fd00:ec2::254/128",  # Amazon's
    )
]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CONNECT_SECONDS = 10.0


def networks(text: str) -> tuple[Network, ...]:
    """Read networks that are separated by commas; raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(each.strip()) for each in text.split(",") if each.strip())


def allowed(address: str, *, private: Private) -> bool:
    """Say whether an IP address may be dialled.

    *private* lets private and loopback ones pass: all of them, none, or those of some networks.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
        ip = ip.ipv4_mapped or ip.sixtofour or inner or ip
    if any(ip.version == network.version and ip in network for network in _NEVER):
        return False
    if private is True or ip.is_global:
        return True
    return any(ip.version == net.version and ip in net for net in private or ())


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
