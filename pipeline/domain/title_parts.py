"""Take a book's printed title apart: title, subtitle, series notes, part, edition marks."""

# ruff: noqa: SIM905  lists of words read better as words
# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.domain import editions
from pipeline.domain.folding import ARTICLES, fold, numeral
from pipeline.domain.genres import GENRE, is_generic, is_genre, is_subtitle, only_genre
from pipeline.domain.given_names import GIVEN_NAMES
from pipeline.domain.positions import NOWHERE, Position, parse
from pipeline.domain.subtitles import describes, recast

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
_SERIES_NAME = re.compile(
    r"\b(?:series|saga|trilogy|chronicles?|cycle|duology|quartet|sequence|novels|mysteries)$",
    re.IGNORECASE,
)
_PART_OF_SERIES = re.compile(
    rf"^(?P<name>.*\b(?:series|saga|trilogy|chronicles|cycle)),\s+part\s+(?P<count>{_COUNT})$",
    re.IGNORECASE,
)
_SERIES_NOVEL = re.compile(
    r"^[Aa]n?\s+(?P<name>[A-Z].*?)\s+(?:novel|novella|mystery|thriller|book|story|adventure|standalone)$",
    re.IGNORECASE,
)
_NOVEL_OF = re.compile(
    r"^(?:(?:a\s+novel|(?:a\s+)?(?:novella|story|stories|tales?))\s+(?:of|from)|from)\s+the\s+(?:world\s+of\s+)?"
    r"(?P<name>.*\b(?:series|files|archives?|chronicles|saga|universe|world|cycle))$",
    re.IGNORECASE,
)
_PART = re.compile(
    r"[\s,:(-]*\b(?:part|pt|act|teil|partie|parte|cz\u0119\u015b\u0107|\u0447\u0430\u0441\u0442\u044c)\.?\s+(?P<part>\d{1,2}|[ivx]{1,4}|\w{3,5})"
    r"(?:\s*(?:of|/)\s*\d{1,2})?\b\)?|[\s(]*\b(?P<nth>\d{1,2})\s+of\s+\d{1,2}\b\)?"
    r"|\s+(?P<slash>(?!9/11)\d{1,2})/\d{1,2}$",  # nobody has eleven parts of that day
    re.IGNORECASE,
)
_DASH = re.compile(r"\s+[-\u2013\u2014]\s+")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}")
_COLON = re.compile(
    r"\s*:\s+|(?<=\w):(?=[A-Z])|(?<=[^\W\d_]{4})(?<!Capt)(?<!Prof)\.\s+(?=[A-Z])|\s+[-\u2013\u2014]\s+|\s*;\s+(?=or\b)|,\s+(?=or,?\s+[A-Z])"
    r"|,?\s+(?=or,\s)|\s+(?=or\s+(?:The\s+[A-Z]|There\s))"
)
_MOST_VOLUMES = 30


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


@dataclass(frozen=True, slots=True)
class TitleParts:
    """What a printed title consists of.

    `main` and `subtitle` are free of series notes, brackets and edition words; `asides` are the
    brackets that were neither; `part` is the number of a part of a volume, 0 for a whole one.
    """

    main: str
    subtitle: str = ""
    series: tuple[SeriesNote, ...] = ()
    asides: tuple[str, ...] = ()
    part: int = 0
    kind: editions.Kind = ""
    dramatised: bool = False
    abridged: bool | None = None

    @property
    def recast(self) -> bool:
        """Whether it is the same matter written anew, for the stage, the screen or the young."""
        return any(recast(told) for told in (self.subtitle, *self.asides))

    @property
    def describing(self) -> bool:
        """Whether the subtitle describes the book ("A Memoir") rather than names another."""
        return not self.subtitle or describes(self.subtitle, self.main)


@lru_cache(maxsize=4096)
def take_apart(title: str, subtitle: str = "") -> TitleParts:
    """Take a catalogue's or library's title apart; never raises on any text."""
    printed = " ".join(title.replace("_", " ").split()) or title.strip()
    series: list[SeriesNote] = []
    asides: list[str] = []
    bare = _without_brackets(printed, series, asides)
    bare, part = _without_part(bare)
    noiseless = editions.without_noise(bare)
    main, rest = _divide(noiseless, series)
    rest = _subtitle(rest or subtitle, main, series)
    main, rest = _settle(main, rest, series)
    series = [note if note.name else replace(note, name=main, implied=True) for note in series]
    return TitleParts(
        main=main,
        subtitle=rest,
        series=_unique(series),
        asides=tuple(asides),
        part=part,
        kind=editions.kind_of(printed),
        dramatised=editions.DRAMATISED.search(printed) is not None,
        abridged=editions.abridged(printed),
    )


