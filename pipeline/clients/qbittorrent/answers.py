"""What qBittorrent answers, read into our nouns; pure, and the same for every version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from pipeline.domain.transfers import Properties, State, Torrent, TorrentFile, Tracker
from pipeline.errors import UnexpectedAnswer
from pipeline.remote import Answer

INFINITE = 8_640_000  # qBittorrent's eta when it knows none
STATES = {  # of every version; an unknown one is told as such
    "allocating": State.CHECKING,
    "checkingResumeData": State.CHECKING,
    "checkingDL": State.CHECKING,
    "checkingUP": State.CHECKING,
    "moving": State.MOVING,
    "missingFiles": State.MISSING,
    "error": State.ERROR,
    "metaDL": State.METADATA,
    "forcedMetaDL": State.METADATA,
    "downloading": State.DOWNLOADING,
    "forcedDL": State.DOWNLOADING,
    "stalledDL": State.STALLED,
    "queuedDL": State.QUEUED,
    "pausedDL": State.PAUSED,
    "stoppedDL": State.PAUSED,
    "uploading": State.COMPLETED,
    "stalledUP": State.COMPLETED,
    "forcedUP": State.COMPLETED,
    "queuedUP": State.COMPLETED,
    "pausedUP": State.COMPLETED,
    "stoppedUP": State.COMPLETED,
}
# 4 not working; since 5.2 also 5 (the tracker gave a reason) and 6 (it could not be reached).
FAILING = frozenset({4, 5, 6})
WORKING, OUT_OF_REACH = 2, 6


@dataclass(frozen=True, slots=True)
class Version:
    """qBittorrent's own version as it prints it, and that of its Web API."""

    app: str
    api: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SyncState:
    """All torrents of the client as of one poll; hand it to the next poll.

    `free_space` is bytes on the disk of the default save path.
    """

    session: int
    rid: int
    polls: int
    free_space: int | None
    rows: Mapping[str, Mapping[str, Any]]

    @property
    def torrents(self) -> tuple[Torrent, ...]:
        """Every torrent, of any category."""
        return tuple(map(read_torrent, self.rows.values()))

    def torrent(self, infohash: str) -> Torrent | None:
        """Return the torrent of that infohash, if the client has it."""
        row = self.rows.get(infohash)
        if row is not None:
            return read_torrent(row)
        return next((t for t in self.torrents if t.answers_to(infohash)), None)


def merge(known: SyncState | None, answer: Any, session: int) -> SyncState:
    """Return *known* with what `sync/maindata` answered; raises UnexpectedAnswer.

    An answer holds changes only, field by field, unless it says `full_update`: qBittorrent does so
    whenever the `rid` it was asked with is not the last that it gave to this session.
    """
    said = _fields(answer, "sync")
    rid = said.get("rid")
    if not isinstance(rid, int):
        raise UnexpectedAnswer("qBittorrent: sync: no rid")
    if said.get("full_update") is True:
        known = None
    elif known is None:
        raise UnexpectedAnswer("qBittorrent: sync: changes to a list that we do not have")
    rows = dict(known.rows) if known else {}
    for key, changed in _fields(said.get("torrents", {}), "sync").items():
        row = {**rows.get(key, {}), **_fields(changed, "sync"), "hash": key}
        rows[key] = {name: value for name, value in row.items() if name in READ}
    for key in said.get("torrents_removed", ()):
        rows.pop(key, None)
    free = _fields(said.get("server_state", {}), "sync").get("free_space_on_disk")
    return SyncState(
        session=session,
        rid=rid,
        polls=known.polls + 1 if known else 0,
        free_space=free if isinstance(free, int) else known.free_space if known else None,
        rows=rows,
    )


def read_torrents(answer: Any) -> tuple[Torrent, ...]:
    """Read the answer of `torrents/info`; raises UnexpectedAnswer."""
    return tuple(map(read_torrent, _rows(answer, "torrents")))


