"""Take a book's printed title apart: title, subtitle, series notes, part, edition marks."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.domain import editions
from pipeline.domain.folding import ARTICLES, fold
from pipeline.domain.genres import (
    GENRE,
    is_generic,
    is_genre,
    is_subtitle,
    only_genre,
    opens_with_a,
)
from pipeline.domain.positions import NOWHERE
from pipeline.domain.series_notes import (
    PART,
    SERIES_NAME,
    SeriesNote,
    bare_name,
    bare_number,
    part_number,
    read_note,
    read_notes,
)
from pipeline.domain.subtitles import describes, recast

_SERIES_NOVEL = re.compile(
    r"^[Aa]n?\s+(?P<name>[A-Z].*?)\s+(?:novel|novella|mystery|thriller|book|story|adventure|standalone)$",
    re.IGNORECASE,
)
_NOVEL_OF = re.compile(
    r"^(?:(?:a\s+novel|(?:a\s+)?(?:novella|story|stories|tales?))\s+(?:of|from)|from)\s+the\s+(?:world\s+of\s+)?"
    r"(?P<name>.*\b(?:series|files|archives?|chronicles|saga|universe|world|cycle))$",
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
        if not notes and part_number(PART.fullmatch(f" {inner}")):
            part = f" part {inner.split()[1] if inner[:1].isalpha() else inner.split()[0]}"
        elif not notes and inner and not (genre or editions.only_noise(inner)):
            asides.append(inner)
    bare = " ".join(_BRACKETS.sub(" ", text).split()).strip(" -,:;")
    return (bare or text) + part


def _without_part(text: str) -> tuple[str, int]:
    """Take "Part 2", "(1 of 5)" out of a title, unless nothing would be left before it."""
    for match in PART.finditer(text):
        number = part_number(match)
        if match.start() and number and not SERIES_NAME.search(text[: match.start()]):
            rest = f"{text[: match.start()]}{text[match.end() :]}".strip(" ,:-")
            return rest, number
    return text, 0


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
        if note and note.placed and not is_genre(rest):
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
        if note is not None and note.placed:
            series.append(_of_genre(note, before))
        elif not (is_subtitle(tail) or _NOVEL_OF.match(tail)) or not _is_genre(tail, series):
            return text, *series
        text = before.rstrip(" ,:")


def without_place(title: str) -> str:
    """Take a series and number off the end of a whole title: "Salt: Tides: Harbour, Book 3"."""
    bare, *_ = without_tails(title)
    before, colon, tail = bare.rpartition(": ")
    note = read_note(tail) if colon else None
    return before if note is not None and note.placed else bare


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
    if not colon and is_subtitle(note.name):
        return SeriesNote(heading.partition(": ")[0], note.position, implied=True)
    return note


def _trailing(head: str, series: list[SeriesNote]) -> str:
    """Note the number at a title's end: "Bone Lord 5" is volume 5 of a series of that name."""
    before, comma, after = head.rpartition(", ")
    note = read_note(after) if comma else None
    if note is not None and note.placed:  # "Title, Series Book 3"
        series.append(note)
        return before
    note = read_note(head)
    if note is not None and note.placed:
        series.append(SeriesNote(note.name, note.position, implied=True))
        return f"{note.name} {note.position.printed}"
    note = bare_number(head)
    if note is not None and (" " in note.name or note.position.numbers < (10,)):  # Apollo 13
        series.append(SeriesNote(note.name, note.position, implied=True))
    return head


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
        return bare_name(of["name"])
    novel = _SERIES_NOVEL.match(told)
    named = novel is not None and GENRE.match(told) and not is_generic(novel["name"])
    return bare_name(novel["name"]) if novel is not None and named else ""


def _is_place(pieces: list[str], series: list[SeriesNote]) -> bool:
    """Whether the last piece places the book in a series that begins only there."""
    note = read_note(pieces[-1])
    if note is None or not note.placed:
        return False
    series.append(note)
    return True


def _names_series(name: str) -> bool:
    """Whether a number behind a subtitle counts a series: "A Brief History 2" is the book's own."""
    some = opens_with_a(name) or len(name.split()) > 6
    named = SERIES_NAME.search(name) is not None
    if GENRE.match(name):
        return named and not some
    return named or not (some and describes(name))


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
