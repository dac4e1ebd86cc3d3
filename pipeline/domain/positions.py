"""Read a place in a series as it is printed: "2", "2.5", "1-3", "1, Part 1 of 2", "Book Two"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.domain.folding import ORDINALS, WORDS, roman

LONGEST_RANGE = 200

_FRACTIONS = {"\u00bc": ".25", "\u00bd": ".5", "\u00be": ".75"}
_NUMBER = r"(?<!\d)\d{1,4}(?:\.\d{1,3})?(?!\d)"
_LEAD = re.compile(
    r"^(?:(?:books?|bks?|vols?|volumes?|no|nr|number|band|tome|tomo|libro|livre|teil|day|episode|"
    r"ep|entry)\b\.?\s*|#\s*)+",
    re.IGNORECASE,
)
_PART = re.compile(
    r"[\s,;(:-]*(?:\b(?:part|pt|teil|act|partie|parte)\b|(?<=\d)p)\.?\s*"
    r"(?P<part>\d{1,2}|[ivx]{1,4}\b|one|two|three|four|five|six)"
    r"(?:\s*(?:/|of|von|de)\s*(?P<parts>\d{1,2}))?\)?.*$",
    re.IGNORECASE,
)
_OF = re.compile(rf"^({_NUMBER})\s*(?:/|of|von)\s*(\d{{1,3}})$", re.IGNORECASE)
_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|to|bis|thru|through)\s*#?\s*({_NUMBER})", re.IGNORECASE)
_ONE = re.compile(_NUMBER)
_WORD = re.compile(r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")
_WORDY = re.compile(
    r"prolog|epilog|prequel to|extra|alternate|reference|companion|omnibus|sampler|part of"
)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a series. `numbers` are all places named, ranges written out, ascending.

    `part` is set when the book is only a part of the volume at `numbers`, as in "1, Part 2 of 2";
    `parts` of how many, 0 when that is not said. Without numbers the place is unnumbered, and
    `wordy` says whether something else was printed there ("prologue for 9", "reference").
    """

    text: str
    numbers: tuple[float, ...] = ()
    part: int = 0
    parts: int = 0
    wordy: bool = False

    @property
    def single(self) -> float | None:
        """The one number of a whole volume; None for ranges, parts and unnumbered books."""
        return self.numbers[0] if len(self.numbers) == 1 and not self.part else None

    @property
    def is_range(self) -> bool:
        """Whether several volumes are named, as an omnibus has it."""
        return len(self.numbers) > 1

    @property
    def printed(self) -> str:
        """The position in one common form: "1", "2.5", "1-3", "1 part 2/2"; "" when unnumbered."""
        if not self.numbers:
            return ""
        if self.is_range and self._unbroken():
            return f"{self.numbers[0]:g}-{self.numbers[-1]:g}"
        joined = ", ".join(f"{number:g}" for number in self.numbers)
        if not self.part:
            return joined
        return f"{joined} part {self.part}" + (f"/{self.parts}" if self.parts else "")

    def _unbroken(self) -> bool:
        steps = zip(self.numbers, self.numbers[1:], strict=False)
        return all(after - before <= 1 for before, after in steps)


NOWHERE = Position("")


@lru_cache(maxsize=8192)
def parse(text: str | None) -> Position:
    """Read any printed position; never raises, unreadable ones are unnumbered."""
    raw = (text or "").strip()
    plain = _plain(raw)
    if not plain:
        return Position(raw)
    if _WORDY.search(plain):
        return Position(raw, wordy=True)
    part = _PART.search(plain) if not _PART.match(plain) else None
    head = _LEAD.sub("", plain[: part.start()] if part else plain).strip(" ,;:()")
    numbers = _numbers(head)
    if part is not None and numbers:
        return Position(raw, numbers, _count(part["part"]), _count(part["parts"] or "0"))
    split = _descending(head)
    if split is not None:
        return Position(raw, (split[0],), int(split[1]))
    return Position(raw, numbers, wordy=not numbers)


def _plain(raw: str) -> str:
    text = raw.casefold()
    for sign, digits in _FRACTIONS.items():
        text = re.sub(rf"(?<=\d)\s*{sign}", digits, text).replace(sign, f"0{digits}")
    text = text.replace("&nbsp;", " ").replace("\u00a0", " ")
    text = _WORD.sub(lambda word: str(WORDS[word[0]]), text)
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text)
    text = re.sub(r"(?<![\d,])(\d),(5)(?!\d)", r"\1.\2", text)  # 0,5 as printed in German
    return " ".join(text.split())


def _numbers(head: str) -> tuple[float, ...]:
    """All places named in a text that begins with one."""
    whole = _OF.match(head)
    if whole:  # "2 of 5" says how long the series is
        return (float(whole[1]),)
    if not head[:1].isdigit() and not head.startswith("."):
        value = _count(head.split(maxsplit=1)[0]) if head.split() else 0
        return (float(value),) if value else ()
    found: set[float] = set()
    rest = head
    for match in _RANGE.finditer(head):
        low, high = float(match[1]), float(match[2])
        if low < high <= low + LONGEST_RANGE:
            found.update(_between(low, high))
            rest = rest.replace(match[0], " ")
    if re.search(r"\d\s*-\s*\d", rest):
        return ()  # a range that runs backwards or for ever
    found.update(float(number) for number in _ONE.findall(rest) if _listed(rest, found))
    return tuple(sorted(found))


def _listed(rest: str, found: set[float]) -> bool:
    """Whether the numbers left over are a list ("1, 2 & 4"), not other text ("1 dramatized 2")."""
    return bool(
        re.fullmatch(rf"[\s,;&+/#]*(?:{_NUMBER}[\s,;&+/#]*(?:and)?[\s,;&+/#]*)*", rest)
    ) or (not found and bool(re.match(_NUMBER + r"\b", rest)) and len(_ONE.findall(rest)) == 1)


def _between(low: float, high: float) -> set[float]:
    first = int(low) + (0 if low == int(low) else 1)
    return {low, high, *map(float, range(first, int(high) + 1))}


def _descending(head: str) -> tuple[float, float] | None:
    """Read "2-1" as part one of volume two: no omnibus counts backwards."""
    match = re.fullmatch(rf"({_NUMBER})\s*-\s*({_NUMBER})", head)
    if not match or float(match[2]) >= float(match[1]) or float(match[2]) != int(float(match[2])):
        return None
    return float(match[1]), float(match[2])


def _count(word: str) -> int:
    if word.isdecimal():
        return int(word)
    return WORDS.get(word) or ORDINALS.get(word) or roman(word) or 0
