"""Hostile HTTP peers on loopback: one behaviour per path, written by hand on the bare socket."""

import asyncio
import contextlib
import gzip
import socket
import struct
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


def whole(body, extra=b"", status=b"200 OK"):
    head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n" + extra
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


_START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_MAGNET = b"magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
FIXED = {
    "ok": whole(b'{"a":1}'),
    "latin": whole(b"caf\xe9", b"Content-Type: text/html; charset=latin-1\r\n"),
    "not_json": whole(b"<html><title>Sign in</title>"),
    "deep": whole(b"[" * 100_000),
    "created": whole(b"{}", status=b"201 Created"),
    "challenge": whole(b"", status=b"202 Accepted"),
    "redirect_file": whole(b"", b"Location: file:///etc/passwd\r\n", b"302 Found"),
    "redirect_magnet": whole(b"", b"Location: " + _MAGNET + b"\r\n", b"301 Moved"),
    "redirect_metadata": whole(b"", b"Location: http://169.254.169.254/x\r\n", b"302 Found"),
    "bad_request": whole(b'{"error":"no such filter"}', status=b"400 Bad Request"),
    "unauthorised": whole(b"", status=b"401 Unauthorized"),
    "forbidden": whole(b"Forbidden", status=b"403 Forbidden"),
    "missing": whole(b"Not Found", status=b"404 Not Found"),
    "broken": whole(b"boom", status=b"500 Internal Server Error"),
    "maintenance": whole(b"", b"Retry-After: 120\r\n", b"503 Service Unavailable"),
    "slow_down": whole(b"", b"Retry-After: 1\r\n", b"429 Too Many"),
    "slow_down_for_ages": whole(b"", b"Retry-After: 99999999999999\r\n", b"429 Too Many"),
    "slow_down_somehow": whole(b"", b"Retry-After: soon\r\n", b"429 Too Many"),
    "cut": _START + b"Content-Length: 100\r\n\r\n{",
    "bad_gzip": whole(b"notgzip", b"Content-Encoding: gzip\r\n"),
    "odd_coding": whole(b"{}", b"Content-Encoding: br\r\n"),
    "gzip": whole(gzip.compress(b'{"a":1}'), b"Content-Encoding: gzip\r\n"),
    "bomb": whole(gzip.compress(b"0" * (64 << 20), 9), b"Content-Encoding: gzip\r\n"),
    "noise": b"\x00\xff\x13SSH-2.0-OpenSSH\r\n\r\n",
    "two_lengths": _START + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}xxx",
    "many_headers": _START + b"".join(b"X-%d: %b\r\n" % (i, b"y" * 1000) for i in range(2000)),
    "closes": b"",
    "rotates_and_breaks": whole(
        b"", b"Set-Cookie: mam_id=the-next-session; path=/\r\n", b"500 Internal Server Error"
    ),
    "deletes_session": whole(b"{}", b"Set-Cookie: mam_id=deleted; path=/\r\n"),
    "cookie": whole(b"{}", b"Set-Cookie: SID=secret-session; HttpOnly; path=/\r\n"),
}


class Hostile:
    """A server whose path names its misbehaviour; `asked` counts, `heads` keeps what came."""

    def __init__(self):
        self.asked = Counter()
        self.heads = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._tasks = set()
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        what = head.split()[1].split("?")[0].strip("/")
        self.asked[what] += 1
        self.heads.append(head)
        if what in FIXED:
            writer.write(FIXED[what])
            await writer.drain()
        else:
            await getattr(self, f"_{what}")(writer)

    async def _until(self, writer):
        """Ask for patience until a date."""
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True).encode()
        writer.write(whole(b"", b"Retry-After: " + date + b"\r\n", b"429 Too Many"))
        await writer.drain()

    async def _rotates_and_drips(self, writer):
        await self._drip(writer, b"Set-Cookie: mam_id=the-next-session; path=/\r\n")

    async def _drip(self, writer, head=b""):
        writer.write(_START + head + b"\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def _drip_head(self, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-A: b\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def _endless(self, writer):
        writer.write(_START + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()

    async def _hang(self, _):
        await asyncio.sleep(60)

    async def _reset(self, writer):
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    async def _reset_once(self, writer):
        if self.asked["reset_once"] == 1:
            await self._reset(writer)
        else:
            writer.write(whole(b"{}"))
            await writer.drain()
