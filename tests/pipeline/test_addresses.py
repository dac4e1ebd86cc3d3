import pytest

from pipeline.addresses import allowed


@pytest.mark.parametrize(
    ("address", "at_home", "abroad"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1111", True, True),
        ("127.0.0.1", True, False),
        ("::1", True, False),
        ("192.168.1.5", True, False),
        ("10.0.0.1", True, False),
        ("172.16.0.1", True, False),
        ("100.64.0.1", True, False),  # carrier-grade NAT, and Tailscale
        ("fd12::1", True, False),
        ("::ffff:127.0.0.1", True, False),
        ("2002:7f00:1::", True, False),  # 6to4 of 127.0.0.1
        ("64:ff9b::7f00:1", True, False),  # NAT64 of it
        ("169.254.169.254", False, False),
        ("169.254.0.1", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("2002:a9fe:a9fe::", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("fd00:ec2::254", False, False),
        ("100.100.100.200", False, False),
        ("192.0.0.192", False, False),
        ("0.0.0.0", False, False),  # noqa: S104  # an address that is refused
        ("0.1.2.3", False, False),
        ("::", False, False),
        ("224.0.0.251", False, False),
        ("ff02::fb", False, False),
        ("255.255.255.255", False, False),
    ],
)
def test_where_we_go_at_home_and_abroad(address, at_home, abroad):
    assert allowed(address, private=True) is at_home
    assert allowed(address, private=False) is abroad
