"""Make .torrent files: for data that is on disk, and for data that nobody has yet."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.domain.bencode import encode

PIECE = 256 << 10  # bytes
MOST_PIECES = 1000  # pieces grow rather than become more
CREATED = 1_767_225_600  # 2026-01-01; the same torrent has the same bytes every time


def make_torrent(
    name: str,
    files: Sequence[tuple[str, int]],
    *,
    private: bool = True,
    comment: str = "",
    announce: str = "http://127.0.0.1:9/announce",
) -> bytes:
    """Make a torrent of *files* (path, bytes) whose piece hashes are made up.

    The paths are below the folder *name*, which they may begin with; a single file of the path
    *name* makes a torrent without a folder. Good for a stand-in only: no client will ever find
    data that fits.
    """
    files = [(path.removeprefix(f"{name}/"), size) for path, size in files]
    total = sum(size for _, size in files)
    piece = _piece_length(total)
    count = -(-total // piece)
    pieces = b"".join(_sha1(f"{name}/{number}".encode()) for number in range(count))
    return _torrent(name, files, piece, pieces, private, comment, announce)


def torrent_of(content: Path, *, announce: str, private: bool = True, comment: str = "") -> bytes:
    """Make the torrent of a file or folder on disk, with its true piece hashes."""
    paths = sorted(content.rglob("*")) if content.is_dir() else [content]
    paths = [path for path in paths if path.is_file()]
    root = content if content.is_dir() else content.parent
    files = [(path.relative_to(root).as_posix(), path.stat().st_size) for path in paths]
    piece = _piece_length(sum(size for _, size in files))
    pieces = b"".join(map(_sha1, _pieces(paths, piece)))
    return _torrent(content.name, files, piece, pieces, private, comment, announce)


def _piece_length(total: int) -> int:
    piece = PIECE
    while total > piece * MOST_PIECES:
        piece *= 2
    return piece


def _pieces(paths: Iterable[Path], size: int) -> Iterator[bytes]:
    """Cut the files, one after the other as if they were one, into pieces."""
    left = b""
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(size - len(left)):
                left += block
                if len(left) == size:
                    yield left
                    left = b""
    if left:
        yield left


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _torrent(  # noqa: PLR0913, PLR0917  # the fields of a torrent
    name: str,
    files: Sequence[tuple[str, int]],
    piece: int,
    pieces: bytes,
    private: bool,
    comment: str,
    announce: str,
) -> bytes:
    info: dict[str, Any] = {"name": name, "piece length": piece, "pieces": pieces}
    info |= {"private": 1} if private else {}
    if [path for path, _ in files] == [name]:
        info["length"] = files[0][1]
    else:
        info["files"] = [{"path": path.split("/"), "length": size} for path, size in files]
    whole: Mapping[str, Any] = {"announce": announce, "creation date": CREATED, "info": info}
    return encode({**whole, "comment": comment} if comment else whole)
