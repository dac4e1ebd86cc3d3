import asyncio
import datetime as dt
import ssl

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline import guard
from pipeline.errors import ServiceDown, Unsafe
from pipeline.remote import Remote


async def test_the_next_address_is_tried_when_one_does_not_answer(monkeypatch):
    accepted = []

    async def accept(_, writer):
        accepted.append(1)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def two(host, port, **how):
        return [a for ip in ("127.0.0.2", "127.0.0.1") for a in await real(ip, port, **how)]

    monkeypatch.setattr(loop, "getaddrinfo", two)
    stream = await guard._GuardedNetwork(private=True).connect_tcp("nas.test", port, timeout=2)
    await stream.aclose()
    server.close()
    await server.wait_closed()

    assert accepted == [1]


async def test_a_name_without_an_address_and_a_socket_file_are_refused(monkeypatch):
    network = guard._GuardedNetwork(private=True)
    with pytest.raises(Unsafe):
        await network.connect_unix_socket("/run/docker.sock")
    with pytest.raises(httpcore.ConnectError):
        await network.connect_tcp("a" * 70 + ".test", 80)


def _certificate(name, key):
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )


@pytest.fixture
async def secure(tmp_path, monkeypatch):
    """The port of a server for books.test on loopback, whose certificate is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = _certificate("books.test", key).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "both.pem").write_bytes(pem + secret)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(tmp_path / "both.pem")
    ours = ssl.create_default_context(cadata=pem.decode())
    monkeypatch.setattr(guard, "_certificates", lambda: ours)
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def at_home(_, port, **how):
        return await real("127.0.0.1", port, **how)

    monkeypatch.setattr(loop, "getaddrinfo", at_home)

    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=theirs)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_the_certificate_is_checked_against_the_name_not_the_address(secure):
    async with Remote("books", f"https://books.test:{secure}") as remote:
        assert (await remote.ask("GET", "/")).json() == {}


async def test_another_name_than_the_certificates_is_refused(secure):
    async with Remote("books", f"https://other.test:{secure}") as remote:
        with pytest.raises(ServiceDown, match="certificate"):
            await remote.ask("GET", "/")
