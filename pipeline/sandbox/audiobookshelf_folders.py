"""How Audiobookshelf reads a library's folder: what is a book, and what its names and tags say."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinytag import TinyTag, TinyTagException

from pipeline.sandbox.audiobookshelf_shelf import FLAGS, LISTS, TEXTS, now_ms

AUDIO = {".m4b", ".m4a", ".mp3", ".opus", ".ogg", ".flac", ".aac", ".wav", ".wma", ".mp4"}
DISC = re.compile(r"^(cd|dis[ck])\s*\d{1,3}$", re.IGNORECASE)
ASIN = re.compile(r" ?\[([A-Z0-9]{10})\](?= |$)")
NARRATORS = re.compile(r" ?\{([^}]+)\}")
YEAR = re.compile(r"^\(?(\d{4})\)? - (.+)$")
SEQUENCE = re.compile(
    r"^(?P<label>vol\.? |volume |book )?(?P<number>\d{1,3}(?:\.\d{1,2})?)(?P<dot>\.?)"
    r"(?: (?P<rest>.*))?$",
    re.IGNORECASE,
)
# The server's fields, and the tags in which it looks for them, the first that is set.
TAGS = {
    "title": ("album", "title"),
    "subtitle": ("subtitle",),
    "publishedYear": ("year",),
    "publisher": ("publisher",),
    "description": ("description", "comment"),
    "isbn": ("isbn",),
    "asin": ("asin",),
    "language": ("language",),
}


@dataclass(frozen=True)
class Found:
    """A folder (or single file) with audio; `rel_path` begins at the library's folder."""

    path: Path
    rel_path: str
    is_file: bool
    audio: tuple[Path, ...]

    @property
    def ino(self) -> str:
        """The inode, by which a renamed folder is known again."""
        return str(self.path.stat().st_ino)

    @property
    def times(self) -> dict[str, int]:
        """When it was changed and born, in milliseconds."""
        stat = self.path.stat()
        changed, born = int(stat.st_mtime * 1000), int(stat.st_ctime * 1000)
        return {"mtimeMs": changed, "ctimeMs": born, "birthtimeMs": min(changed, born)}

    @property
    def state(self) -> list[list[Any]]:
        """What tells whether the audio is as it was: name, bytes and time of each file."""
        return [
            [path.name, path.stat().st_size, int(path.stat().st_mtime * 1000)]
            for path in self.audio
        ]


def found(root: Path) -> Iterator[Found]:
    """Yield every book under *root*; hidden folders are none, "CD 1" belongs to its parent."""
    books: dict[Path, list[Path]] = {}
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in AUDIO and not name.startswith("."):
                here = Path(folder)
                home = here.parent if DISC.match(here.name) and here != root else here
                books.setdefault(home / name if home == root else home, []).append(here / name)
    for path, audio in books.items():
        rel_path = path.relative_to(root).as_posix()
        yield Found(path, rel_path, path.is_file(), tuple(audio))


def audio_files(book: Found, shown_at: str) -> list[dict[str, Any]]:
    """Return the book's audio files as the server shows them, in order; unreadable ones are left.

    *shown_at* is the book's path as the server sees it.
    """
    files: list[dict[str, Any]] = []
    for path in book.audio:
        if tag := _tag(path):
            files.append(_audio_file(book, path, tag, shown_at, len(files) + 1))
    return files


def described(book: Found) -> dict[str, Any]:
    """Return the metadata that names, tags and a metadata.json beside it say, the last wins."""
    about = named(book.rel_path, is_file=book.is_file)
    tag = next(filter(None, map(_tag, book.audio)), None)
    if tag is not None:
        about |= _tagged(tag)
    beside = book.path / "metadata.json"
    if not book.is_file and beside.is_file():
        about |= _written(json.loads(beside.read_text("utf-8")))
    return about


