"""Which addresses may be dialled: those of a home, those abroad, and those that never are."""

import ipaddress

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
