"""Read the pieces of a release or file name: brackets, trailing marks, who looks like a person."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import re
from dataclasses import dataclass, field

from pipeline.domain import editions
from pipeline.domain.folding import fold
from pipeline.domain.genres import only_genre
from pipeline.domain.likeness import SURE, authorship, likeness
from pipeline.domain.people import split
from pipeline.domain.positions import parse
from pipeline.domain.series_notes import GENERIC, SeriesNote, read_note, read_notes

BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|\{([^{}]*)\}")
_UNCLOSED = re.compile(r"[\[({][^\])}]*$")
_READ_BY = re.compile(
    r"(?:^|[\s,-]+)(?:(?:read|narrated|performed|voiced|gelesen|le[ií]do|narrado|lu|letto|voorgelezen)"
    r"\s+(?:by|von|par|por|da|door)|читает|читают|czyta|w/|(?:narrators?|reader|sprecher(?:in)?)(?=:))\s*:?\s+"
    r"(?P<who>[^()\[\]{}]+?)(?=\s+-\s+|$)|^(?:narr?(?:\.|ators?\b)?|reader)\s*[:=.]?\s+(?:by\s+)?(?P<named>.+)$",
    re.IGNORECASE,
)
_READING = re.compile(r"\s+(?:edition|version|reading|narration)$", re.IGNORECASE)
_WORDS_FOLLOW = re.compile(r"(?!by\b)[^\W\d_]{2,}(?!.*[\[({-])", re.DOTALL)
_EDITION = re.compile(r"\bedition\b", re.IGNORECASE)
_BOOKS = re.compile(r"^(?:all\s+)?(\d{1,3})\s+(?:audio)?books?\b", re.IGNORECASE)
_DATE = re.compile(r"^\d{1,2}\.\d{1,2}\.(\d{4})$")
_TAG = re.compile(r"^[A-Z0-9][A-Za-z0-9]{1,11}$")
_TRAILING = re.compile(
    rf"""[\s,;+/|@-]*(?:(?<![^\W_])(?:{"|".join((*editions.AUDIO, *editions.EBOOK))})(?:\s*tracks)?
    (?-i:-[A-Z0-9]{{2,10}})?
    |\d{{2,4}}(?:\.\d)?\s*(?:kbps|kb/s|kbit|kbs|kb|k)(?-i:-[A-Z0-9]{{2,10}})?|\b\d?\s?cds?|\brip|\b(?:un)?abridged
    |\blossless|\baudio\s?books?|\bvbr|\bv0|(?:@\s?|\b)(?:64|96|128|160|192|256|320)|\bretail
    |\bchapteri[sz]ed|\bmono|\bstereo|\bm4btools
    |(?<=\s)(?:\d{{1,2}}(?:[.:]\d\d){{2}}|\d{{1,3}}\s?(?:h(?:rs?)?|(?-i:hours?))(?:\s?\d{{1,2}}\s?m(?:ins?)?)?)
    |\bsoup|\bcd\s?rip|\btracks|\bengl(?:ish)?\b|\beng\b|@\d+k)\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_ANTHOLOGY = re.compile(r"\banthology\b", re.IGNORECASE)
