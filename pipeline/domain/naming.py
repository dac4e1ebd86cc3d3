"""Where a book stands in the library: from a template and its metadata to a safe folder."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.errors import ConfigurationError

LONGEST_NAME: Final = 255  # bytes in UTF-8: ext4, btrfs, XFS, ZFS, NTFS (there: UTF-16 units)
LONGEST_PATH: Final = 1024  # bytes of a book's folder below the library's root
_ROOM_FOR_SUFFIX: Final = 8  # bytes kept free for " (9999)"
MOST_SUFFIXES: Final = 9999
_MOST_AUTHORS: Final = 3

_DIRECTION: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ILLEGAL: Final = re.compile(r'[\\/*?"<>|:]')
_RESERVED: Final = re.compile(
    r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?"
)
_FIELD: Final = re.compile(r"\{([^{}]*)\}")
# A bracket with what is in it | blanks around a dash, or a comma | blanks | a word.
_PIECE: Final = re.compile(
    r"(?P<group>\[[^\[\]]*\]|\([^()]*\)|\{\{(?:[^{}]|\{[^{}]*\})*\}\})"
    r"|(?P<joint>\s+[-\u2013\u2014_]\s+|,\s+)"
    r"|(?P<blank>\s+)"
    r"|(?P<word>(?:\{[^{}]*\}|[^\s\[({,]|,(?!\s)|[\[(](?![^\[\]()]*[\])]))+)"
)

_Values = Mapping[str, str]


def _main_series(metadata: Metadata) -> SeriesPlace | None:
    numbered = (place for place in metadata.series if place.sequence)
    return next(numbered, next(iter(metadata.series), None))


def _series(metadata: Metadata) -> str:
    place = _main_series(metadata)
    return place.name if place else ""


def _sequence(metadata: Metadata) -> str:
    place = _main_series(metadata)
    return (place.sequence or "") if place else ""


# What a template may name. A book with several authors stands with its first one, so that an
# author's books stay together; {Authors} names up to three. Sequences are not padded:
# Audiobookshelf reads "2 - Title" and "2.5 - Title" as they are.
FIELDS: Final[Mapping[str, Callable[[Metadata], str]]] = {
    "Author": lambda m: m.authors[0] if m.authors else "",
    "Authors": lambda m: ", ".join(m.authors[:_MOST_AUTHORS]),
    "Narrator": lambda m: m.narrators[0] if m.narrators else "",
    "Series": _series,
    "Sequence": _sequence,
    "Title": lambda m: m.title or "",
    "Subtitle": lambda m: m.subtitle or "",
    "Year": lambda m: m.published_year or "",
    "Publisher": lambda m: m.publisher or "",
    "Language": lambda m: m.language or "",
    "ASIN": lambda m: m.asin or "",
    "ISBN": lambda m: m.isbn or "",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A checked template: one text per folder, outermost first. Made by `parse`."""

    folders: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Check a template; raises ConfigurationError that says what is wrong and what may stand.

        `{{` and `}}` stand for braces around a narrator, as Audiobookshelf reads them.
        """
        folders = tuple(folder.strip() for folder in text.strip().split("/"))
        complaints = "; ".join(_complaints(text, folders))
        if complaints:
            raise ConfigurationError(f"template {text!r}: {complaints}")
        return cls(folders)

    def folder(self, metadata: Metadata) -> PurePosixPath:
        """Return the folder of a book below the library's root.

        Empty fields vanish with their brackets, dashes and words glued to them; a folder of
        which nothing is left vanishes too. Each name is safe on Linux, Windows and macOS.
        """
        values = {name: _value(name, read(metadata)) for name, read in FIELDS.items()}
        if not values["Title"]:
            values["Title"] = "Untitled"
        names = [name for text in self.folders if (name := _folder(text, values, LONGEST_NAME))]
        while len("/".join(names).encode()) > LONGEST_PATH:
            longest = max(range(len(names)), key=lambda i: len(names[i].encode()))
            names[longest] = safe_name(names[longest], len(names[longest].encode()) * 3 // 4)
        return PurePosixPath(*names)


def safe_name(text: str, limit: int = LONGEST_NAME) -> str:
    """Return *text* as one name of a file or folder that every file system takes; never empty.

    At most *limit* bytes of UTF-8, cut between characters; no separators, control or direction
    marks, device names of Windows, dots or blanks at the ends (a leading dot would hide it).
    """
    name = _cut(_plain(text).strip(" ."), limit).rstrip(" .") or "_"
    return _cut(f"_{name}", limit).rstrip(" .") if _RESERVED.fullmatch(name) else name


def safe_file_name(text: str, limit: int = LONGEST_NAME) -> str:
    """Return *text* as a safe file name that keeps its extension however long the stem is."""
    stem, dot, extension = text.rpartition(".")
    if not dot or not stem.strip(" .") or not re.fullmatch(r"[0-9A-Za-z]{1,12}", extension):
        return safe_name(text, limit)
    return f"{safe_name(stem, limit - len(extension) - 1)}.{extension}"


def key(folder: PurePosixPath) -> str:
    """Return what two folders share that some file system would take for one and the same."""
    return unicodedata.normalize("NFC", str(folder)).casefold()


def numbered(folder: PurePosixPath, number: int) -> PurePosixPath:
    """Return the folder for the *number*-th book of one name: 1 as it is, 2 as "Title (2)"."""
    if number == 1:
        return folder
    suffix = f" ({number})"
    return folder.with_name(_cut(folder.name, LONGEST_NAME - len(suffix)).rstrip(" .") + suffix)


def unoccupied(folder: PurePosixPath, occupied: Collection[str]) -> PurePosixPath:
    """Return *folder*, or the first numbered one whose `key` no other book occupies."""
    for number in range(1, MOST_SUFFIXES):
        candidate = numbered(folder, number)
        if key(candidate) not in occupied:
            return candidate
    raise ConfigurationError(f"template: {MOST_SUFFIXES} books would stand in {folder}")


def names_inside(files: Sequence[PurePosixPath]) -> dict[PurePosixPath, PurePosixPath]:
    """Name a book's files below its own folder, keyed by their path in the download.

    The folders that all files share vanish; the folder of a disc becomes `CD<n>`, the one form
    that every Audiobookshelf reads as part of the same book; any other folder becomes part of the
    file's name, because Audiobookshelf would take it for a book of its own.
    """
    shared = _shared(files)
    found: dict[PurePosixPath, PurePosixPath] = {}
    taken: set[str] = set()
    for file in files:
        *folders, name = file.parts[shared:]
        disc = disc_number(folders[-1]) if folders else None
        before = [part for part in folders if disc_number(part) is None]
        flat = PurePosixPath(safe_file_name(" - ".join([*before, name])))
        wanted = f"CD{disc}" / flat if disc is not None else flat
        number = 1
        target = wanted
        while key(target) in taken:
            number += 1
            target = wanted.with_name(safe_file_name(f"{wanted.stem} ({number}){wanted.suffix}"))
        taken.add(key(target))
        found[file] = target
    return found


def disc_number(folder: str) -> int | None:
    """Return the disc that a folder's name says it is: "CD 2", "Disc02", "Disk 3"; else None."""
    found = re.fullmatch(r"(?i)(?:cd|dis[ck])[\s._-]*0*(\d{1,3})", folder.strip())
    return int(found[1]) if found else None


