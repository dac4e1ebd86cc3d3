"""Read a book's folder as Audiobookshelf has it: Author/Series/Vol. 2 - 2013 - Title."""

import re

from pipeline.domain import editions
from pipeline.domain.folding import fold
from pipeline.domain.genres import is_subtitle
from pipeline.domain.keys import author_key
from pipeline.domain.name_pieces import Marks, bracketless
from pipeline.domain.people import split
from pipeline.domain.positions import parse
from pipeline.domain.segments import Segments
from pipeline.domain.series_notes import SeriesNote, bare_number, read_note

_DASHED = re.compile(r"\s[-\u2013\u2014]\s")
_PADDED = re.compile(
    r"^(?:(?:(?:vol(?:ume)?|book|bk)\.?\s*|\#)(?P<named>\d{1,3}(?:\.\d{1,2})?)[.,:]?"
    r"|(?P<dotted>\d{1,3}(?:\.\d{1,2})?)\.|(?P<padded>0\d{1,2}|[1-9]\d(?=\s+(?-i:[A-Z]))))\s+(?=\w)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"^(?P<title>.+?),?\s+(?:vol(?:ume)?|book|bk|\#)\.?\s*(?P<number>\d{1,3}(?:\.\d{1,2})?)$",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"(?:(?:vol(?:ume)?|book|bk|no|#)\.?\s*)?(\d{1,3}(?:\.\d{1,2})?(?:-\d{1,3})?)\.?", re.IGNORECASE
)


def read_folder(path: str, marks: Marks) -> Segments:
    """Read author, series and title from a path below the library's root.

    The book's own folder is `[volume - ][year - ]title[ {narrator}][ [ASIN]]`, or begins with the
    author and perhaps the series.
    """
    author, *middle, book = [part.strip() for part in path.split("/") if part.strip()]
    whole = book.removeprefix(f"{author} - ")
    bare = bracketless(whole, marks, keep_unknown=True)
    pieces = [piece.strip() for piece in _DASHED.split(bare) if piece.strip()] or [whole]
    again = len(pieces) > 1 and author_key(pieces[0]) == author_key(author)
    prefixed = again or whole != book
    number, pieces = _leading(pieces[1:] if again else pieces, marks)
    if middle and not number and fold(bare) != fold(middle[-1]):
        number, pieces = _counted(pieces)
    heading = _heading(pieces)
    if heading is not None:
        marks.series.insert(0, heading)
        _, *behind = pieces  # but "Harbour, Book 5 - A Sea Mystery" is all title
        pieces = pieces if all(map(is_subtitle, behind)) else behind
    elif middle:
        _place(marks, middle[-1], number)
    elif prefixed and len(pieces) > 1:
        _place(marks, pieces[0], number)
        pieces = pieces[1:]
    return Segments(" - ".join(pieces), split(author) or (author,))


def _heading(pieces: list[str]) -> SeriesNote | None:
    """Return the series that stands before a title: "Harbour 3 - The Salt Road", or None."""
    if len(pieces) == 1:
        return None
    note, last = read_note(pieces[0]) or bare_number(pieces[0]), read_note(pieces[-1])
    if note is None or not note.name or (last is not None and last.position.numbers):
        return None
    return note


def _leading(pieces: list[str], marks: Marks) -> tuple[str, list[str]]:
    """Read volume and year off the front of a folder's pieces."""
    number = ""
    while len(pieces) > 1:
        volume = _VOLUME.fullmatch(pieces[0])
        if editions.YEAR.fullmatch(pieces[0]):
            marks.year = marks.year or pieces[0]
        elif volume and not number:
            number = volume[1]
        else:
            break
        pieces = pieces[1:]
    return number, pieces


def _counted(pieces: list[str]) -> tuple[str, list[str]]:
    """Read the number of "03 Title", "Vol. 3. Title", "Title - Volume 3" or "Title, Book 3"."""
    first, last = _PADDED.match(pieces[0]), _LAST.match(pieces[-1])
    if first is not None:
        return first[first.lastgroup or 0], [pieces[0][first.end() :], *pieces[1:]]
    alone = _VOLUME.fullmatch(pieces[-1])
    if alone is not None and len(pieces) > 1 and not pieces[-1].isdecimal():
        return alone[1], pieces[:-1]
    return (last["number"] if last else ""), pieces


def _place(marks: Marks, name: str, number: str) -> None:
    if not any(fold(note.name) == fold(name) for note in marks.series):
        marks.series.insert(0, SeriesNote(name, parse(number)))