_GROUP = re.compile(r"(?<=[\])}])\s*-(?:\w{2,12}|\s?[A-Z]{2,4})(?=\s*(?:[\[({]|$))")
# Who put it up, after the last bracket: "Author - Title (2019) [MP3] someone88".
_UPLOADER = re.compile(r"(?<=\S[\])}])\s+@?(?=[a-z]+$|[A-Z]+$|\w*[a-z][A-Z\d])\w{2,15}$")
_BEHIND = re.compile(r"[(\[]un?abridged[)\]]\s+(?P<who>[^()\[\]{}-]+)$", re.IGNORECASE)
# "Author - Title - Reader (narrator)".
_ROLE = re.compile(
    r"\s+-\s+(?P<who>[^()\[\]{}-]+?)\s*[(\[](?:narrator|narr?\.?|reader)[)\]]", re.IGNORECASE
)
_FROM_FORMAT = re.compile(rf",\s*(?:{'|'.join(editions.AUDIO)})\b.*$", re.IGNORECASE)
_COUNTS = re.compile(
    r"\b\d+\s*(?:releases|cds?|discs?|tracks|files|chapters|versions|hours|hrs|h|mb|gb|mib|gib)\b"
    r"|\b\d{1,2}:\d\d(?::\d\d)?\b|\b\d{1,3}h\s?\d{1,2}m?\b",
    re.IGNORECASE,
)
_SITE = re.compile(r"(?:www\.)?[\w-]+\.(?:org|com|net|to|me|lc|is|info)|z-?library", re.IGNORECASE)
_IMPRINT = re.compile(r"(?:19|20)\d\d\s*[,;/]\s*[^\d#]+|[^\d#]+[,;/]\s*(?:19|20)\d\d")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_DASH = re.compile(r"\s[-\u2013]\s")
_LAST_YEAR = re.compile(
    r"(?<=\S)(?<!\bby)(?<!\bin)(?<!\bto)(?<!\bof)(?<!\band)[\s,-]+((?:19|20)\d\d)\s*$",
    re.IGNORECASE,
)
_PLACE = re.compile(r"#?\d{1,3}(?:\.\d{1,2})?")
_NO_PERSON = re.compile(
    r"\b(?:classics?|press|books?|audio|remastered|extended|version|bonus|publishing|radio|novel|"
    r"library|studios?|media|uncut|cast|explicit|deluxe|complete|omnibus|collection)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Marks:
    """What the brackets and the end of a name say beside title and author.

    `titled` is the folded piece that must be the title, because its series stands beside it;
    `bracketed` are the narrators of whom a bracket says no more than the name.
    """

    series: list[SeriesNote] = field(default_factory=list)
    narrators: list[str] = field(default_factory=list)
    bracketed: list[str] = field(default_factory=list)
    year: str | None = None
    format: str | None = None
    bitrate: int | None = None
    abridged: bool | None = None
    dramatised: bool = False
    language: str | None = None
    asin: str | None = None
    number: str = ""
    titled: str = ""
    books: int = 0
    part: int = 0
    noise: list[str] = field(default_factory=list)

    def take(self, text: str) -> None:
        """Read format, bitrate, abridgement, language and dramatisation from a piece."""
        self.format = self.format or editions.file_format(text)
        self.bitrate = self.bitrate or editions.bitrate(text)
        if self.abridged is None:
            self.abridged = editions.abridged(text)
        self.dramatised = self.dramatised or editions.DRAMATISED.search(text) is not None
        for word in re.split(r"[\s/,|-]+", text):
            if len(word) > 2 and (word.isupper() or len(word) > 3):
                self.language = self.language or editions.language(word)
        self.noise.append(text)


def bracketless(text: str, marks: Marks, *, keep_unknown: bool) -> str:
    """Read all brackets into marks and give the text without them.

    With `keep_unknown` a bracket that says nothing known stays in the text, as part of a title.
    """
    if _DASH.search(BRACKETS.sub("", text)):
        text = _without_reader(_UPLOADER.sub("", text), marks)
    text = _ROLE.sub(r" (read by \g<who>)", text)
    text = _cut_tail(_GROUP.sub("", text), marks)
    for _ in range(3):  # brackets in brackets
        text = BRACKETS.sub(lambda match: _bracket(match, marks, keep_unknown), text)
    late = _FROM_FORMAT.search(text)
    if late is not None and not keep_unknown:
        marks.take(late[0])
        text = text[: late.start()]
    restored = text.replace("\ue000", "(").replace("\ue001", ")")
    restored = restored.replace("\ue002", "[").replace("\ue003", "]")
    return re.sub(r"\s+(?=[:;,]\s)", "", " ".join(restored.split())).strip(" ,;-\u2013")


def _without_reader(text: str, marks: Marks) -> str:
    """Take the person off that stands behind the marks: "Author - Title (Unabridged) Narrator"."""
    behind = _BEHIND.search(text)
    if behind is None or authorship(behind["who"]) < 1 or _NO_PERSON.search(behind["who"]):
        return text
    marks.narrators.extend(split(behind["who"]))
    return text[: behind.start("who")]


def _cut_tail(text: str, marks: Marks) -> str:
    """Drop a bracket that is never closed at the end of a cut-off name."""
    bare = BRACKETS.sub("", text)
    tail = _UNCLOSED.search(bare)
    if tail is None or not tail.start():
        return text
    marks.take(tail[0])
    return text[: text.rindex(tail[0])] if tail[0] in text else text


def _bracket(match: re.Match[str], marks: Marks, keep_unknown: bool) -> str:
    inner = next(group for group in match.groups() if group is not None).strip()
    sort = match[0][0]
    after = match.string[match.end() :]
    if match.start() and _PLACE.fullmatch(inner) and after.strip(" -"):
        return f" {inner} " if after.lstrip().startswith("-") else f" {inner} - "
    alone = not match.start() and (
        _DASH.search(after) is None or (sort == "[" and _only_person(inner, after))
    )
    if alone and not keep_unknown and authorship(inner) >= 1 and not _NO_PERSON.search(inner):
        return f"{inner} - "  # "[Author] Title"
    if inner and match.start() and not _technical(inner) and _inside(match):
        if _series(inner, marks):
            return " - "
        return f"\ue000{inner}\ue001" if sort == "(" else f"\ue002{inner}\ue003"
    found = len(marks.series)
    if (
        not inner
        or (keep_unknown and (_edition(inner) or _translated(match, inner)))
        or not _known(inner, sort, marks, keep_unknown=keep_unknown)
    ):
        return _unknown(match, inner, marks, keep_unknown) if inner else " "
    if len(marks.series) > found:
        marks.titled = marks.titled or _beside(match)
    return _gap(match, keep_unknown)


def _gap(match: re.Match[str], keep_unknown: bool) -> str:
    """Return what stands in the place of a bracket that was understood."""
    after = match.string[match.end() :]
    if match.start() and not keep_unknown and _words_after(match):
        return " - "
    return "" if re.match(r"-\w", after) else " "


def _only_person(inner: str, after: str) -> bool:
    """Whether a bracket at the front surely names a person, and no piece after it does."""
    others = _DASH.split(BRACKETS.sub(" ", after))
    return authorship(inner) >= SURE and all(authorship(one.strip()) < SURE for one in others)


def _words_after(match: re.Match[str]) -> bool:
    """Whether a word, not a dash or bracket, follows: then the bracket parted two pieces."""
    after = match.string[match.end() :].lstrip()
    return after[:1].isalnum() and not after.startswith(("by ", "and ", "or "))


def _inside(match: re.Match[str]) -> bool:
    """Whether plain words stand right before and after a bracket: then it is part of the title."""
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    return before[-1:].isalnum() and _WORDS_FOLLOW.match(after) is not None


def _unknown(match: re.Match[str], inner: str, marks: Marks, keep_unknown: bool) -> str:
    sort = match[0][0]
    aside = (sort == "(" and not _TAG.fullmatch(inner)) or keep_unknown
    if not aside or (match.start() == 0 and not keep_unknown):
        marks.noise.append(inner)
        return " "
    return f"\ue000{inner}\ue001" if sort == "(" else f"\ue002{inner}\ue003"


def _known(inner: str, sort: str, marks: Marks, *, keep_unknown: bool) -> bool:
    """Whether a bracket's content is understood; reads it if so."""
    if editions.ASIN.fullmatch(inner):
        marks.asin = inner
        return True
    date = _DATE.match(inner)
    if date or editions.YEAR.fullmatch(inner):
        marks.year = marks.year or (date[1] if date else inner)
        return True
    told = _read_of(inner, marks)
    if take_reader(told, marks) or (
        told != inner and _narrator(told, sort, marks, keep_unknown=False)
    ):
        return True
    if _counted(inner, marks) or _gathers(inner, marks):
        return True
    if _technical(inner):
        marks.take(inner)
        year = editions.YEAR.search(inner)
        marks.year = marks.year or (year[0] if year else None)
        return True
    return _series(inner, marks) or _narrator(inner, sort, marks, keep_unknown=keep_unknown)


def _edition(inner: str) -> bool:
    """Whether a bracket names an edition, which stays, but for "Unabridged Edition"."""
    return _EDITION.search(inner) is not None and editions.abridged(inner) is None


def _translated(match: re.Match[str], inner: str) -> bool:
    """Whether a bracket says in Latin letters what stands before it in others."""
    before = _DASH.split(match.string[: match.start()])[-1]
    foreign = any(char.isalpha() for char in before) and _LATIN.search(before) is None
    latin = foreign and _LATIN.search(inner) is not None
    return match[0][0] == "[" and latin and authorship(inner) >= 1


def take_reader(inner: str, marks: Marks) -> bool:
    """Read who reads it, "read by Simon Archer"; whether it was said."""
    reader = _READ_BY.search(inner)
    if reader is not None:
        marks.narrators.extend(split(reader["who"] or reader["named"]))
    return reader is not None


def _read_of(inner: str, marks: Marks) -> str:
    """Leave of "Simon Archer, Unabridged, 2019" the reader, when one is named beside the marks."""
    parts = [part for part in re.split(r"\s*[,;]\s*|\s+-\s+", inner) if part]
    noted = [part for part in parts if editions.YEAR.fullmatch(part) or _technical(part)]
    rest = ", ".join(part for part in parts if part not in noted)
    sure = _READ_BY.search(rest) is not None or authorship(rest) >= SURE
    plain = any(not editions.YEAR.fullmatch(part) for part in noted) and authorship(rest) >= 1
    if not noted or not rest or not (sure or plain) or _NO_PERSON.search(rest):
        return inner
    for part in noted:
        marks.take(part)
        marks.year = marks.year or (part if editions.YEAR.fullmatch(part) else None)
    return rest


def _beside(match: re.Match[str]) -> str:
    """Return the piece that a bracket stands behind, or before where it opens the piece."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    piece = BRACKETS.sub(" ", _DASH.split(f" {before}")[-1])
    return fold(piece) or fold(BRACKETS.sub(" ", _DASH.split(f"{after} ")[0]))


def _counted(inner: str, marks: Marks) -> bool:
    """Bare counts: "1-7" are volumes, "02" is one, "2 of 5" is a part."""
    if re.fullmatch(r"\d{1,2}\s*-\s*\d{1,3}|#\d{1,2}|0\d", inner):
        marks.number = parse(inner).printed
        return True
    part = re.fullmatch(r"(?:part\s+)?(\d{1,2})\s*(?:of|/)\s*\d{1,2}", inner, re.IGNORECASE)
    if part is None:
        return False
    marks.part = int(part[1])
    return True


def _gathers(inner: str, marks: Marks) -> bool:
    """Whether a bracket says how many books there are: "7 books", "Complete"."""
    if fold(inner) == "complete":
        marks.noise.append("complete series")
        return True
    return _BOOKS.match(inner) is not None and _series(inner, marks)


def _technical(inner: str) -> bool:
    """Whether a bracket holds only format, language, year and edition words."""
    if (
        editions.only_noise(_ANTHOLOGY.sub(" ", inner))
        or editions.BITRATE.search(inner)
        or _COUNTS.search(inner)
    ):
        return True
    if _IMPRINT.fullmatch(inner) or _SITE.fullmatch(inner):
        return True
    words = [word for word in re.split(r"[\s/,|+-]+", editions.without_noise(inner)) if word]
    rest = [
        word
        for word in words
        if not (
            editions.FORMAT.fullmatch(word)
            or word.isdecimal()
            or word.upper() in {"VIP", "VBR", "V0"}
            or (editions.language(word) and (word.isupper() or len(words) == 1))
        )
    ]
    return not rest or (editions.file_format(inner) is not None and len(words) <= 3)


def _series(inner: str, marks: Marks) -> bool:
    if only_genre(inner):
        return True
    books = _BOOKS.match(inner)
    if books:
        marks.books = int(books[1])
        return True
    bare = read_note(inner)
    if bare is not None and not bare.name:
        marks.number = bare.position.printed
        return True
    notes = [note for note in read_notes(inner) if note.name]
    if not notes:
        named = re.fullmatch(r"(.*[^\W\d_].*?)\s+(\d{1,2}(?:\.\d)?)", inner)
        if named is None or fold(named[1]) in GENERIC:
            return False
        notes = [SeriesNote(named[1].strip(" ,"), parse(named[2]))]
    marks.series.extend(notes)
    return True


def _narrator(inner: str, sort: str, marks: Marks, *, keep_unknown: bool) -> bool:
    if any(char.isdecimal() for char in inner):
        return False
    bare = _READING.sub("", inner)
    if " " not in bare or min((likeness(one) for one in split(inner)), default=0.0) >= SURE:
        bare = inner  # Kate Reading is a person
    people = split(bare)
    least = min((likeness(name) for name in people), default=0.0)
    named = bare == inner or least >= SURE
    maybe = not keep_unknown and named and least >= 1 and not _NO_PERSON.search(inner)
    if not people or (sort != "{" and least < SURE and not maybe):
        return False
    marks.narrators.extend(people)
    marks.bracketed.extend(people if sort != "{" else ())
    return True


def _reads_aloud(reader: re.Match[str], text: str) -> bool:
    """Whether somebody reads; "You Are What You Read by Ada Marlow" names who wrote it."""
    before = text[: reader.start()]
    parted = _DASH.search(before) is not None or " by " in before.lower()
    return parted or not reader[0].startswith(" Read by ")


def without_tail(text: str, marks: Marks) -> str:
    """Take format, bitrate, ripping marks and a year off the end of a name."""
    reader = _READ_BY.search(text)
    if reader and reader["who"] and reader.start() and _reads_aloud(reader, text):
        marks.narrators.extend(split(reader["who"]))
        text = text[: reader.start()] + text[reader.end() :]
    while True:
        match = _TRAILING.search(text) or _LAST_YEAR.search(text)
        if match is None or not text[: match.start()].strip(" -,"):
            return text.strip(" ,;-\u2013")
        if match.re is _LAST_YEAR:
            others = [one.strip() for one in _DASH.split(text[: match.start()])]
            named = [one for one in others if editions.YEAR.fullmatch(one) is None]
            if marks.year is not None or len(named if "-" in match[0] else others) < 2:
                return text.strip(" ,;-\u2013")
            marks.year = match[1]
        marks.take(match[0])
        text = text[: match.start()].rstrip(" ,;-\u2013")