def named(rel_path: str, *, is_file: bool = False) -> dict[str, Any]:
    """Return what "Author/Series/2 - Title [ASIN] {Narrator}" says.

    A number counts as the sequence only under a series folder, and a range ("1-3") never does.
    """
    *above, folder = rel_path.split("/")
    if is_file:
        folder = folder.rpartition(".")[0]
    about: dict[str, Any] = {}
    series = above.pop() if len(above) > 1 else None
    author = above.pop() if above else None
    if asin := ASIN.search(folder):
        about["asin"], folder = asin[1], ASIN.sub("", folder, count=1)
    if narrators := NARRATORS.search(folder):
        about["narrators"], folder = _people(narrators[1]), NARRATORS.sub("", folder, count=1)
    if series:
        sequence, folder = _sequence(folder)
        about["series"] = [(series, sequence)]
    if year := YEAR.match(folder):
        about["publishedYear"], folder = year[1], year[2]
    if author:
        about["authors"] = _people(author)
    return about | {"title": folder.strip()}


def _sequence(folder: str) -> tuple[str | None, str]:
    parts = folder.split(" - ")
    for at, part in enumerate(parts):
        fit = SEQUENCE.match(part)
        if fit and (not fit["rest"] or fit["label"] or fit["dot"]):
            rest = [fit["rest"]] if fit["rest"] else []
            left = parts[:at] + rest + parts[at + 1 :]
            if left:
                return fit["number"].lstrip("0") or "0", " - ".join(left)
    return None, folder


def _people(names: str) -> list[str]:
    found = (name.strip() for name in re.split(r", | & | and |;", names))
    return list(dict.fromkeys(filter(None, found)))


def _tag(path: Path) -> dict[str, str] | None:
    """Return the tags and the duration of an audio file, None when it cannot be read."""
    try:
        tag = TinyTag.get(path)
    except (TinyTagException, OSError):
        return None
    if not tag.duration:
        return None
    texts = {
        name: str(value[0] if isinstance(value, list) else value)
        for name, value in tag.as_dict().items()
        if value
    }
    return texts | {"duration": str(tag.duration)}


def _tagged(tag: dict[str, str]) -> dict[str, Any]:
    about: dict[str, Any] = {}
    for name, tags in TAGS.items():
        if value := next((tag[each] for each in tags if tag.get(each)), None):
            about[name] = value
    if author := tag.get("artist") or tag.get("albumartist"):
        about["authors"] = _people(author)
    if narrator := tag.get("composer"):
        about["narrators"] = _people(narrator)
    if genre := tag.get("genre"):
        about["genres"] = [each.strip() for each in re.split(r"[/;,]", genre) if each.strip()]
    if series := tag.get("series"):
        about["series"] = [(series, tag.get("series-part"))]
    return about


def _written(kept: dict[str, Any]) -> dict[str, Any]:
    """Return what a metadata.json says; its series are texts like "Mistborn #1"."""
    names = (*TEXTS, *LISTS, *FLAGS, "authors", "tags")
    about = {name: kept[name] for name in names if kept.get(name)}
    if series := kept.get("series"):
        split = [each.rpartition(" #") for each in series]
        about["series"] = [(name, at) if name else (at, None) for name, _, at in split]
    return about


def _audio_file(
    book: Found, path: Path, tag: dict[str, str], shown_at: str, index: int
) -> dict[str, Any]:
    stat, now = path.stat(), now_ms()
    rel_path = path.name if book.is_file else path.relative_to(book.path).as_posix()
    changed = int(stat.st_mtime * 1000)
    return {
        "index": index,
        "ino": str(stat.st_ino),
        "metadata": {
            "filename": path.name,
            "ext": path.suffix,
            "path": shown_at if book.is_file else f"{shown_at}/{rel_path}",
            "relPath": rel_path,
            "size": stat.st_size,
            "mtimeMs": changed,
            "ctimeMs": changed,
            "birthtimeMs": changed,
        },
        "addedAt": now,
        "updatedAt": now,
        "exclude": False,
        "error": None,
        "duration": float(tag["duration"]),
        "mimeType": "audio/mpeg" if path.suffix == ".mp3" else "audio/mp4",
    }
