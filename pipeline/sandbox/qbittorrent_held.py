"""One torrent of the qBittorrent stand-in: how it goes on with time, and what it leaves on disk."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pipeline.domain.torrents import AUDIO, DANGEROUS, Magnet, Metainfo, extension, read
from pipeline.sandbox.audio import write_m4b, write_mp3

APPEARS = 0.1  # seconds from the answer to an addition until the torrent is listed
CHECKS = 0.2  # seconds more in checkingResumeData, also after a restart
HALFWAY = 0.5  # where a problem stops a download at the latest
BYTES_A_SECOND = 8_000  # of playing time, where nobody says how long the audio is
INFINITE = 8_640_000
MPEG4 = frozenset({"m4a", "m4b", "mp4"})
BEGINNINGS = {"jpg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-1.4\n"}
PROGRAM = b"MZ\x90\x00"


@dataclass
class Faults:
    """What goes wrong on purpose; everything is well as it stands.

    `unavailable` answers 503 to everything, `refuses` refuses every addition, `swallows` says yes
    to additions that then never appear. `tracker` is the reason with which every tracker refuses,
    `unreachable` the words of a line on which none is reached; both hold up what is not done yet.
    `stops_at` is the share (0 to 1) at which every download stands still. `disk_full` ends
    downloads in error, `missing` takes finished files away, `moving` keeps finished torrents on
    their way.
    """

    unavailable: bool = False
    refuses: bool = False
    swallows: bool = False
    tracker: str = ""
    unreachable: str = ""
    stops_at: float = 1.0
    disk_full: bool = False
    missing: bool = False
    moving: bool = False


class Payload(Protocol):
    """What the data of a torrent is; an `Offer` of the catalogue fits."""

    @property
    def title(self) -> str:
        """The book's title."""
        ...

    @property
    def authors(self) -> tuple[str, ...]:
        """Who wrote it."""
        ...

    @property
    def narrators(self) -> tuple[str, ...]:
        """Who reads it."""
        ...

    @property
    def minutes(self) -> int:
        """How long all its audio plays together."""
        ...

    @property
    def fault(self) -> str:
        """What is wrong with it: "", "stalled", "dead", "executable" or "short"."""
        ...


@dataclass
class Held:
    """A torrent in the client. `ran` is the seconds that it was under way before `since`."""

    metainfo: Metainfo | None
    magnet: Magnet | None
    data: bytes
    save_path: str
    category: str
    auto: bool
    tags: list[str]
    name: str
    private: bool
    added_on: float
    ran: float = 0.0
    since: float | None = None
    done_at: float | None = None
    checking_until: float = 0.0
    problem: str = ""
    payload: Payload | None = None
    limits: dict[str, int] = field(default_factory=dict)

    @property
    def hashes(self) -> tuple[str | None, str | None]:
        """The infohashes of both versions."""
        about = self.metainfo or self.magnet
        return (about.infohash_v1, about.infohash_v2) if about else (None, None)

    @property
    def hash(self) -> str:
        """The client's name for it: of a hybrid, the second version's hash cut short."""
        v1, v2 = self.hashes
        return v2[:40] if v2 else v1 or ""

    @property
    def size(self) -> int:
        """Bytes; 0 while they are not known."""
        return self.metainfo.size if self.metainfo else 0

    @property
    def fault(self) -> str:
        """What its payload says is wrong with it."""
        return self.payload.fault if self.payload else ""

    def is_paused(self) -> bool:
        """Whether it was stopped."""
        return self.since is None

    def pause(self, now: float) -> None:
        """Stop it; the time that it ran is kept."""
        if self.since is not None:
            self.ran += now - self.since
            self.since = None

    def resume(self, now: float) -> None:
        """Let it run; a problem whose cause has gone is forgotten."""
        self.problem = ""
        if self.since is None:
            self.since = now

    def progress(self, now: float, seconds: float) -> float:
        """Return the share that is here, of a download that takes *seconds*."""
        if self.done_at is not None:
            return 1.0
        if self.metainfo is None or self.fault in {"stalled", "dead"}:
            return 0.0
        ran = self.ran + (now - self.since if self.since is not None else 0.0)
        return min(max(ran - APPEARS - CHECKS, 0.0) / seconds, HALFWAY if self.problem else 1.0)

    def content_path(self) -> str:
        """Return the file, or the folder of several; empty without metadata."""
        if self.metainfo is None:
            return ""
        paths = [path for path, _ in self.metainfo.files]
        return f"{self.save_path}/{paths[0] if len(paths) == 1 else self.metainfo.name}"

    def write(self) -> None:
        """Put its files on the disk, each as large and as long as promised."""
        if self.metainfo is None:
            return
        audio = sum(size for path, size in self.metainfo.files if extension(path) in AUDIO)
        minutes = self.payload.minutes if self.payload else 0
        seconds = minutes * 60 or audio // BYTES_A_SECOND
        names = [path for path, _ in self.metainfo.files]
        lies = self.fault == "executable" and not any(extension(n) in DANGEROUS for n in names)
        for path, size in self.metainfo.files:
            target = Path(self.save_path, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            if extension(path) in AUDIO and not lies:
                self._write_audio(target, size, max(1, seconds * size // max(audio, 1)))
            else:
                _write_other(target, size, PROGRAM if lies else b"")

    def remove_files(self) -> None:
        """Take its files from the disk; the real one leaves empty folders too."""
        for path, _ in self.metainfo.files if self.metainfo else ():
            Path(self.save_path, path).unlink(missing_ok=True)

    def _write_audio(self, target: Path, size: int, seconds: int) -> None:
        tags = {"title": target.stem, "album": self.name}
        if self.payload:
            author = ", ".join(self.payload.authors)
            tags |= {"album": self.payload.title, "artist": author, "albumartist": author}
            tags |= {"composer": ", ".join(self.payload.narrators)}
        write = write_m4b if extension(target.name) in MPEG4 else write_mp3
        write(target, seconds=seconds, size=size, tags=tags)

    def to_json(self, now: float) -> dict[str, Any]:
        """Return what a later start needs to carry on."""
        kept = ("save_path", "category", "auto", "tags", "name", "added_on", "done_at", "problem")
        ran = self.ran + (now - self.since if self.since is not None else 0.0)
        link = self.magnet.link if self.magnet else ""
        return {name: getattr(self, name) for name in kept} | {
            "data": base64.b64encode(self.data).decode(),
            "magnet": link,
            "ran": ran,
            "paused": self.is_paused(),
            "limits": self.limits,
        }


def _write_other(target: Path, size: int, beginning: bytes) -> None:
    kind = extension(target.name)
    head = beginning or (PROGRAM if kind in DANGEROUS else BEGINNINGS.get(kind, b""))
    with target.open("wb") as file:
        file.write(head[:size])
        file.truncate(size)


def read_held(
    kept: dict[str, Any],
    magnet: Callable[[str], Magnet],
    payload: Callable[[str], Payload | None],
    now: float,
) -> Held:
    """Make of a torrent kept by `Held.to_json` what it is after a restart."""
    data = base64.b64decode(kept.pop("data"))
    link, paused = kept.pop("magnet"), kept.pop("paused")
    held = Held(
        metainfo=read(data) if data else None,
        magnet=magnet(link) if link else None,
        data=data,
        private=bool(data) and read(data).private,
        since=None if paused else now,
        checking_until=now + CHECKS,
        **kept,
    )
    held.payload = payload(held.hashes[0] or held.hash)
    return held
