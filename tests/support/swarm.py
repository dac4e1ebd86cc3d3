"""A real swarm on loopback: two qBittorrents, a private tracker of our own, real data.

    async with Swarm(tmp_path) as swarm:
        write_m4b(swarm.seeds / "Book" / "Book.m4b", ...)
        torrent = await swarm.seed(swarm.seeds / "Book")
        # hand `torrent` to the leecher at swarm.leecher_url, as swarm.username, swarm.password
        await swarm.limit(50_000); await swarm.restart_leecher(kill=True)

Finished data lies below `swarm.downloads`. Needs Debian's `qbittorrent-nox`; skips without it.

The clients speak TCP only. A SIGKILL leaves uTP connections open at the other end, which takes the
new one of the same address for a twin, so that both would wait for minutes.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import struct
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import httpx
import pytest

from pipeline.domain import torrents
from pipeline.domain.bencode import encode
from pipeline.sandbox.torrents import torrent_of

PROGRAM = shutil.which("qbittorrent-nox")
USERNAME = "admin"
PASSWORD = "swarm-password"
PASSKEY = "0123456789abcdef"
WITHIN = 30.0  # seconds for anything to happen here

CONFIG = """
[LegalNotice]
Accepted=true

[BitTorrent]
Session\\DHTEnabled=false
Session\\LSDEnabled=false
Session\\PeXEnabled=false
Session\\Interface=lo
Session\\InterfaceName=lo
Session\\InterfaceAddress=127.0.0.1
Session\\MultiConnectionsPerIp=true
Session\\BTProtocol=TCP
Session\\SSRFMitigation=false
Session\\Port={peer_port}
Session\\DefaultSavePath={downloads}
Session\\SaveResumeDataInterval=1
Session\\QueueingSystemEnabled=false

[Network]
PortForwardingEnabled=false

[Preferences]
WebUI\\Address=127.0.0.1
WebUI\\Port={port}
WebUI\\Username={username}
WebUI\\Password_PBKDF2="@ByteArray({password})"
WebUI\\UseUPnP=false
"""


def free_port() -> int:
    """Return a port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tracker:
    """An HTTP tracker (BEP 3, compact answers of BEP 23) that knows registered torrents only."""

    def __init__(self) -> None:
        self.registered: set[bytes] = set()
        self.failure: str | None = None  # answered to everybody while set
        self.failures: dict[str, str] = {}  # by infohash, answered to whoever asks for it
        self.broken = False  # answers 500 while set
        self.announces: list[dict[str, str]] = []
        self._peers: dict[bytes, dict[tuple[str, int], bool]] = {}
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.port = 0

    @property
    def announce_url(self) -> str:
        """The address that torrents name; holds a passkey, as private trackers' do."""
        return f"http://127.0.0.1:{self.port}/{PASSKEY}/announce"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def wait_for_seeder(self, infohash: str) -> None:
        """Return once somebody has said that they have everything."""
        wanted = bytes.fromhex(infohash)
        async with asyncio.timeout(WITHIN), self._news:
            await self._news.wait_for(lambda: any(self._peers.get(wanted, {}).values()))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            host = writer.get_extra_info("peername")[0]
            body = encode(self._answer(head.split(b" ")[1].decode("ascii"), host))
            status = b"500 Internal Server Error" if self.broken else b"200 OK"
            writer.write(
                b"HTTP/1.1 %b\r\nContent-Type: text/plain\r\nConnection: close\r\n" % status
            )
            writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            async with self._news:
                self._news.notify_all()
        writer.close()

    def _answer(self, target: str, host: str) -> dict[str, object]:
        url = urlsplit(target)
        asked = dict(parse_qsl(url.query, encoding="latin-1"))
        raw = next((p[10:] for p in url.query.split("&") if p.startswith("info_hash=")), "")
        infohash = unquote_to_bytes(raw)
        self.announces.append(asked)
        if reason := self.failure or self.failures.get(infohash.hex()):
            return {"failure reason": reason}
        if url.path != f"/{PASSKEY}/announce" or infohash not in self.registered:
            return {"failure reason": "Unregistered torrent"}
        peers = self._peers.setdefault(infohash, {})
        own = (host, int(asked["port"]))
        if asked.get("event") == "stopped":
            peers.pop(own, None)
        else:
            peers[own] = asked.get("left") == "0"
        others = [socket.inet_aton(h) + struct.pack(">H", p) for h, p in peers if (h, p) != own]
        return {"interval": 300, "peers": b"".join(others)}