def _shared(files: Sequence[PurePosixPath]) -> int:
    count = 0
    for parts in zip(*(file.parts[:-1] for file in files), strict=False):
        if len(set(parts)) > 1 or (len(files) > 1 and disc_number(parts[0]) is not None):
            break
        count += 1
    return count


def _complaints(text: str, folders: Sequence[str]) -> Iterator[str]:
    if text.strip().startswith("/"):
        yield "it begins with /, but it stands below the library's root"
    elif any(folder in {"", ".", ".."} for folder in folders):
        yield "it has a folder without a name, or one that leaves the library"
    bare = text.replace("{{", "").replace("}}", "")
    for name in _FIELD.findall(bare):
        if name not in FIELDS:
            yield f"{{{name}}} is unknown; there are {', '.join(f'{{{n}}}' for n in FIELDS)}"
    if set("{}") & set(_FIELD.sub("", bare)):
        yield "a brace is open or closed alone; write {{ and }} for braces in the name"
    if "{Title}" not in folders[-1]:
        yield "its last folder must hold {Title}, else books would share it"
    for character in sorted(set(re.findall(r'[\\*?"<>|:\x00-\x1f]', text))):
        yield f"{character!r} cannot stand in a folder's name"


def _folder(text: str, values: _Values, limit: int) -> str:
    """Render one folder; while it is too long, its longest field is cut, so that the rest stays."""
    room = limit - _ROOM_FOR_SUFFIX
    fitting = dict(values)
    while True:
        name, had_value = _render(text, fitting)
        if not name or (_FIELD.search(text) and not had_value):
            return ""
        over = len(name.encode()) - room
        named = {n for n in _FIELD.findall(text) if fitting.get(n)}
        longest = max(named, key=lambda n: len(fitting[n].encode()), default=None)
        if over <= 0 or longest is None:
            return safe_name(name, room)
        size = len(fitting[longest].encode())
        fitting[longest] = _cut(fitting[longest], max(size - over, 1)).rstrip(" .-") or "_"
        if size == len(fitting[longest].encode()):
            return safe_name(name, room)


