"""Tell which dash-separated piece of a name is the author, the series, the title, the narrator."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import editions
from pipeline.domain.folding import ARTICLES, fold
from pipeline.domain.genres import is_subtitle
from pipeline.domain.likeness import SURE, authorship, entitled, likeness, pen_name
from pipeline.domain.name_pieces import Marks
from pipeline.domain.people import split
from pipeline.domain.positions import NOWHERE, parse
from pipeline.domain.series_notes import SeriesNote, bare_number, read_note
from pipeline.domain.subtitles import describes

# All of somebody's work, in the languages that releases are named in.
DISCOGRAPHY = re.compile(
    r"[\s,:-]*\b(?:(?:the|complete|full)\s+)*(?:dis[ck]ograph(?:y|ie)|discografia|discograf\u00eda)\b"
    r"(?:\s+complet[ae])?(?:[\s,-]+(?:(?:19|20)\d\d[\s-]*)+)?",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"(?P<name>[^\W\d].*?),?\s+(?:(?P<number>0\d|#\d{1,2}|\d{1,2}\.\d)[,:]?\s+(?!of\s\d)(?P<after>\w.+)"
    r"|(?:(?P<roman>(?-i:[IVX]{2,5}))|(?:book|bk|vol|volume)\.?\s*#?(?P<count>\d{1,2}))[,:]?\s+"
    r"(?!of\b|in\b)(?P<title>[^\W\d].+))",
    re.IGNORECASE,
)
_CHAPTER = re.compile(
    r"(?:ch|chapter|part|track|disc|cd|pt)\.?\s*\d{1,3}(?:\s*(?:of|/)\s*\d+)?", re.IGNORECASE
)
_NUMBER = re.compile(r"#?\s*\d{1,3}(?:\.\d{1,2})?(?:\s*-\s*\d{1,3})?")
# A piece that ends so gathers books, and is no title of one.
GATHERED = re.compile(r"\b(?:collection|series|saga|chronicles|novellas|stories)$", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['\u2019]s\s")
_ARTICLES = ARTICLES | {"le", "la", "les", "der", "die", "das", "el", "il"}
_VOLUME = re.compile(r"(?:book|bk|volume|vol|band|tome|v)\.?\s*#?\d{1,3}", re.IGNORECASE)
_COUNTED = re.compile(r"(\d{1,3})[.)]\s+([^\W\d].*)")
_PADDED = re.compile(r"(0\d)\s+([^\W\d].*)")
_LENGTH = re.compile(
    r"\d{1,2}(?:[.:]\d\d){2}|\d{1,3}\s?(?:h(?:rs?)?|(?-i:hours?))(?:\s?\d{1,2}\s?m(?:ins?)?)?",
    re.IGNORECASE,
)
_OPENERS = {"audiobook", "audio book", "horbuch", "m4b", "mp3"}
_RECORDING = re.compile(r"\d?CD|WEB|FLAC|VINYL|RIP|NMR|MP3|M4B")
_YEARS = re.compile(r"(?:1[5-9]|20)\d\d(?:\s*-\s*(?:1[5-9]|20)?\d\d)?")


@dataclass(slots=True)
class Segments:
    """The outcome: a title and the authors; series and narrators go into the marks.

    A `whole` title is somebody's own field and stays as it is printed.
    """

    title: str
    authors: tuple[str, ...] = ()
    whole: bool = False


def assign(pieces: Sequence[str], marks: Marks, *, authors: tuple[str, ...] = ()) -> Segments:
    """Give each piece its meaning; `authors` are known already from "by ..."."""
    left = _titles(_counted_apart(pieces), marks)
    if not left:
        return Segments(" - ".join(pieces), authors)
    if left[0].startswith("by ") and len(left) > 1:
        left[0] = left[0][3:]
    if not authors:
        authors, left = _by(left)
    left = _series(_entitled(left, marks), marks, known_author=bool(authors))
    if authors:
        return _authored(left, authors, marks)
    if len(left) == 2 and editions.YEAR.fullmatch(left[0]) and likeness(left[1]) < SURE:
        marks.year = marks.year or left.pop(0)  # "1945 - Animal Farm"
    if len(left) == 2 and _VOLUME.fullmatch(left[1]):
        marks.series.append(SeriesNote(left[0], parse(left.pop())))  # "Dune - Volume 1"
    if len(left) == 1:
        return Segments(left[0])
    left = _without_reader(left, marks)
    return _ordered(left, marks)


def _counted_apart(pieces: Sequence[str]) -> list[str]:
    """Part "03. Title" in two when author and series stand before it, "03 Title" behind either."""
    out: list[str] = []
    for at, piece in enumerate(pieces):
        counted = (at > 1 and _COUNTED.fullmatch(piece)) or (at and _PADDED.fullmatch(piece))
        out.extend((counted[1], counted[2]) if counted else (piece,))
    return out


def _entitled(pieces: list[str], marks: Marks) -> list[str]:
    """Take the series off pieces that are a whole title: "The Salt Road: Harbour, Book 3"."""
    out: list[str] = []
    for at, piece in enumerate(pieces):
        series, colon, title = piece.partition(": ")
        if colon and len(pieces) > 1 and title and _tells_place(series.strip()):
            marks.series.extend(filter(None, [read_note(series.strip())]))
            out.append(title)
            continue
        title, colon, told = piece.rpartition(": ")
        note = read_note(told) or bare_number(told) if colon and len(pieces) > 1 else None
        others = [other for other in pieces if other is not piece]
        among = len(others) > 1 and min(authorship(other) for other in others) < SURE
        if note is None or not note.placed or (at and among):
            out.append(piece)  # "Author - Warformed: Stormweaver 1 - Title" is a series as a whole
            continue
        marks.series.append(note)
        marks.titled = marks.titled or fold(title)
        out.append(title)
    return out


def _by(pieces: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Take out authors named as "Title by Author" in one of several pieces."""
    for at, piece in enumerate(pieces):
        title, by, who = f" {piece}".rpartition(" by ")
        likely = authorship(who) if by and len(pieces) > 1 else 0
        others = (authorship(other) for other in pieces if other is not piece)
        if likely >= SURE or (likely >= 1 and max(others) < SURE):
            return split(who), [*pieces[:at], *filter(None, [title.strip()]), *pieces[at + 1 :]]
    return (), pieces


