"""Read how a name tells a place in a series: "Mistborn, #1", "Book One of ...", "Discworld 08"."""

# ruff: noqa: SIM905  lists of words read better as words

import re
from dataclasses import dataclass

from pipeline.domain import editions
from pipeline.domain.folding import ARTICLES, fold, numeral
from pipeline.domain.given_names import GIVEN_NAMES
from pipeline.domain.positions import NOWHERE, Position, parse

_ORDERS = (
    r"book|bk|books|bks|volume|volumes|vol|vols|no(?=\.|\s?[\d#])|nr|number|"
    "day|band|tome|tomo|libro|livre|buch|"
    "boek|deel|bok|episode|ep|installment|novella|kniha|tom|\u0442\u043e\u043c|\u043a\u043d\u0438\u0433\u0430"
)
_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_AND = r"\s*(?:-|\u2013|&|to|through|and|\+|,\s*and|,)\s*"
_COUNT = (
    rf"(?:\d{{1,3}}(?:\.\d+)?(?:{_AND}\#?\d{{1,3}}(?:\.\d+)?)*|[ivx]{{1,6}}"
    rf"|(?:{_WORDS})(?:{_AND}(?:{_WORDS}))*)"
)
# What is counted inside a book, and so no name of a series.
GENERIC = frozenset(
    "part pt disc disk cd side chapter ch act season episode level track volume vol book year week "
    "phase stage round arc case folge staffel".split()
)
_COUNTS = re.compile(
    r"[\d#]|\b(?:[ivx]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"book|volume|novel)\b",
    re.IGNORECASE,
)
_NOTE = re.compile(
    rf"^(?P<name>.*?)[\s,:\u2013-]*(?:\#\s*|\bv(?=\d\d)|\b(?:{_ORDERS})\b\.?\s*\#?\s*)"
    rf"(?P<count>{_COUNT})(?:\s*(?:of|/)\s*\d+)?$",
    re.IGNORECASE,
)
_SHARP = re.compile(
    r"^(?P<name>.*?)[\s,:-]*#\s*(?P<count>\d(?:(?!\s(?!Part|Pt|Act|Of|To|And)[A-Z][a-z]).)*)$"
)
_NAMED_NUMBER = re.compile(
    r"^(?P<name>.*[^\W\d_].*?),?\s+(?P<count>0?\d{1,2}(?:\.\d)?(?:\s?(?:-|&|to\s)\s?\d{1,2})?|[IVX]{2,5}|[IV])$"
)
_COMPLETE = re.compile(r"\s+(?:complete|of\s+\d{1,2})$", re.IGNORECASE)
_BOOK_OF = re.compile(
    rf"^(?:the\s+)?(?:(?:{_ORDERS})\s+(?P<count>{_COUNT})|(?P<nth>\w+)\s+(?:book|volume|novel))\s+"
    rf"(?:of|in)\s+(?P<name>.+)$",
    re.IGNORECASE,
)
SERIES_NAME = re.compile(
    r"\b(?:series|saga|trilogy|chronicles?|cycle|duology|quartet|sequence|novels|mysteries)$",
    re.IGNORECASE,
)
_PART_OF_SERIES = re.compile(
    rf"^(?P<name>.*\b(?:series|saga|trilogy|chronicles|cycle)),\s+part\s+(?P<count>{_COUNT})$",
    re.IGNORECASE,
)
PART = re.compile(
    r"[\s,:(-]*\b(?:part|pt|act|teil|partie|parte|cz\u0119\u015b\u0107|\u0447\u0430\u0441\u0442\u044c)\.?\s+(?P<part>\d{1,2}|[ivx]{1,4}|\w{3,5})"
    r"(?:\s*(?:of|/)\s*\d{1,2})?\b\)?|[\s(]*\b(?P<nth>\d{1,2})\s+of\s+\d{1,2}\b\)?"
    r"|\s+(?P<slash>(?!9/11)\d{1,2})/\d{1,2}$",  # nobody has eleven parts of that day
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class SeriesNote:
    """A series as a title names it.

    `implied`: the title itself is the series, as in "Bone Lord 5" or "Bone Lord (Book 5)";
    `aside`: all of it stands in brackets.
    """

    name: str
    position: Position
    implied: bool = False
    aside: bool = False

    @property
    def placed(self) -> bool:
        """Whether it says both: which series, and what number in it."""
        return bool(self.name and self.position.numbers)


def read_notes(inner: str) -> list[SeriesNote]:
    """Series notes inside brackets: "Harry Bosch, #8; Harry Bosch Universe, #10"."""
    notes: list[SeriesNote] = []
    for piece in inner.split(";"):
        note = read_note(piece.strip())
        if note is not None:
            notes.append(note)
        elif notes and part_number(PART.match(f" {piece.strip()}")):
            whole = notes.pop()
            place = parse(f"{whole.position.text}, {piece.strip()}")
            notes.append(SeriesNote(whole.name, place))
    return notes


def read_note(piece: str) -> SeriesNote | None:
    """One series note, "Mistborn, #1", "The Expanse, Book 1", "Book One of ...", or None."""
    if _COUNTS.search(piece) is None:  # spares the slow patterns below most titles
        return _series_alone(piece)
    of = _BOOK_OF.match(piece)
    if of:
        count = of["count"] or str(numeral(fold(of["nth"])) or "")
        if count:
            return SeriesNote(bare_name(of["name"]), parse(count))
    sharp = _SHARP.match(piece)
    match = sharp or _NOTE.match(piece) or _PART_OF_SERIES.match(piece)
    if match and not sharp and fold(match["name"]) in ARTICLES:
        match = None  # "The Band 3" is volume 3 of The Band
    if match and _count_fits(match["count"]) and fold(match["name"]) not in GENERIC:
        return SeriesNote(bare_name(match["name"]), parse(match["count"]))
    return _series_alone(piece)


def _series_alone(piece: str) -> SeriesNote | None:
    if SERIES_NAME.search(piece) and not editions.UNABRIDGED.search(piece):
        return SeriesNote(bare_name(piece), NOWHERE)
    return None


def bare_name(text: str) -> str:
    """Return the name of a series without the marks that part it from its number."""
    return text.strip(" ,:-\u2013#")


def _count_fits(count: str) -> bool:
    return bool(parse(count).numbers)


def part_number(match: re.Match[str] | None) -> int:
    """Return the number of a part; 0 where "part" is followed by another word ("Part Time")."""
    if match is None:
        return 0
    return numeral(fold(match["part"] or match["nth"] or match["slash"])) or 0


def bare_number(text: str) -> SeriesNote | None:
    """Read a name with a small number after it, "Discworld 08"; None when there is none."""
    if _COUNTS.search(text) is None:
        return None
    match = _NAMED_NUMBER.match(_COMPLETE.sub("", text))
    if (
        match is None
        or fold(match["name"]) in GENERIC
        or not (match["name"][-1].isalnum() or match["name"][-1] in "!?.'\u2019")
    ):
        return None
    if match["count"].isalpha() and fold(match["name"]) in GIVEN_NAMES:
        return None  # Henry V is a king
    number = numeral(match["count"].lower()) if match["count"].isalpha() else match["count"]
    return SeriesNote(bare_name(match["name"]), parse(str(number)))
