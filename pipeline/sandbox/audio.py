"""Write small real audio files: true durations and tags, silence for sound, holes for bytes."""

import struct
from collections.abc import Mapping
from pathlib import Path

RATE = 44_100  # samples a second
TIMESCALE = 1_000  # ticks a second in the MP4 headers
# Names as tinytag reads them -> atoms of iTunes' metadata list; other names become free-form tags.
ATOMS = {
    "title": b"\xa9nam",
    "artist": b"\xa9ART",
    "album": b"\xa9alb",
    "albumartist": b"aART",
    "composer": b"\xa9wrt",
    "comment": b"\xa9cmt",
    "year": b"\xa9day",
    "genre": b"\xa9gen",
    "publisher": b"\xa9pub",
    "description": b"desc",
}
# The same names -> frames of ID3v2.4.
FRAMES = {
    "title": b"TIT2",
    "artist": b"TPE1",
    "album": b"TALB",
    "albumartist": b"TPE2",
    "composer": b"TCOM",
    "year": b"TDRC",
    "genre": b"TCON",
    "publisher": b"TPUB",
    "language": b"TLAN",
    "track": b"TRCK",
}
MP3_SAMPLES = 1152  # per frame of MPEG 1, layer III
MP3_HEADER = b"\xff\xfb\x90\x64"  # MPEG 1, layer III, 128 kbit/s, 44,100 Hz, joint stereo
MP3_FRAME = 417  # bytes of such a frame


def write_m4b(path: Path, *, seconds: int, size: int, tags: Mapping[str, str]) -> None:
    """Write an audiobook of *seconds* playing time that is *size* bytes long.

    *tags* by the names in `ATOMS`; others (language, series, asin) are written free-form. The
    bytes after the headers are a hole in the file. Raises ValueError when *size* is too small to
    hold the headers.
    """
    head = _atom(b"ftyp", b"M4B \0\0\2\0M4B M4A mp42isom")
    room = max(size - len(head) - len(_movie(seconds, 0, 0, tags)) - 16, 0)
    offset = size - room
    head += _movie(seconds, offset, max(room // max(seconds, 1), 1), tags)
    head += struct.pack(">I4sQ", 1, b"mdat", room + 16)  # the 64-bit form of a header
    _write(path, head, size)


def write_mp3(path: Path, *, seconds: int, size: int, tags: Mapping[str, str]) -> None:
    """Write an MP3 of *seconds* playing time that is *size* bytes long; otherwise as `write_m4b`.

    The duration stands in a Xing header, as encoders write it for variable bit rates.
    """
    frames = round(seconds * RATE / MP3_SAMPLES)
    head = _id3(tags)
    xing = struct.pack(">4sIII", b"Xing", 0b11, frames, max(size - len(head), MP3_FRAME + 1))
    head += (MP3_HEADER + bytes(32) + xing).ljust(MP3_FRAME, b"\0")
    _write(path, head, size)


def _write(path: Path, head: bytes, size: int) -> None:
    if len(head) > size:
        raise ValueError(f"{path.name}: {size} bytes cannot hold {len(head)} bytes of headers")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)


def _atom(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    """Return an atom that begins with its version, 0, and its flags."""
    return _atom(kind, struct.pack(">I", flags), *content)


MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _movie(seconds: int, offset: int, sample: int, tags: Mapping[str, str]) -> bytes:
    """Return the `moov` atom: one audio track of one sample a second, and the tags."""
    length = seconds * TIMESCALE
    mvhd = struct.pack(">4I", 0, 0, TIMESCALE, length) + struct.pack(">IH10x", 0x10000, 0x100)
    tkhd = struct.pack(">5I8x4H", 0, 0, 1, 0, length, 0, 0, 0x100, 0) + MATRIX + bytes(8)
    mdhd = struct.pack(">4I2H", 0, 0, TIMESCALE, length, 0x55C4, 0)  # 0x55C4: language "und"
    media = _atom(
        b"mdia",
        _full(b"mdhd", mdhd),
        _full(b"hdlr", bytes(4), b"soun", bytes(12), b"\0"),
        _atom(b"minf", _full(b"smhd", bytes(4)), _data_here(), _samples(seconds, offset, sample)),
    )
    return _atom(
        b"moov",
        _full(b"mvhd", mvhd, MATRIX, bytes(24), struct.pack(">I", 2)),
        _atom(b"trak", _full(b"tkhd", tkhd, flags=7), media),
        _atom(b"udta", _metadata(tags)),
    )


def _data_here() -> bytes:
    return _atom(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))


def _samples(seconds: int, offset: int, sample: int) -> bytes:
    """Return the sample table: *seconds* samples of *sample* bytes from *offset* on."""
    config = b"\x05\x02\x12\x10"  # AAC-LC, 44,100 Hz, two channels
    decoder = b"\x04\x11\x40\x15" + bytes(3) + struct.pack(">II", 64_000, 64_000) + config
    stream = b"\x03\x19\0\0\0" + decoder + b"\x06\x01\x02"
    entry = struct.pack(">6xH8x2H4xI", 1, 2, 16, RATE << 16) + _full(b"esds", stream)
    return _atom(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), _atom(b"mp4a", entry)),
        _full(b"stts", struct.pack(">3I", 1, seconds, TIMESCALE)),
        _full(b"stsc", struct.pack(">4I", 1, 1, seconds, 1)),
        _full(b"stsz", struct.pack(">2I", sample, seconds)),
        _full(b"stco", struct.pack(">2I", 1, offset)),
    )


def _metadata(tags: Mapping[str, str]) -> bytes:
    handler = _full(b"hdlr", bytes(4), b"mdirappl", bytes(9))
    return _full(b"meta", handler, _atom(b"ilst", *(_tag(*tag) for tag in tags.items())))


def _tag(name: str, value: str) -> bytes:
    data = _atom(b"data", struct.pack(">II", 1, 0), value.encode())  # 1: UTF-8
    if name in ATOMS:
        return _atom(ATOMS[name], data)
    mean = _full(b"mean", b"com.apple.iTunes")
    return _atom(b"----", mean, _full(b"name", name.upper().encode()), data)


def _id3(tags: Mapping[str, str]) -> bytes:
    frames = b"".join(_frame(*tag) for tag in tags.items())
    return b"ID3\4\0\0" + _synchsafe(len(frames)) + frames


def _frame(name: str, value: str) -> bytes:
    text = value.encode()
    match name:
        case "comment":
            kind, body = b"COMM", b"\3eng\0" + text
        case name if name in FRAMES:
            kind, body = FRAMES[name], b"\3" + text
        case _:
            kind, body = b"TXXX", b"\3" + name.encode() + b"\0" + text
    return kind + _synchsafe(len(body)) + b"\0\0" + body


def _synchsafe(number: int) -> bytes:
    """Return 28 bits as four bytes of seven, as ID3 writes sizes."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
