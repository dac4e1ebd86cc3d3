"""See from a torrent's file list which books it holds, and which of them are wanted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.domain import editions
from pipeline.domain.audio_files import Recording, ordered
from pipeline.domain.folding import fold
from pipeline.domain.matching import Comparable, Verdict, comparable, compare, of_wanted
from pipeline.domain.models import SeriesPlace, WantedBook
from pipeline.domain.people import SAME, agree
from pipeline.domain.titles import read

_Claim = tuple[int, int, int, str]  # score, place in the pack, place among the wanted, reason

# Folders of one book's discs are one book.
_DISC = re.compile(r"(?:cd|disc|disk|part|pt)?\s*\d{1,3}(?:\s*of\s*\d+)?", re.IGNORECASE)
_CHAPTER = re.compile(r"\b(?:chapter|track|part|disc|cd)\b|^\d{1,4}\b|\b\d{1,4}$", re.IGNORECASE)

_NUMBERED = re.compile(
    r"^\W*(?:book|vol\.?|#)?\s*(\d{1,3}(?:\.\d)?)[\])]?[\s.\-_]+(?=[^\W\d])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class PackedBook:
    """One book of a pack: its name as printed, its audio files with all that lies beside them.

    `book_id` is the wanted book that it surely is; None for a book nobody asked for.
    """

    name: str
    paths: tuple[str, ...]
    size: int
    book_id: int | None = None
    reason: str = ""


def inspect(
    files: Sequence[tuple[str, int]], wanted: Sequence[WantedBook]
) -> tuple[PackedBook, ...]:
    """Group a torrent's files (path, bytes) into books and match them with the wanted ones.

    A wanted book is given to one packed book at most, and only when name and author, or name and
    series place, say so for sure; the pack's author counts where a file names none. What could as
    well be another author's book of that title is given to nobody.
    """
    groups = _books(files)
    claims: list[_Claim] = []
    prepared = [of_wanted(book) for book in wanted]
    for at, (name, _) in enumerate(groups):
        found: list[_Claim] = []
        for which, book in enumerate(wanted):
            verdict = _verdict(name, book, prepared[which])
            if verdict.band == "auto":
                found.append((verdict.score, at, which, verdict.reason))
        claims.extend(_told_apart(found, prepared))
    given: dict[int, tuple[int, str]] = {}
    for _, at, which, reason in sorted(claims, key=lambda claim: (-claim[0], claim[1], claim[2])):
        if at not in given and which not in {book for book, _ in given.values()}:
            given[at] = (which, reason)
    return tuple(
        _packed(name, paths, given.get(at), wanted) for at, (name, paths) in enumerate(groups)
    )


def _told_apart(claims: list[_Claim], prepared: Sequence[Comparable]) -> list[_Claim]:
    """Drop all claims on one packed book when they are by different authors.

    A name with an author in it is claimed for that author's book only.
    """
    named = [prepared[claim[2]].people for claim in claims]
    return claims if all(agree(named[0], other) == SAME for other in named[1:]) else []


def assign(recording: Recording, wanted: Sequence[WantedBook]) -> dict[int, Recording]:
    """Deal the inspected files of a pack out to the wanted books, by book id.

    Companions go with the book in whose folder they lie, or beside whose file of the same name.
    Audio is in playing order. A book that the files do not name gets an empty recording; what
    belongs to no wanted book is left; a refused file condemns them all.
    """
    listed = [(str(file.path), file.size) for file in recording.files]
    listed += [(str(path), 0) for path in recording.companions]
    mine = {book.book_id: set(book.paths) for book in inspect(listed, wanted) if book.book_id}
    taken = set().union(*mine.values())
    left = [path for path in recording.paths if str(path) not in taken]
    return {
        book.book_id: Recording(
            files=ordered(f for f in recording.files if str(f.path) in mine.get(book.book_id, ())),
            companions=tuple(
                path for path in recording.companions if str(path) in mine.get(book.book_id, ())
            ),
            refused=recording.refused,
            left=(*recording.left, *left),
        )
        for book in wanted
    }


def _packed(
    name: str,
    paths: Sequence[tuple[str, int]],
    given: tuple[int, str] | None,
    wanted: Sequence[WantedBook],
) -> PackedBook:
    return PackedBook(
        name=name,
        paths=tuple(path for path, _ in paths),
        size=sum(size for _, size in paths),
        book_id=wanted[given[0]].book_id if given else None,
        reason=given[1] if given else "not wanted",
    )


def _books(files: Sequence[tuple[str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Files by book: a folder of chapters is a book, a single large file in a shared one too."""
    folders: dict[PurePosixPath, list[tuple[str, int]]] = {}
    for path, size in files:
        folder = PurePosixPath(path).parent
        while _DISC.fullmatch(folder.name) and folder.parent != folder:
            folder = folder.parent
        folders.setdefault(folder, []).append((path, size))
    books: list[tuple[str, list[tuple[str, int]]]] = []
    for folder, inside in folders.items():
        audio = [entry for entry in inside if _is_audio(entry[0])]
        if audio and _one_book(audio):
            books.append((_name(folder, audio), inside))
        else:
            books.extend((PurePosixPath(entry[0]).name, _beside(entry, inside)) for entry in audio)
    return books


def _beside(audio: tuple[str, int], inside: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return a file with what lies in its folder under the same name: its cover, its cue sheet."""
    stem = PurePosixPath(audio[0]).stem.casefold()
    named = [one for one in inside if PurePosixPath(one[0]).stem.casefold() == stem]
    return [audio, *(one for one in named if not _is_audio(one[0]))]


def _name(folder: PurePosixPath, audio: Sequence[tuple[str, int]]) -> str:
    """Return a lone file's own name, unless it only counts; else the name of the folder."""
    lone = PurePosixPath(audio[0][0])
    if not folder.name or (len(audio) == 1 and _bare(lone.name)):
        return lone.name
    return folder.name


def _is_audio(path: str) -> bool:
    return PurePosixPath(path).suffix.lower().lstrip(".") in editions.AUDIO


def _one_book(audio: Sequence[tuple[str, int]]) -> bool:
    """Whether the audio files of a folder are the chapters of one book.

    They are when there is one, or when their names without numbers are one name.
    """
    stems = {_bare(path) for path, _ in audio}
    return len(audio) == 1 or len(stems) == 1


def _bare(path: str) -> str:
    words = fold(PurePosixPath(path).stem)
    return " ".join(re.sub(r"\d+", " ", _CHAPTER.sub(" ", words)).split())


def _verdict(name: str, book: WantedBook, wanted: Comparable) -> Verdict:
    """Compare a packed book's name; a number before it is a place in the wanted book's series."""
    numbered = _NUMBERED.match(name)
    said = read(name[numbered.end() :] if numbered else name, "file")
    series = said.series
    if numbered and not series and book.series:
        series = (SeriesPlace(book.series[0].name, numbered[1]),)
    return compare(comparable(said.title, said.authors or book.authors, series=series), wanted)
