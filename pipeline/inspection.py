"""Look into a download before it goes near the library: paths, kinds, contents, playing time.

Nothing that the download client says is believed: each file is opened here, without following
links, and looked into whatever its name ends in.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from tinytag import TinyTag, TinyTagException

from pipeline.domain.audio_files import AudioFile, Recording, Refused, ordered
from pipeline.domain.tidying import text
from pipeline.domain.torrents import ARCHIVES, AUDIO, DANGEROUS, extension, path_part
from pipeline.errors import Unsafe

# What goes to the library beside the audio: covers and books to read along. Not `metadata.json`,
# `.abs`, `.opf` and `.nfo`: Audiobookshelf would take a stranger's metadata for the user's own.
COMPANIONS: Final = frozenset(
    ["jpg", "jpeg", "png", "webp", "gif", "pdf", "epub", "mobi", "azw3", "txt", "cue", "lrc", "srt"]
)
_ZIPPED: Final = frozenset({"epub"})
_HEAD: Final = 512
# First bytes of what runs, or opens what runs.
_PROGRAMS: Final = {
    b"\x7fELF": "a program for Linux",
    b"#!": "a script",
    b"\xca\xfe\xba\xbe": "a program for Java or macOS",
    b"\xcf\xfa\xed\xfe": "a program for macOS",
    b"\xce\xfa\xed\xfe": "a program for macOS",
    b"L\x00\x00\x00\x01\x14\x02\x00": "a Windows shortcut",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office document or installer",
    b"[InternetShortcut]": "a link",
    b"ITSF": "a Windows help file",
    b"MSCF": "a cabinet",
    b"!<arch>": "a package",
    b"dex\n": "a program for Android",
}
_ARCHIVE_HEADS: Final = {
    b"PK\x03\x04": "a ZIP archive",
    b"PK\x05\x06": "a ZIP archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"(\xb5/\xfd": "a zstd archive",
}
_MARKUP: Final = (b"<!doctype html", b"<html", b"<script", b"<?php", b"<svg", b"<hta:")


def inspect(root: Path, names: Iterable[str]) -> Recording:
    """Look into each of the files *names* (paths below *root*, as the client lists them).

    Reads the heads of the files and the tags of the audio; blocking. Raises Unsafe only when
    *root* is no folder.
    """
    if not root.is_dir():
        raise Unsafe(f"download: {root} is not a folder that can be read here")
    files: list[AudioFile] = []
    companions: list[PurePosixPath] = []
    refused: list[Refused] = []
    left: list[PurePosixPath] = []
    for found in _each(root, names):
        match found:
            case AudioFile():
                files.append(found)
            case Refused():
                refused.append(found)
            case PurePosixPath() if extension(found.name) in COMPANIONS and not _hidden(found):
                companions.append(found)
            case PurePosixPath():
                left.append(found)
    return Recording(ordered(files), tuple(companions), tuple(refused), tuple(left))


def sniff(head: bytes, kind: str) -> tuple[str, bool] | None:
    """Say what a file really is when its first bytes give it away, and whether that is dangerous.

    *kind* is the ending of its name; None when nothing speaks against it.
    """
    if head.startswith(b"MZ") and any(byte < ord("\t") for byte in head[2:64]):
        return "a program for Windows", True
    for magic, what in _PROGRAMS.items():
        if head.startswith(magic):
            return what, True
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:16].lower().startswith(_MARKUP):
        return "a page or script", kind in AUDIO
    for magic, what in _ARCHIVE_HEADS.items():
        if head.startswith(magic) and kind not in _ZIPPED:
            return what, False
    return None


def _each(root: Path, names: Iterable[str]) -> Iterator[AudioFile | Refused | PurePosixPath]:
    for name in names:
        path = PurePosixPath(name)
        reason = _escape(name)
        if reason:
            yield Refused(path, reason, dangerous=True)
            continue
        if _is_padding(path):
            continue
        try:
            with _opened(root, path) as file:
                yield _look(file, path)
        except Unsafe as error:
            yield Refused(path, str(error), dangerous=True)
        except OSError as error:
            yield Refused(path, f"it cannot be read: {error.strerror}")


def _escape(name: str) -> str | None:
    try:
        for part in name.split("/"):
            path_part(part)
    except Unsafe as error:
        return str(error)
    return None


def _opened(root: Path, path: PurePosixPath) -> BinaryIO:
    """Open a regular file, no part of whose path is a link; raises Unsafe or OSError."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in path.parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        about = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(about.st_mode):
            what = "a symbolic link" if stat.S_ISLNK(about.st_mode) else "no ordinary file"
            raise Unsafe(f"it is {what}")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        return os.fdopen(os.open(path.name, flags, dir_fd=folder), "rb")
    except NotADirectoryError as error:
        raise Unsafe("a symbolic link or file stands where a folder should") from error
    finally:
        os.close(folder)


def _look(file: BinaryIO, path: PurePosixPath) -> AudioFile | Refused | PurePosixPath:
    kind = extension(path.name)
    if kind in DANGEROUS:
        return Refused(path, f"a program or link (.{kind})", dangerous=True)
    if kind in ARCHIVES:
        return Refused(path, f"an archive (.{kind})")
    told = sniff(file.read(_HEAD), kind)
    if told and (told[1] or kind in AUDIO | COMPANIONS):
        what, dangerous = told
        return Refused(path, f"its content is {what}", dangerous=dangerous)
    return _audio(file, path) if kind in AUDIO and not _hidden(path) else path


def _audio(file: BinaryIO, path: PurePosixPath) -> AudioFile:
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    try:
        tag = TinyTag.get(filename=path.name, file_obj=file)
    except TinyTagException as error:
        why = text(str(error))
        return AudioFile(
            path, size, None, problem=f"it cannot be read as audio: {why or 'no sound'}"
        )
    seconds = tag.duration if tag.duration and 0 < tag.duration < _LONGEST else None
    return AudioFile(
        path,
        size,
        seconds,
        disc=tag.disc or None,
        track=tag.track or None,
        album=tag.album or "",
        title=tag.title or "",
        artists=_filled(tag.artist, tag.albumartist),
        narrators=_filled(tag.composer, *tag.other.get("narrator", ()), *tag.other.get("nrt", ())),
        language=next(iter(tag.other.get("language", ())), None),
        problem="" if seconds else "its duration cannot be read",
    )


_LONGEST: Final = 1000 * 3600.0  # seconds; more is a header that lies


def _filled(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean for name in names if name and (clean := text(name))))


def _hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _is_padding(path: PurePosixPath) -> bool:
    """Whether a client wrote it only to fill pieces (BEP 47, BitComet); it is not always there."""
    return ".pad" in path.parts or path.name.startswith("_____padding_file_")