def _without_brackets(text: str, series: list[SeriesNote], asides: list[str]) -> str:
    """Read all brackets out of a text; brackets that are the whole text stay."""
    if "(" not in text and "[" not in text and "{" not in text:
        return text
    part = ""
    for match in _BRACKETS.finditer(text):
        inner = next(group for group in match.groups() if group is not None).strip()
        genre = only_genre(inner)
        notes = [] if genre else [replace(note, aside=True) for note in read_notes(inner)]
        series.extend(notes)
        if not notes and _part_number(_PART.fullmatch(f" {inner}")):
            part = f" part {inner.split()[1] if inner[:1].isalpha() else inner.split()[0]}"
        elif not notes and inner and not (genre or editions.only_noise(inner)):
            asides.append(inner)
    bare = " ".join(_BRACKETS.sub(" ", text).split()).strip(" -,:;")
    return (bare or text) + part


def read_notes(inner: str) -> list[SeriesNote]:
    """Series notes inside brackets: "Harry Bosch, #8; Harry Bosch Universe, #10"."""
    notes: list[SeriesNote] = []
    for piece in inner.split(";"):
        note = read_note(piece.strip())
        if note is not None:
            notes.append(note)
        elif notes and _part_number(_PART.match(f" {piece.strip()}")):
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
            return SeriesNote(_name(of["name"]), parse(count))
    sharp = _SHARP.match(piece)
    match = sharp or _NOTE.match(piece) or _PART_OF_SERIES.match(piece)
    if match and not sharp and fold(match["name"]) in ARTICLES:
        match = None  # "The Band 3" is volume 3 of The Band
    if match and _count_fits(match["count"]) and fold(match["name"]) not in GENERIC:
        return SeriesNote(_name(match["name"]), parse(match["count"]))
    return _series_alone(piece)


def _series_alone(piece: str) -> SeriesNote | None:
    if _SERIES_NAME.search(piece) and not editions.UNABRIDGED.search(piece):
        return SeriesNote(_name(piece), NOWHERE)
    return None


def _name(text: str) -> str:
    return text.strip(" ,:-\u2013#")


def _count_fits(count: str) -> bool:
    return bool(parse(count).numbers)


def _without_part(text: str) -> tuple[str, int]:
    """Take "Part 2", "(1 of 5)" out of a title, unless nothing would be left before it."""
    for match in _PART.finditer(text):
        number = _part_number(match)
        if match.start() and number and not _SERIES_NAME.search(text[: match.start()]):
            rest = f"{text[: match.start()]}{text[match.end() :]}".strip(" ,:-")
            return rest, number
    return text, 0


def _part_number(match: re.Match[str] | None) -> int:
    """Return the number of a part; 0 where "part" is followed by another word ("Part Time")."""
    if match is None:
        return 0
    return numeral(fold(match["part"] or match["nth"] or match["slash"])) or 0


def _divide(text: str, series: list[SeriesNote]) -> tuple[str, str]:
    """Split at the first colon or dash into title and subtitle, reading series prefixes."""
    text, *tails = without_tails(text)
    series.extend(tails)
    pieces = [piece.strip(" ,") for piece in _COLON.split(text) if piece and piece.strip(" ,")]
    while len(pieces) > 2 and (_is_genre(pieces[-1], series) or _is_place(pieces, series)):
        pieces.pop()  # "Title: Subtitle: A Novel", "Title: A Subtitle: Series, Book 1"
    if len(pieces) < 2:
        return _trailing(text, series), ""
    for at in range(len(pieces) - 1, 0, -1):
        head, rest = ": ".join(pieces[:at]), ": ".join(pieces[at:])
        note = read_note(head) or bare_number(head)
        told = read_note(rest)
        if note and told and f"{fold(note.name)} ".startswith(f"{fold(told.name)} "):
            continue  # "Bone Lord 5: Bone Lord, Book 5"
        if note and note.name and note.position.numbers and not is_genre(rest):
            series.append(note)
            return rest, ""
    return _trailing(pieces[0], series), ": ".join(pieces[1:])


def without_tails(text: str) -> tuple[str, *tuple[SeriesNote, ...]]:
    """Take series and genre off that stand behind the last dash: a dash parts more than a colon.

    So "Land: Forging - Chaos, Book 2" is "Land: Forging", and no book of "Forging: Chaos".
    """
    series: list[SeriesNote] = []
    while True:
        dashes = list(_DASH.finditer(text))
        if not dashes or not dashes[-1].start():
            return text, *series
        before, tail = text[: dashes[-1].start()], text[dashes[-1].end() :]
        note = read_note(tail) or (bare_number(tail) if "," in tail else None)
        if note is not None and note.name and note.position.numbers:
            series.append(_of_genre(note, before))
        elif not (is_subtitle(tail) or _NOVEL_OF.match(tail)) or not _is_genre(tail, series):
            return text, *series
        text = before.rstrip(" ,:")


