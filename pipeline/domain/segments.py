"""Tell which dash-separated piece of a name is the author, the series, the title, the narrator."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain import editions
from pipeline.domain.name_pieces import Marks, likeness
from pipeline.domain.people import split
from pipeline.domain.positions import NOWHERE, parse
from pipeline.domain.title_parts import SeriesNote, bare_number, read_note

SURE = 3.0
_DISCOGRAPHY = re.compile(r"\bdiscography\b", re.IGNORECASE)
_NUMBER = re.compile(r"#?\s*\d{1,3}(?:\.\d{1,2})?(?:\s*-\s*\d{1,3})?")
_RECORDING = re.compile(r"\d?CD|WEB|FLAC|VINYL|RIP|NMR|MP3|M4B")
_YEARS = re.compile(r"(?:19|20)\d\d(?:\s*-\s*(?:19|20)?\d\d)?")


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
    left = _titles(pieces, marks)
    if not left:
        return Segments(" - ".join(pieces), authors)
    left = _series(left, marks, known_author=bool(authors))
    if authors:
        return _authored(left, authors, marks)
    if len(left) == 1:
        return Segments(left[0])
    return _ordered(left, marks)


def _titles(pieces: Sequence[str], marks: Marks) -> list[str]:
    """Drop the pieces that speak of the recording only; note years and narrators."""
    kept: list[str] = []
    for at, piece in enumerate(pieces):
        others = len(pieces) - 1
        if _YEARS.fullmatch(piece) and others >= 2:
            marks.year = marks.year or piece[:4]
        elif (
            at
            and others
            and not _YEARS.fullmatch(piece)
            and (editions.only_noise(piece) or _technical(piece))
        ):
            marks.take(piece)
        else:
            kept.append(piece)
    return kept


def _technical(piece: str) -> bool:
    return _RECORDING.fullmatch(piece) is not None


def _series(pieces: list[str], marks: Marks, *, known_author: bool) -> list[str]:
    """Take out the pieces that name a series and a number, or only a number after its series."""
    enough = 1 if known_author else 2
    for at, piece in enumerate(pieces):
        rest = [*pieces[:at], *pieces[at + 1 :]]
        if _NUMBER.fullmatch(piece) and at and len(rest) > enough:
            name = pieces[at - 1]
            marks.series.append(SeriesNote(name, parse(piece.lstrip("# "))))
            rest.remove(name)
            return rest
        note = read_note(piece) or bare_number(piece)
        if note and note.name and note.position.numbers and len(rest) >= enough:
            marks.series.append(note)
            return rest
    return pieces


def _authored(pieces: list[str], authors: tuple[str, ...], marks: Marks) -> Segments:
    """Pieces of a title whose authors were named apart: they stay together."""
    if len(pieces) == 2 and read_note(pieces[1]) is not None:
        marks.series.append(read_note(pieces[1]) or SeriesNote(pieces[1], NOWHERE))
        pieces = pieces[:1]
    return Segments(" - ".join(pieces), authors)


def _ordered(pieces: list[str], marks: Marks) -> Segments:
    """Author first, unless the last piece is surely a person and the first is not."""
    first, last = likeness(pieces[0]), likeness(pieces[-1])
    if last >= SURE and first < SURE:
        *rest, author = pieces
    else:
        author, *rest = pieces
        if len(rest) > 1 and last >= SURE and likeness(rest[0]) < SURE:
            marks.narrators.extend(split(rest.pop()))
    if len(rest) > 1:
        rest = _middle(rest, marks)
    title = " - ".join(rest)
    return Segments("Discography" if _DISCOGRAPHY.search(title) else title, _people(author))


def _middle(rest: list[str], marks: Marks) -> list[str]:
    """A bare piece between author and title is the series, when no other was found."""
    short = len(rest[0].split()) <= 4
    if marks.series or not short or len(rest) > 2:
        return rest
    marks.series.append(SeriesNote(rest[0], NOWHERE))
    return rest[1:]


def _people(author: str) -> tuple[str, ...]:
    return split(author) or (author,)
