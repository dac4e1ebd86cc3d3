"""Bencode, the notation of .torrent files and trackers: read with limits, written canonically."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.errors import Unsafe

DEEPEST = 32
MOST_VALUES = 200_000
_INTEGER = re.compile(rb"0|-?[1-9][0-9]{0,19}")
_LENGTH = re.compile(rb"0|[1-9][0-9]{0,9}")


def encode(value: Any) -> bytes:
    """Return *value* (integers, text, bytes, sequences, mappings) as canonical bencode."""
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%b" % (len(value), value)
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, Mapping):
        pairs = sorted((k.encode() if isinstance(k, str) else k, v) for k, v in value.items())
        return b"d" + b"".join(encode(k) + encode(v) for k, v in pairs) + b"e"
    if isinstance(value, Sequence):
        return b"l" + b"".join(map(encode, value)) + b"e"
    raise TypeError(f"bencode knows no {type(value).__name__}")


def decode(data: bytes) -> Any:
    """Return the one value that *data* holds; raises Unsafe."""
    return decode_spans(data)[0]


def decode_spans(data: bytes) -> tuple[Any, dict[bytes, bytes]]:
    """Return the value of *data*, and the raw bytes of each entry when it is a dictionary.

    An infohash is taken over the raw bytes of `info`, so what a writer did there (keys out of
    order are common) stays as it was. A key that comes twice is refused: two readers would see two
    torrents. Raises Unsafe for anything that is not one whole value, is nested deeper than
    `DEEPEST` or holds more than `MOST_VALUES` values.
    """
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise Unsafe("bencode: data after the end")
    return value, reader.spans


class _Reader:
    """One pass over the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.left = MOST_VALUES
        self.spans: dict[bytes, bytes] = {}

    def value(self, depth: int) -> Any:
        """Read the value that begins here."""
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            raise Unsafe("bencode: too deep or too long")
        match self.data[self.at : self.at + 1]:
            case b"i":
                return self._integer()
            case b"l":
                return self._list(depth)
            case b"d":
                return self._dictionary(depth)
            case _:
                return self._text()

    def _token(self, end: bytes, shape: re.Pattern[bytes]) -> int:
        stop = self.data.find(end, self.at, self.at + 22)
        digits = self.data[self.at : stop]
        if stop < 0 or not shape.fullmatch(digits):
            raise Unsafe("bencode: cut short or malformed")
        self.at = stop + 1
        return int(digits)

    def _integer(self) -> int:
        self.at += 1
        return self._token(b"e", _INTEGER)

    def _text(self) -> bytes:
        length = self._token(b":", _LENGTH)
        start, self.at = self.at, self.at + length
        if self.at > len(self.data):
            raise Unsafe("bencode: cut short")
        return self.data[start : self.at]

    def _more(self) -> bool:
        """Tell whether the open list or dictionary goes on; step over its end when not."""
        if self.data[self.at : self.at + 1] != b"e":
            return True
        self.at += 1
        return False

    def _list(self, depth: int) -> list[Any]:
        self.at += 1
        found = []
        while self._more():
            found.append(self.value(depth + 1))
        return found

    def _dictionary(self, depth: int) -> dict[bytes, Any]:
        self.at += 1
        found: dict[bytes, Any] = {}
        while self._more():
            key = self._text()
            if key in found:
                raise Unsafe("bencode: the same key twice")
            start = self.at
            found[key] = self.value(depth + 1)
            if depth == 0:
                self.spans[key] = self.data[start : self.at]
        return found