def _titles(pieces: Sequence[str], marks: Marks) -> list[str]:
    """Drop the pieces that speak of the recording only; note years and narrators."""
    told: list[str] = []
    written = False
    for at, piece in enumerate(pieces):
        year = editions.YEAR.fullmatch(piece)
        behind = at > 1 or (at and len(pieces) > 2 and authorship(pieces[0]) < SURE)
        if behind and told and is_subtitle(piece):
            told[-1] += f" - {piece}"  # "Author - Title - A LitRPG Adventure"
        elif len(pieces) > 1 and not year and _technical(piece, first=not at):
            marks.take(piece)
            written = written or _written(told)
        elif written and likeness(piece) >= 1:
            marks.narrators.extend(split(piece))  # "Author - Title - Unabridged - Narrator"
        else:
            written = written or (year is not None and _written(told))
            told.append(piece)
    kept: list[str] = []
    for at, piece in enumerate(told):
        entitled = at == len(told) - 1 and len(kept) < 2  # "George Orwell - 1949 - 1984"
        if _YEARS.fullmatch(piece) and len(told) > 2 and not entitled:
            marks.year = marks.year or piece[:4]
        else:
            kept.append(piece)
    return kept


def _written(told: Sequence[str]) -> bool:
    """Whether author and title stand already: a person behind the marks then is the reader."""
    return len(told) > 1 and authorship(told[0]) > 0


def _technical(piece: str, *, first: bool) -> bool:
    """Whether a piece speaks of the recording only; the first piece only when it surely does."""
    if first:
        return fold(piece) in _OPENERS or piece.startswith("BBC ")
    if _CHAPTER.fullmatch(piece) or _LENGTH.fullmatch(piece):
        return True
    return editions.only_noise(piece) or _RECORDING.fullmatch(piece) is not None


def _series(pieces: list[str], marks: Marks, *, known_author: bool) -> list[str]:
    """Take out the pieces that name a series and a number, or only a number after its series."""
    enough = 1 if known_author else 2
    told = bool(marks.series) or any(_tells_place(piece) for piece in pieces)
    for at, piece in enumerate(pieces):
        rest = [*pieces[:at], *pieces[at + 1 :]]
        if _NUMBER.fullmatch(piece) and at and len(rest) > enough:
            name = pieces[at - 1]
            marks.series.append(SeriesNote(name, parse(piece.lstrip("# "))))
            rest.remove(name)
            return rest
        if _NUMBER.fullmatch(piece) and at == 1 and len(rest) == 2 and not known_author:
            if likeness(rest[0]) < SURE:
                marks.series.append(SeriesNote(rest[0], parse(piece.lstrip("# "))))
                return rest[1:]
            return rest
        inner = _INNER.fullmatch(piece)
        if inner:
            number = inner["number"] or inner["roman"] or inner["count"]
            marks.series.append(SeriesNote(inner["name"].strip(" ,-"), parse(number.lstrip("#"))))
            return [*pieces[:at], inner["after"] or inner["title"], *pieces[at + 1 :]]
        note = read_note(piece) or (None if told else bare_number(piece))
        needed = 1 if at == 0 else enough  # no author's name ends in a number
        persons = all(authorship(other) >= SURE or pen_name(other) for other in rest)
        if note and ((note.position.is_range and len(rest) < enough) or (at == 0 and persons)):
            continue
        if note and note.placed and len(rest) >= needed:
            marks.series.append(note)
            if (at == 0 and len(rest) > 1) or (at == 1 and len(rest) > 2):
                marks.titled = marks.titled or fold(rest[at])
            return rest
    return pieces