def without_place(title: str) -> str:
    """Take a series and number off the end of a whole title: "Salt: Tides: Harbour, Book 3"."""
    bare, *_ = without_tails(title)
    before, colon, tail = bare.rpartition(": ")
    note = read_note(tail) if colon else None
    return before if note is not None and note.name and note.position.numbers else bare


def _of_genre(note: SeriesNote, heading: str) -> SeriesNote:
    """Name the series that a genre counts: "Gate: Dawn - A LitRPG Saga, Book 1" is of Gate.

    "A Harbour Lights Novel, Book 1" is of Harbour Lights.
    """
    head, colon, genre = note.name.rpartition(": ")
    if colon and is_genre(genre):
        return replace(note, name=head)
    named = "" if colon else _series_in_genre(note.name)
    if named:
        return replace(note, name=named)
    if not colon and _some(note.name) and GENRE.match(note.name):
        return SeriesNote(heading.partition(": ")[0], note.position, implied=True)
    return note


def _trailing(head: str, series: list[SeriesNote]) -> str:
    """Note the number at a title's end: "Bone Lord 5" is volume 5 of a series of that name."""
    before, comma, after = head.rpartition(", ")
    note = read_note(after) if comma else None
    if note is not None and note.name and note.position.numbers:  # "Title, Series Book 3"
        series.append(note)
        return before
    note = read_note(head)
    if note is not None and note.name and note.position.numbers:
        series.append(SeriesNote(note.name, note.position, implied=True))
        return f"{note.name} {note.position.printed}"
    note = bare_number(head)
    if note is not None and (" " in note.name or note.position.numbers < (10,)):  # Apollo 13
        series.append(SeriesNote(note.name, note.position, implied=True))
    return head


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
    return SeriesNote(_name(match["name"]), parse(str(number)))


def _subtitle(rest: str, main: str, series: list[SeriesNote]) -> str:
    """Keep of a subtitle what is neither a series note nor a genre."""
    if not rest:
        return ""
    rest = editions.without_noise(rest)
    if fold(rest) in ARTICLES:  # "A (Full Cast Production)"
        return ""
    if _is_genre(rest, series):
        return ""
    note = read_note(rest) or _bare_volume(rest)
    if note is None or editions.kind_of(note.name):
        return rest
    if _series_in_genre(note.name):
        note = _of_genre(note, main)
    elif note.name and not _names_series(note.name):
        series.append(SeriesNote(main, note.position, implied=True))
        return note.name
    series.append(note if note.name else SeriesNote(main, note.position, implied=True))
    return ""


def _is_genre(rest: str, series: list[SeriesNote]) -> bool:
    """Whether a subtitle is a genre, "A LitRPG Adventure"; it may name a series in passing."""
    if recast(rest):
        return False
    named = _series_in_genre(rest)
    if named:
        series.append(SeriesNote(named, NOWHERE))
    return bool(named) or is_genre(rest)


def _bare_volume(told: str) -> SeriesNote | None:
    """Read a number without a word for it, if that many volumes are likely: no "Child 44"."""
    note = bare_number(told)
    likely = note is not None and max(note.position.numbers, default=0) <= _MOST_VOLUMES
    return note if likely else None


def _series_in_genre(told: str) -> str:
    """Return the series that "A Harbour Lights Novel" or "From the Salt Archive" names, or ""."""
    of = _NOVEL_OF.match(told)
    if of is not None:
        return _name(of["name"])
    novel = _SERIES_NOVEL.match(told)
    named = novel is not None and GENRE.match(told) and not is_generic(novel["name"])
    return _name(novel["name"]) if novel is not None and named else ""


def _is_place(pieces: list[str], series: list[SeriesNote]) -> bool:
    """Whether the last piece places the book in a series that begins only there."""
    note = read_note(pieces[-1])
    if note is None or not note.name or not note.position.numbers:
        return False
    series.append(note)
    return True


def _names_series(name: str) -> bool:
    """Whether a number behind a subtitle counts a series: "A Brief History 2" is the book's own."""
    some = _some(name) or len(name.split()) > 6
    named = _SERIES_NAME.search(name) is not None
    if GENRE.match(name):
        return named and not some
    return named or not (some and describes(name))


def _some(name: str) -> bool:
    return fold(name.partition(" ")[0]) in {"a", "an"}


def _settle(main: str, rest: str, series: list[SeriesNote]) -> tuple[str, str]:
    """Let the subtitle be the title of "Series: Title"; number "Title: Book 2" as "Title 2"."""
    named = fold(main)
    for note in series:
        if fold(note.name) != named:
            continue
        first = note.position.single == 1 and describes(rest, main)
        if rest and not note.implied and not first:
            return rest, ""  # but "Freakonomics: A Rogue Economist ... (Freakonomics, #1)"
        if note.implied and note.position.numbers:
            return f"{main} {note.position.printed}", rest
    return main, rest


def _unique(notes: list[SeriesNote]) -> tuple[SeriesNote, ...]:
    return tuple(dict.fromkeys(note for note in notes if note.name))
