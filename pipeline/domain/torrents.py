"""What may go to the download client: .torrent files, magnet links and the files they promise."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from pipeline.domain.bencode import decode_spans
from pipeline.errors import Unsafe


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AUDIO = _words("aac aax flac m4a m4b mka mp3 mp4 oga ogg opus wav wma")
ARCHIVES = _words("001 7z ace arj bz2 cab gz lzh r00 rar tar tgz xz zip zipx zst")
DANGEROUS = _words(
    """
    apk app appimage application bat chm cmd com cpl deb desktop dll dmg docm exe gadget hta img inf
    iso jar js jse library-ms lnk msi msp one pif pkg ps1 psm1 py reg rpm run scf scr search-ms sh
    svg sys url vbe vbs vhd vhdx website wsf wsh xlsm xll
    """
)
LARGEST_TORRENT = 10 << 20
LARGEST_DOWNLOAD = 40 << 30
MOST_FILES = 5000
LEAST_AUDIO = 0.5
LONGEST_MAGNET = 8192
MOST_TRACKERS = 50
_SHA1 = 20
_SHA256 = 32
_V2 = 2  # BEP 52: `meta version` of a torrent with a `file tree`
_NOT_A_TORRENT = "torrent: not a .torrent file"
# Marks that turn the reading direction, so that `3pm.exe` looks like `exe.mp3`.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

Files = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Metainfo:
    """What a .torrent says. `files` are (path below the save path, bytes), pad files left out."""

    infohash_v1: str | None
    infohash_v2: str | None
    name: str
    files: tuple[tuple[str, int], ...]
    private: bool
    trackers: tuple[str, ...]
    comment: str | None = None

    @property
    def infohash(self) -> str:
        """40 hex digits: SHA-1 where there is one, else the SHA-256 cut to 160 bits (BEP 52)."""
        return self.infohash_v1 or (self.infohash_v2 or "")[:40]

    @property
    def hashes(self) -> tuple[str, ...]:
        """Every 40-digit name under which a client may know this torrent."""
        known = (self.infohash_v1, self.infohash_v2[:40] if self.infohash_v2 else None)
        return tuple(h for h in known if h)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for _, size in self.files)


@dataclass(frozen=True, slots=True)
class Magnet:
    """What a magnet link names. `trackers` may hold the user's passkey: never log or show them."""

    infohash_v1: str | None
    infohash_v2: str | None
    name: str | None
    trackers: tuple[str, ...]

    @property
    def infohash(self) -> str:
        """40 hex digits, as in `Metainfo.infohash`."""
        return self.infohash_v1 or (self.infohash_v2 or "")[:40]

    @property
    def link(self) -> str:
        """The link with hash, name and trackers only.

        `ws`, `as`, `xs` and `x.pe` are left out: they make a client fetch from, or connect to,
        whatever address somebody else wrote there.
        """
        parts = [f"xt=urn:btih:{self.infohash_v1}"] if self.infohash_v1 else []
        parts += [f"xt=urn:btmh:1220{self.infohash_v2}"] if self.infohash_v2 else []
        parts += [f"dn={quote(self.name, safe='')}"] if self.name else []
        parts += [f"tr={quote(tracker, safe='')}" for tracker in self.trackers]
        return "magnet:?" + "&".join(parts)


def magnet_link(infohash: str, name: str) -> str:
    """Return a magnet link that is safe to store and show: it names no tracker, so no passkey."""
    return Magnet(infohash, None, name, ()).link


def read_magnet(link: str) -> Magnet:
    """Return what a magnet link names; raises Unsafe."""
    if len(link) > LONGEST_MAGNET or not link[:8].lower() == "magnet:?":
        raise Unsafe("magnet: not a magnet link, or too long")
    if not link.isprintable():
        raise Unsafe("magnet: control characters in the link")
    try:
        pairs = parse_qsl(link[8:], max_num_fields=200)
    except ValueError as error:
        raise Unsafe("magnet: too many fields") from error
    v1, v2 = _topics(value for key, value in pairs if key.partition(".")[0] == "xt")
    trackers = dict.fromkeys(
        value for key, value in pairs if key.partition(".")[0] == "tr" and _is_tracker(value)
    )
    name = next((value for key, value in pairs if key == "dn" and value.isprintable()), None)
    return Magnet(v1, v2, name, tuple(trackers)[:MOST_TRACKERS])