def read_torrent(row: Mapping[str, Any]) -> Torrent:
    """Read one torrent of `torrents/info` or `sync/maindata`; raises UnexpectedAnswer."""
    row = _fields(row, "torrents")
    try:
        state = row["state"]
        return Torrent(
            hash=row["hash"],
            infohash_v1=row["infohash_v1"] or None,
            infohash_v2=row["infohash_v2"] or None,
            name=row["name"],
            state=STATES.get(state, State.UNKNOWN),
            raw_state=state,
            progress=float(row["progress"]),
            completed=int(row["completed"]),
            size=max(int(row["size"]), 0),
            save_path=row["save_path"],
            content_path=_absolute(row["content_path"]),
            category=row["category"],
            tags=frozenset(filter(None, row["tags"].split(", "))),
            ratio=float(row["ratio"]),
            seeding_time=int(row["seeding_time"]),
            added_on=_moment(row["added_on"]),
            completion_on=_moment(row["completion_on"]),
            eta=None if row["eta"] >= INFINITE else int(row["eta"]),
            speed=int(row["dlspeed"]),
            seeds=int(row["num_seeds"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnexpectedAnswer(f"qBittorrent: torrents: a row without {error}") from error


# The fields of a row that are read: all that a state of the synchronisation keeps of it.
READ = frozenset(
    """
    hash infohash_v1 infohash_v2 name state progress completed size save_path content_path category
    tags ratio seeding_time added_on completion_on eta dlspeed num_seeds
    """.split()  # noqa: SIM905  # a list of nineteen quoted names reads worse
)


def read_files(answer: Any) -> tuple[TorrentFile, ...]:
    """Read the answer of `torrents/files`; raises UnexpectedAnswer."""
    try:
        return tuple(
            TorrentFile(row["name"], int(row["size"]), float(row["progress"]), row["priority"] > 0)
            for row in _rows(answer, "files")
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"qBittorrent: files: a row without {error}") from error


def read_trackers(answer: Any) -> tuple[Tracker, ...]:
    """Read the answer of `torrents/trackers`, without its rows for DHT, PeX and LSD."""
    try:
        return tuple(
            Tracker(
                _host(row["url"]),
                is_failing=row["status"] in FAILING,
                message=row["msg"],
                is_working=row["status"] == WORKING,
                is_out_of_reach=row["status"] == OUT_OF_REACH,
            )
            for row in _rows(answer, "trackers")
            if not row["url"].startswith("** [")
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UnexpectedAnswer(f"qBittorrent: trackers: a row without {error}") from error


def read_properties(answer: Any) -> Properties:
    """Read the answer of `torrents/properties`; raises UnexpectedAnswer."""
    row = _fields(answer, "properties")
    try:
        return Properties(
            save_path=row["save_path"],
            private=row.get("private", row.get("is_private")),
            comment=row["comment"],
            ratio=float(row["share_ratio"]),
            seeding_time=int(row["seeding_time"]),
            piece_size=max(int(row["piece_size"]), 0),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(f"qBittorrent: properties: no {error}") from error


def read_version(app: str, api: str) -> Version:
    """Read the answers of `app/version` and `app/webapiVersion`; raises UnexpectedAnswer."""
    parts = api.strip().split(".")
    if not all(part.isdecimal() for part in parts):
        raise UnexpectedAnswer(f"qBittorrent: version: {api[:40]!r}")
    return Version(app.strip(), tuple(map(int, parts)))


def was_added(answer: Answer) -> bool:
    """Read the answer to an addition: `Ok.` or `Fails.` before 5.2, then counts in JSON or 409."""
    if answer.status == HTTPStatus.CONFLICT:
        return False
    if answer.body.lstrip()[:1] == b"{":
        counts = _fields(answer.json(), "add")
        return bool(counts.get("success_count") or counts.get("pending_count"))
    return answer.text.strip() != "Fails."


def _fields(value: Any, asked: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnexpectedAnswer(f"qBittorrent: {asked}: {type(value).__name__} instead of an object")
    return value


def _rows(value: Any, asked: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise UnexpectedAnswer(f"qBittorrent: {asked}: {type(value).__name__} instead of a list")
    return value


def _moment(seconds: int) -> datetime | None:
    """Return a moment; there is none when 4.x says 0, or 5.x -1."""
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None


def _absolute(path: str) -> str | None:
    """Return a path that is whole: 4.5 gives a bare name while it checks its resume data."""
    return path if path[:1] in {"/", "\\"} or path[1:2] == ":" else None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
