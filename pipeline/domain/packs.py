"""Share a download that holds several books out to the books that are wanted."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Final

from pipeline.domain.audio_files import AudioFile, Recording, ordered
from pipeline.domain.folding import fold, title_key
from pipeline.domain.models import WantedBook
from pipeline.domain.naming import disc_number

# Printed beside titles without naming another book.
_NOISE: Final = {
    *("and", "of", "the", "a", "by", "read", "narrated", "unabridged", "complete", "retail"),
    *("audiobook", "audio", "book", "volume", "vol", "part", "disc", "disk", "cd", "track"),
    *("chapter", "mp3", "m4b", "m4a", "flac", "ogg", "opus", "kbps", "kbit", "vbr"),
    *("series", "saga", "novel", "edition"),
}

Compare = Callable[[str, WantedBook], float]


def assign(
    found: Recording, books: Sequence[WantedBook], compare: Compare | None = None
) -> dict[int, Recording]:
    """Share the files of a download of several books out to the *books* wanted, by book id.

    *compare* says how well a folder's or file's name fits a book; 0 is not at all. A folder that
    fits takes all files below it, unless its files' own names fit other books. Every book is in the
    answer, with nothing in it when no file fits; files of no wanted book are `left` by all. What is
    refused is refused for all of them: one danger condemns the download.
    """
    fits = compare or fits_title
    owners = _owners(found.files, books, fits)
    folders = _folders(owners, found.files)
    shares: dict[int, Recording] = {}
    for book in books:
        files = [file for file in found.files if owners.get(file.path) == book.book_id]
        beside = [c for c in found.companions if _keeper(c, owners, folders) == book.book_id]
        mine = {*(file.path for file in files), *beside}
        left = [path for path in (*found.paths, *found.left) if path not in mine]
        shares[book.book_id] = Recording(ordered(files), tuple(beside), found.refused, tuple(left))
    return shares


def fits_title(name: str, book: WantedBook) -> float:
    """Return how well *name* fits a book: the letters of the title that it holds, or 0.

    Besides the title it may hold the subtitle, authors, narrators, series, numbers and what is
    usually printed on audiobooks; any other word makes it another book ("Dune Messiah").
    """
    words = title_key(re.sub(r"[\[({](?:[^\])}]*)[\])}]", " ", name)).split()
    best = 0.0
    for title in (book.title, *book.alternative_titles):
        key = title_key(title).split()
        at = _find(words, key)
        if at is None:
            continue
        rest = words[:at] + words[at + len(key) :]
        if all(word.isdecimal() or word in _beside_title(book) for word in rest):
            best = max(best, float(len("".join(key))))
    return best


def _beside_title(book: WantedBook) -> set[str]:
    told = [book.subtitle or "", *book.authors, *book.narrators, *(s.name for s in book.series)]
    words = {word for text in told for word in (*fold(text).split(), *title_key(text).split())}
    return _NOISE | words


def _find(words: Sequence[str], key: Sequence[str]) -> int | None:
    for at in range(len(words) - len(key) + 1):
        if key and words[at : at + len(key)] == list(key):
            return at
    return None


def _owners(
    files: Sequence[AudioFile], books: Sequence[WantedBook], compare: Compare
) -> dict[PurePosixPath, int]:
    shared = _shared_parents(files)
    by_folder: dict[PurePosixPath, list[AudioFile]] = {}
    for file in files:
        by_folder.setdefault(_folder(file.path), []).append(file)
    owners: dict[PurePosixPath, int] = {}
    for folder, inside in by_folder.items():
        stems = {file.path: _best(file.path.stem, books, compare) for file in inside}
        own = _best_folder(folder, shared, books, compare)
        speak_for_themselves = len({book for book in stems.values() if book is not None}) > 1
        for path, by_stem in stems.items():
            owner = by_stem if own is None or speak_for_themselves else own
            if owner is not None:
                owners[path] = owner
    return owners


def _best_folder(
    folder: PurePosixPath, shared: int, books: Sequence[WantedBook], compare: Compare
) -> int | None:
    for name in reversed(folder.parts[shared:]):
        found = _best(name, books, compare)
        if found is not None:
            return found
    return None


def _best(name: str, books: Sequence[WantedBook], compare: Compare) -> int | None:
    """Return the one book that fits a name best; None when none or two fit equally well."""
    scores = sorted(((compare(name, book), book.book_id) for book in books), reverse=True)
    if not scores or scores[0][0] <= 0:
        return None
    if len(scores) > 1 and scores[0][0] == scores[1][0]:
        return None
    return scores[0][1]


def _folder(path: PurePosixPath) -> PurePosixPath:
    parent = path.parent
    return parent.parent if disc_number(parent.name) is not None else parent


def _shared_parents(files: Sequence[AudioFile]) -> int:
    """Count the folders above all files alike; they name the pack, not a book."""
    folders = {_folder(file.path) for file in files}
    if len(folders) == 1:
        return len(next(iter(folders)).parts)
    columns = zip(*(folder.parts for folder in folders), strict=False)
    return next((i for i, parts in enumerate(columns) if len(set(parts)) > 1), 0) if folders else 0


def _folders(
    owners: dict[PurePosixPath, int], files: Sequence[AudioFile]
) -> dict[PurePosixPath, set[int | None]]:
    """Say for each folder which books have audio right in it."""
    found: dict[PurePosixPath, set[int | None]] = {}
    for file in files:
        for folder in {file.path.parent, _folder(file.path)}:
            found.setdefault(folder, set()).add(owners.get(file.path))
    return found


def _keeper(
    companion: PurePosixPath,
    owners: dict[PurePosixPath, int],
    folders: dict[PurePosixPath, set[int | None]],
) -> int | None:
    """Return whose a companion is: the book alone in its folder, or the file of the same name."""
    alone = folders.get(companion.parent, set())
    if len(alone) == 1:
        return next(iter(alone))
    twins = {b for p, b in owners.items() if p.with_suffix("") == companion.with_suffix("")}
    return next(iter(twins)) if len(twins) == 1 else None