def _render(text: str, values: _Values) -> tuple[str, bool]:
    """Return the text with its fields filled, and whether any of them held something."""
    out = joint = ""
    filled = False
    for pieces, after in _chunks(text):
        kept, had_value = _kept(pieces, values)
        rendered = " ".join("".join(_piece(piece, values) for piece in kept).split())
        if rendered:
            # Of "{Title}, {Subtitle} [{ASIN}]" without a subtitle only the bracket follows.
            bare = kept[0].lastgroup == "group" != pieces[0].lastgroup
            out += (" " if bare else joint) + rendered if out else rendered
            joint = after
        filled = filled or had_value
    return out, filled


def _chunks(text: str) -> list[tuple[list[re.Match[str]], str]]:
    """Part a text at its dashes and commas: pieces, and the joint that follows them."""
    parts: list[tuple[list[re.Match[str]], str]] = []
    pieces: list[re.Match[str]] = []
    for piece in _PIECE.finditer(text):
        if piece.lastgroup == "joint":
            parts.append((pieces, piece[0]))
            pieces = []
        else:
            pieces.append(piece)
    return [*parts, (pieces, "")]


def _kept(pieces: Sequence[re.Match[str]], values: _Values) -> tuple[list[re.Match[str]], bool]:
    """Keep the pieces between two joints that say something, and whether a field is among them.

    Where fields are named and all are empty, the words around them vanish too.
    """
    kept: list[re.Match[str]] = []
    named = filled = False
    for piece in pieces:
        fields = _FIELD.findall(piece[0].replace("{{", "").replace("}}", ""))
        had_value = any(values[name] for name in fields)
        named, filled = named or bool(fields), filled or had_value
        if (not fields and (kept or piece.lastgroup != "blank")) or had_value:
            kept.append(piece)
    return ([], False) if named and not filled else (kept, filled)


def _piece(piece: re.Match[str], values: _Values) -> str:
    if piece.lastgroup != "group":
        return _FIELD.sub(lambda found: values[found[1]], piece[0])
    edge = 2 if piece[0].startswith("{{") else 1
    inner, _ = _render(piece[0][edge:-edge], values)
    return piece[0][0] + inner + piece[0][-1]


def _value(name: str, text: str) -> str:
    """Make one field fit for a folder's name before it is put in; a colon becomes a dash."""
    known = unicodedata.normalize("NFC", text).strip()
    if name == "Title":
        # Audiobookshelf would read "2001 - A Space Odyssey" as a book of the year 2001.
        known = re.sub(r"^(\d[\d.]*)\s*[:\u2013-]\s+", r"\1 ", known)
    known = re.sub(r"(?<=\d):(?=\d)", ".", known)
    known = _plain(re.sub(r"\s*:\s*", " - ", known))
    return known if name == "Title" else known.strip(" -")


def _plain(text: str) -> str:
    bare = _DIRECTION.sub("", unicodedata.normalize("NFC", text))
    shown = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in bare)
    return " ".join(_ILLEGAL.sub("-", re.sub(r'[?"<>*]', "", shown)).split())


def _cut(text: str, limit: int) -> str:
    """Cut to *limit* bytes of UTF-8, between code points, leaving no half of a composed one."""
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = raw[: max(limit, 0)].decode(errors="ignore")
    following = text[len(kept) : len(kept) + 1]
    if following and unicodedata.combining(following):
        kept = kept.rstrip("".join({c for c in kept if unicodedata.combining(c)}))[:-1]
    return kept.rstrip("\u200d")