class Client:
    """One qbittorrent-nox with a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads = folder / "downloads"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None
        self._write_config()

    def _write_config(self) -> None:
        self.downloads.mkdir(parents=True)
        config = self.folder / "qBittorrent" / "config" / "qBittorrent.conf"
        config.parent.mkdir(parents=True)
        salt = os.urandom(16)
        key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 100_000)
        secret = f"{base64.b64encode(salt).decode()}:{base64.b64encode(key).decode()}"
        text = CONFIG.format(
            port=self.port,
            peer_port=free_port(),
            downloads=self.downloads,
            username=USERNAME,
            password=secret,
        )
        config.write_text(text)

    async def start(self) -> None:
        home = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "LANG": "C.UTF-8"}
        self._process = await asyncio.create_subprocess_exec(
            PROGRAM or "qbittorrent-nox",
            f"--profile={self.folder}",
            env={"PATH": os.environ["PATH"], **home},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(WITHIN), httpx.AsyncClient(trust_env=False) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await http.get(self.url)
                    return
                if self._process.returncode is not None:
                    raise RuntimeError(f"qbittorrent-nox ended with {self._process.returncode}")
                await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            async with asyncio.timeout(WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def post(self, action: str, **form: object) -> str:
        """Ask for what only a test wants, in a session of its own."""
        async with httpx.AsyncClient(base_url=f"{self.url}/api/v2/", trust_env=False) as http:
            login = {"username": USERNAME, "password": PASSWORD}
            (await http.post("auth/login", data=login)).raise_for_status()
            files = form.pop("files", None)
            answer = await http.post(action, data=form, files=files)
            return answer.raise_for_status().text


class Swarm:
    """A seeder, a leecher and their tracker, for as long as a block lasts."""

    username = USERNAME
    password = PASSWORD

    def __init__(self, folder: Path) -> None:
        if PROGRAM is None:
            pytest.skip("qbittorrent-nox is not installed")
        self.tracker = Tracker()
        self.seeder = Client(folder / "seeder")
        self.leecher = Client(folder / "leecher")
        self.seeds = self.seeder.downloads
        self.downloads = self.leecher.downloads
        self.infohashes: list[str] = []  # in the order in which they were registered
        self._limit = 0

    @property
    def leecher_url(self) -> str:
        """Address of the leecher's web interface."""
        return self.leecher.url

    async def __aenter__(self) -> Self:
        await self.tracker.start()
        try:
            await asyncio.gather(self.seeder.start(), self.leecher.start())
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self.seeder.stop(), self.leecher.stop())
        await self.tracker.stop()

    def register(self, content: Path, **more: object) -> bytes:
        """Return the .torrent of *content*, which the tracker knows from now on."""
        data = torrent_of(content, announce=self.tracker.announce_url, **more)
        self.infohashes.append(torrents.read(data).infohash)
        self.tracker.registered.add(bytes.fromhex(self.infohashes[-1]))
        return data

    async def seed(self, content: Path, *, private: bool = True, comment: str = "") -> bytes:
        """Seed a file or folder of `seeds`; return its .torrent once the tracker knows a seeder.

        The seeder has to announce first: libtorrent asks a tracker again in 300 s at the soonest.
        """
        data = self.register(content, private=private, comment=comment)
        file = ("a.torrent", data, "application/x-bittorrent")
        await self.seeder.post(
            "torrents/add", files={"torrents": file}, savepath=str(content.parent), autoTMM="false"
        )
        await self.tracker.wait_for_seeder(torrents.read(data).infohash)
        return data

    async def limit(self, bytes_per_second: int) -> None:
        """Hold the leecher's downloads to a speed, over its restarts too; 0 lets go."""
        self._limit = bytes_per_second
        await self.leecher.post("transfer/setDownloadLimit", limit=bytes_per_second)

    async def restart_leecher(self, *, kill: bool = False) -> None:
        """End the leecher, by SIGKILL or politely, and start it again on the same port."""
        await self.leecher.stop(signal.SIGKILL if kill else signal.SIGTERM)
        await self.leecher.start()
        await self.limit(self._limit)
