"""What a download client tells of the torrents that it holds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """What a torrent is doing, over the names that versions of clients have for it."""

    QUEUED = "queued"
    METADATA = "metadata"  # a magnet link that has not found out what it stands for
    CHECKING = "checking"
    DOWNLOADING = "downloading"
    STALLED = "stalled"
    PAUSED = "paused"
    MOVING = "moving"
    COMPLETED = "completed"  # seeding, or done and stopped
    MISSING = "missing"  # its files are gone from the disk
    ERROR = "error"  # the disk is full, or the folder cannot be written
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Torrent:
    """One torrent. Sizes in bytes, `progress` and `ratio` as fractions, times in seconds.

    `hash` is the client's own name for it; `infohash` ours, SHA-1 where there is one. `progress`
    and `completed` count selected files only and may fall: after a restart, on a recheck. To see a
    stall, watch `completed`; the state lags half a minute behind. `content_path` is None while it
    cannot be told; join `save_path` with the paths of the files instead, for it is the whole
    download folder when a torrent was added without a folder of its own.
    """

    hash: str
    infohash_v1: str | None
    infohash_v2: str | None
    name: str
    state: State
    raw_state: str
    progress: float
    completed: int
    size: int
    save_path: str
    content_path: str | None
    category: str
    tags: frozenset[str]
    ratio: float
    seeding_time: int
    added_on: datetime | None
    completion_on: datetime | None
    eta: int | None
    speed: int
    seeds: int

    @property
    def infohash(self) -> str:
        """40 hex digits, as `Metainfo.infohash` has them."""
        return self.infohash_v1 or self.hash

    @property
    def is_done(self) -> bool:
        """Whether every selected byte is here, checked, and in its final place."""
        return self.state is State.COMPLETED and self.progress == 1

    def answers_to(self, infohash: str) -> bool:
        """Tell whether *infohash* (v1, or v2 whole or cut to 40 digits) is this torrent's."""
        wanted = infohash.lower()
        own = {self.hash, self.infohash_v1, self.infohash_v2, (self.infohash_v2 or "")[:40]}
        return bool(wanted) and wanted in own


@dataclass(frozen=True, slots=True)
class TorrentFile:
    """One file of a torrent; `path` is below its save path, `is_wanted` unless deselected."""

    path: str
    size: int
    progress: float
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Tracker:
    """One tracker of a torrent, by its host only: the address may hold a passkey."""

    host: str
    is_failing: bool
    message: str
    is_working: bool = False
    is_out_of_reach: bool = False  # told by newer clients only; others say so in the message


@dataclass(frozen=True, slots=True)
class Properties:
    """What is told of one torrent only on asking. `seeding_time` in seconds."""

    save_path: str
    private: bool | None
    comment: str
    ratio: float
    seeding_time: int
    piece_size: int