def _topics(topics: Iterable[str]) -> tuple[str | None, str | None]:
    v1: set[str] = set()
    v2: set[str] = set()
    for topic in topics:
        if hexadecimal := re.fullmatch(r"urn:btih:([0-9a-fA-F]{40})", topic):
            v1.add(hexadecimal[1].lower())
        elif base32 := re.fullmatch(r"urn:btih:([A-Za-z2-7]{32})", topic):
            v1.add(base64.b32decode(base32[1].upper()).hex())
        elif multihash := re.fullmatch(r"urn:btmh:1220([0-9a-fA-F]{64})", topic):
            v2.add(multihash[1].lower())
        else:
            raise Unsafe("magnet: an exact topic that is no infohash")
    if len(v1) > 1 or len(v2) > 1 or not (v1 or v2):
        raise Unsafe("magnet: no infohash, or two that differ")
    return next(iter(v1), None), next(iter(v2), None)


def _is_tracker(url: str) -> bool:
    try:
        return url.isprintable() and urlsplit(url).scheme in {"http", "https", "udp", "ws", "wss"}
    except ValueError:
        return False


def read(data: bytes) -> Metainfo:
    """Return what a .torrent says; raises Unsafe when it is none, or one that nobody should add."""
    if len(data) > LARGEST_TORRENT:
        raise Unsafe("torrent: larger than any .torrent")
    if data[:1] != b"d":
        raise Unsafe(_NOT_A_TORRENT)
    whole, spans = decode_spans(data)
    info = whole.get(b"info")
    if not isinstance(info, dict):
        raise Unsafe(_NOT_A_TORRENT)
    v1 = hashlib.sha1(spans[b"info"], usedforsecurity=False).hexdigest()
    v2 = hashlib.sha256(spans[b"info"]).hexdigest()
    name = path_part(_utf8(info, b"name"))
    files = _v1_files(info, name) if b"pieces" in info else None
    if info.get(b"meta version") == _V2:
        tree = _v2_files(info, name)
        if files is not None and sorted(files) != sorted(tree):
            raise Unsafe("torrent: its two file lists differ")
        files = tree
    else:
        v2 = ""
    if files is None:
        raise Unsafe("torrent: neither pieces nor a file tree")
    return Metainfo(
        infohash_v1=v1 if b"pieces" in info else None,
        infohash_v2=v2 or None,
        name=name,
        files=tuple(files),
        private=info.get(b"private") == 1,
        trackers=_trackers(whole),
        comment=_comment(whole),
    )


def _utf8(entry: Any, key: bytes) -> str:
    """Return a text entry, the way libtorrent reads it: `name.utf-8` wins over `name`."""
    if isinstance(entry, dict):
        value = entry.get(key + b".utf-8", entry.get(key))
        if isinstance(value, bytes):
            return _text(value)
    raise Unsafe("torrent: a name is missing or malformed")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Unsafe("torrent: a name is not UTF-8") from error


def _length(entry: dict[bytes, Any]) -> int:
    length = entry.get(b"length")
    if not isinstance(length, int) or length < 0:
        raise Unsafe("torrent: a file without a size")
    return length


def _is_real(entry: dict[bytes, Any]) -> bool:
    """Tell a file from padding; a symbolic link (BEP 47) is refused."""
    attributes = entry.get(b"attr", b"")
    if not isinstance(attributes, bytes) or b"l" in attributes or b"symlink path" in entry:
        raise Unsafe("torrent: a symbolic link among the files")
    return b"p" not in attributes


def _v1_files(info: dict[bytes, Any], name: str) -> list[tuple[str, int]]:
    entries = info.get(b"files", [{**info, b"path": []}])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Unsafe("torrent: a malformed file list")
    _check_pieces(info, sum(map(_length, entries)))
    found = []
    for entry in entries:
        path = entry.get(b"path.utf-8", entry.get(b"path"))
        if not isinstance(path, list) or not all(isinstance(part, bytes) for part in path):
            raise Unsafe("torrent: a file without a path")
        if b"files" in info and not path:
            raise Unsafe("torrent: a file without a path")
        if _is_real(entry):
            parts = [name, *(path_part(_text(part)) for part in path)]
            found.append(("/".join(parts), _length(entry)))
    return found


