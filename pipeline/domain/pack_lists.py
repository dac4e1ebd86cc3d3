"""Read the name of a pack that lists its books: "Author - Series 4-6 (One; Two; Three)"."""

# ruff: noqa: PLR2004  two books are the fewest of a pack

import re
from dataclasses import dataclass

_LISTED = re.compile(
    r"^(?P<head>.*?\S)\s+(?:books?\s+|vol(?:ume)?s?\.?\s+|\#)?"
    r"(?P<numbers>\d{1,3}(?:\s?[-\u2013]\s?\d{1,3})+),?\s*[(\[](?P<titles>[^()\[\]]+)[)\]]\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_AND = re.compile(r"^(?:and|und|et|y|e|&)\s+", re.IGNORECASE)
_LAST = re.compile(r"\s+(?:and|&)\s+")


@dataclass(frozen=True, slots=True)
class PackList:
    """`head` is author and series, `rest` what stands behind the list; `span` is like "4-6"."""

    head: str
    span: str
    titles: tuple[str, ...]
    rest: str


def pack_list(text: str) -> PackList | None:
    """Read a list of titles that are just as many as the numbers before it; None for any other."""
    match = _LISTED.match(text)
    if match is None:
        return None
    numbers = [int(number) for number in re.findall(r"\d+", match["numbers"])]
    first, last = numbers[0], numbers[-1]
    titles = _titles(match["titles"], last - first + 1)
    if numbers not in ([first, last], [*range(first, last + 1)]) or len(titles) < 2:
        return None
    return PackList(match["head"].strip(" -"), f"{first}-{last}", titles, match["rest"])


def _titles(listed: str, count: int) -> tuple[str, ...]:
    """Part *listed* into *count* titles; none when it holds more or fewer."""
    pieces = [
        _AND.sub("", piece.strip()) for piece in re.split(";" if ";" in listed else ",", listed)
    ]
    if len(pieces) == count - 1:
        pieces[-1:] = _LAST.split(pieces[-1], maxsplit=1)
    fit = len(pieces) == count and all(any(char.isalpha() for char in piece) for piece in pieces)
    return tuple(pieces) if fit else ()