def _tells_place(piece: str) -> bool:
    """Whether a piece says "Book 3" or "#3" of a series; "Series 3" may be a title as well."""
    note = read_note(piece)
    return note is not None and note.placed


def _authored(pieces: list[str], authors: tuple[str, ...], marks: Marks) -> Segments:
    """Pieces of a title whose authors were named apart: they stay together."""
    while len(pieces) > 1 and authorship(pieces[-1]) >= SURE:
        marks.narrators.extend(split(pieces.pop()))
    if len(pieces) == 2 and read_note(pieces[1]) is not None:
        marks.series.append(read_note(pieces[1]) or SeriesNote(pieces[1], NOWHERE))
        pieces = pieces[:1]
    return Segments(" - ".join(pieces), authors)


def _ordered(pieces: list[str], marks: Marks) -> Segments:
    """Take the first piece for the author, unless the last surely is a person and it is not."""
    first, last = authorship(pieces[0]), authorship(pieces[-1])
    third = len(pieces) == 3 and bool(marks.series) and authorship(pieces[1]) < SURE
    placed = third and marks.titled == fold(pieces[1]) and last >= 1
    if placed or (third and first >= 1 and last >= SURE):
        author, *rest = pieces
        marks.narrators.extend(split(rest.pop()))
    elif _author_last(pieces, first, last, marks):
        *rest, author = pieces
    else:
        author, *rest = pieces
        if len(rest) > 1 and last >= SURE and likeness(rest[0]) < SURE:
            marks.narrators.extend(split(rest.pop()))
    if len(rest) > 1:
        rest = _middle(rest, marks)
    title = " - ".join(rest)
    return Segments("Discography" if DISCOGRAPHY.search(title) else title, _people(author))


def _author_last(pieces: list[str], first: float, last: float, marks: Marks) -> bool:
    """Whether the last piece is the author: by the persons, then by where the series stands."""
    if any(DISCOGRAPHY.fullmatch(piece) for piece in pieces):
        return DISCOGRAPHY.fullmatch(pieces[0]) is not None
    if max(first, last) >= SURE > min(first, last):
        return last > first
    if marks.titled and fold(pieces[-1]) != fold(pieces[0]):
        if marks.titled.startswith(fold(pieces[0])):
            return True
        if marks.titled.startswith(fold(pieces[-1])):
            return False
    words = pieces[0].split()
    if first == 0 and pen_name(pieces[-1]) and not pieces[0].islower():
        return len(words) > 1
    placed = 1.0 if marks.series and last > 0 else last
    return last > first and _titled(words, pieces[-1], placed)


def _titled(words: list[str], who: str, last: float) -> bool:
    """Whether the first piece is a title, when only the last one may be a name.

    A name of one word is too little for that, where no series tells that these are books: "The
    Cure - Disintegration" is by The Cure.
    """
    if last < 1:
        return len(words) > 4 or words[0].endswith(":")
    if len(words) == 1:
        return last >= SURE or len(who.split()) == 2  # "Hyperspace - Michio Kaku"
    told = " ".join(words)
    article = fold(words[0]) in _ARTICLES
    return len(words) > 2 or article or entitled(told) or _POSSESSIVE.search(told) is not None


def _without_reader(pieces: list[str], marks: Marks) -> list[str]:
    """Two persons at the end are author and narrator: "Title - Author - Narrator"."""
    if len(pieces) < 3 or likeness(pieces[0]) >= SURE:
        return pieces
    author, reader = likeness(pieces[-2]), likeness(pieces[-1])
    likely = len(pieces) == 3 and authorship(pieces[0]) == 0 and min(author, reader) >= 1
    if min(author, reader) < SURE and not (likely and max(author, reader) >= SURE):
        return pieces
    marks.narrators.extend(split(pieces[-1]))
    return pieces[:-1]


def _middle(rest: list[str], marks: Marks) -> list[str]:
    """Take a bare piece between author and title for the series, when no other was found."""
    short = len(rest[0].split()) <= 4
    if marks.series or not short or len(rest) > 2 or describes(rest[-1], rest[0]):
        return rest
    if GATHERED.search(rest[-1]):  # "Author - Salt - Harbour Collection"
        marks.series.append(SeriesNote(rest[-1], NOWHERE))
        return rest[:1]
    marks.series.append(SeriesNote(rest[0], NOWHERE))
    return rest[1:]


def _people(author: str) -> tuple[str, ...]:
    return split(author) or (author,)