def _check_pieces(info: dict[bytes, Any], total: int) -> None:
    pieces, piece = info[b"pieces"], info.get(b"piece length")
    if not isinstance(piece, int) or piece <= 0 or not isinstance(pieces, bytes):
        raise Unsafe("torrent: malformed pieces")
    if len(pieces) != -(-total // piece) * _SHA1:
        raise Unsafe("torrent: its pieces do not cover its files")


def _v2_files(info: dict[bytes, Any], name: str) -> list[tuple[str, int]]:
    tree = info.get(b"file tree")
    if not isinstance(tree, dict) or not tree:
        raise Unsafe("torrent: a malformed file tree")
    found: list[tuple[str, int]] = []
    _walk_tree(tree, (), found)
    is_single = len(found) == 1 and "/" not in found[0][0]
    return found if is_single else [(f"{name}/{path}", size) for path, size in found]


def _walk_tree(tree: Any, above: tuple[str, ...], found: list[tuple[str, int]]) -> None:
    if not isinstance(tree, dict):
        raise Unsafe("torrent: a malformed file tree")
    for key, below in tree.items():
        if key:
            _walk_tree(below, (*above, path_part(_text(key))), found)
        elif not isinstance(below, dict) or not above or len(tree) != 1:
            raise Unsafe("torrent: a malformed file tree")
        elif _is_real(below):
            root = below.get(b"pieces root", b"")
            if not isinstance(root, bytes) or len(root) != (_SHA256 if _length(below) else 0):
                raise Unsafe("torrent: a file without hashes")
            found.append(("/".join(above), _length(below)))


def _trackers(whole: dict[bytes, Any]) -> tuple[str, ...]:
    tiers = whole.get(b"announce-list")
    tiers = tiers if isinstance(tiers, list) else []
    flat = [url for tier in tiers if isinstance(tier, list) for url in tier]
    flat.append(whole.get(b"announce"))
    texts = (url.decode("utf-8", "replace") for url in flat if isinstance(url, bytes))
    return tuple(dict.fromkeys(url for url in texts if _is_tracker(url)))[:MOST_TRACKERS]


def _comment(whole: dict[bytes, Any]) -> str | None:
    comment = whole.get(b"comment")
    return comment.decode("utf-8", "replace") if isinstance(comment, bytes) else None


def path_part(part: str) -> str:
    """Return one component of a path when it is harmless on every system; raises Unsafe."""
    if part in {"", ".", ".."} or any(c in part for c in "/\\\0"):
        raise Unsafe("files: a path that leaves its folder")
    if re.match(r"[A-Za-z]:", part):
        raise Unsafe("files: a drive letter in a path")
    if _DIRECTION.search(part):
        raise Unsafe("files: a name with a text direction trick")
    if any(unicodedata.category(c) == "Cc" for c in part):
        raise Unsafe("files: control characters in a name")
    return part


def extension(path: str) -> str:
    """Return the lower-case extension that a system would act on, without its dot.

    Trailing blanks and dots, which Windows drops, do not hide it.
    """
    return PurePosixPath(path.rstrip(". ")).suffix[1:].strip().lower()


def check_files(files: Files, *, least_audio: float = LEAST_AUDIO) -> None:
    """Raise Unsafe unless the (path, bytes) pairs are an audiobook and its companions.

    *least_audio* is the least share of the bytes that must be audio.
    """
    if not files or len(files) > MOST_FILES:
        raise Unsafe(f"files: {len(files)} of them")
    seen: set[str] = set()
    for path, size in files:
        for part in path.split("/"):
            path_part(part)
        key = unicodedata.normalize("NFC", path).casefold()
        if key in seen or size < 0:
            raise Unsafe("files: the same name twice, or a negative size")
        seen.add(key)
        if (kind := extension(path)) in DANGEROUS:
            raise Unsafe(f"files: a program or link among them (.{kind})")
        if kind in ARCHIVES:
            raise Unsafe(f"files: an archive among them (.{kind})")
    _check_shares(files, least_audio)


def _check_shares(files: Files, least_audio: float) -> None:
    total = sum(size for _, size in files)
    audio = sum(size for path, size in files if extension(path) in AUDIO)
    if total > LARGEST_DOWNLOAD:
        raise Unsafe(f"files: {total >> 30} GiB are too many")
    if not audio or audio / total < least_audio:
        raise Unsafe("files: mostly not audio")
