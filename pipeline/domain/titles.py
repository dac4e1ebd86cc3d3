"""Read what a release, file, folder or tag name says: title, authors, series, recording."""

# ruff: noqa: PLR2004  a length or likeness is explained where it is compared

import html
import re
import unicodedata
from dataclasses import dataclass

from pipeline.domain import editions, people
from pipeline.domain.folders import read_folder
from pipeline.domain.folding import ARTICLES, fold, roman
from pipeline.domain.given_names import GIVEN_NAMES
from pipeline.domain.likeness import SURE, authorship, likeness, pen_name
from pipeline.domain.models import SeriesPlace
from pipeline.domain.name_pieces import Marks, bracketless, take_reader, without_tail
from pipeline.domain.name_series import Content, NameKind, content_of, places, with_series
from pipeline.domain.pack_lists import PackList, pack_list
from pipeline.domain.people import split
from pipeline.domain.positions import NOWHERE, parse
from pipeline.domain.segments import DISCOGRAPHY, GATHERED, Segments, assign
from pipeline.domain.series_notes import SeriesNote
from pipeline.domain.subtitles import describes
from pipeline.domain.title_parts import take_apart, without_tails

_LONGEST = 1000
_SPELT = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_COUNTER = r"(?:track|chapter|ch|kapitel|chapitre|disc|disk|cd|part|teil)\.?\s*#?\s*"
_TRACK = re.compile(
    rf"^\s*(?:(?:{_COUNTER})?\d{{1,3}}(?:\s*(?:/|of)\s*\d{{1,3}})?\s*(?:[.):_-]|\s-)|0\d{{1,2}}\s"
    rf"|\d{{1,3}}/\d{{1,3}}\s|{_COUNTER}(?:\d{{1,3}}\s|(?:{_SPELT}|[ivx]+)\s*(?:[:.]|\s-)))"
    r"\s*(?=\D)",
    re.IGNORECASE,
)
_FILE_NUMBER = re.compile(
    r"^(?:0\d{0,2}(?:[.)]\s+|\s+-\s+))*(?:(?:(?:book|bk|vol(?:ume)?)\.?\s*|#)?\d{1,3}(?:[.)]\s+|\s+-\s+)(?=\D)"
    r"|(?:(?:book|bk|vol(?:ume)?)\.?\s*|#)0?\d{1,2}\s+(?=[^\W\d])|0\d{1,2}\s+(?=[^\W\d]))?",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:book|bk|vol(?:ume)?)\.?\s*|#)\d{1,3}\s*(?::|\s-)\s*(?=\S)", re.IGNORECASE
)
_DISC = re.compile(r"\s+\(?(?:cd|dis[ck])\s?\d{1,2}\)?$|\s-\s0\d{1,2}$", re.IGNORECASE)
_LAST_ASIN = re.compile(r"[\s_-]+(B0[0-9A-Z]{8})$")
_NUMBERED = re.compile(r"\s*[(\[]((?:book|bk|vol(?:ume)?)\.?\s*\d{1,3})[)\]]:", re.IGNORECASE)
# "Author - [Harbour] 3 - Title": the bracket is a series.
_BRACKETED = re.compile(r"(?<=- )\[([^\[\]]*[^\W\d][^\[\]]*)\]\s+(#?\d{1,3}(?:\.\d)?)(?=\s+-\s)")
_BOTH = re.compile(
    r"^\[([^\[\]]*\s[^\[\]]*)\]\s+-\s+\[([^\[\]]*[a-z][^\[\]]*)\]"
)  # "[Author] - [Title]"
_GAPS = re.compile(r"\s+[-\u2013\u2014]{1,3}\s+|\s+[-\u2013\u2014](?=\S)|(?<=\S)[-\u2013\u2014]\s+")
_SPACED = re.compile(r"\s[-\u2013\u2014]{1,3}\s")
_HALF_SPACED = re.compile(r"[^\W\d]-\s+[^\W\da-z]|[^\W\d]\s+-[^\W\da-z]|[^\W\d]\s+-\s?\d{1,3}\s?-")
_RANGE = re.compile(
    r"(?<!cd\s)(?<!dis[ck]\s)(?<=[^\W\d]\s)(0?\d)\s[-\u2013]\s(\d{1,2})(?=\s*(?:$|[\[({]|-\s|by\s))"
)
_UNDERSCORED = re.compile(r"[^\W_]+(?:_[^\W_]+){2,}")  # "Salt_on_the_Road" among blanks
_EDGES = " ,-\u2013\u2014"
_BY = re.compile(r"^(?P<title>.*\S)\s+by\s+(?P<who>\S.*)$", re.IGNORECASE | re.DOTALL)
_PASSIVE = re.compile(r"(?:[^e]ed|(?:ak|iv|ok|ol|os|oz|rt|tt)en|ught|own|ing)$", re.IGNORECASE)
# As Jackett and Prowlarr name what MAM offers: "Title by A, B [ENG / M4B] [VIP]".
_TAG = (
    rf"\[(?:[A-Z]{{2,3}}\s*/\s*)?(?:(?:{'|'.join((*editions.AUDIO, *editions.EBOOK))})[\s,/]*)+\]"
)
_INDEXED = re.compile(
    r"^(?P<title>.*\S)\s+by\s+(?P<who>(?:[^\[\](){}]|\([^()\d]*\))+?)\s*"
    rf"(?P<tags>{_TAG}\s*(?:\[[A-Z ]+\]\s*)*)$",
    re.IGNORECASE,
)
_READER = re.compile(r"\sby\s.*\b(?:narrated|read|performed|voiced)$", re.IGNORECASE)
_POSTED = re.compile(r"\s+yenc\b.*$", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PIECE_OF = re.compile(r"(?<=\S)[_-](?:part|pt|cd|disc|track|chapter)[_-]?0\d{1,2}$", re.IGNORECASE)
_SCENE_END = re.compile(
    r"(?:-(?:WEB|\d{0,2}CDR?|VINYL|FLAC|MP3|M4B|AUDIOBOOK|UNABRIDGED|ABRIDGED|64|128|320|(?:19|20)\d\d"
    r"|\([A-Z0-9]+\)))+-[A-Za-z0-9]{2,12}$"
)
_GROUP = re.compile(r"[A-Z0-9]{2,10}")


@dataclass(frozen=True, slots=True)
class ReadName:
    """What a name says; what it does not say is empty or None.

    `title` is whole, with a subtitle after a colon, free of series notes in brackets, edition and
    format. `series` has sequences in one common form ("5", "1-3"). `bitrate` in kilobits per
    second, `language` as ISO 639-1 code, `noise` what was read past.
    """

    title: str
    authors: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    narrators: tuple[str, ...] = ()
    year: str | None = None
    format: str | None = None
    bitrate: int | None = None
    abridged: bool | None = None
    dramatised: bool = False
    language: str | None = None
    asin: str | None = None
    content: Content = "single"
    part: int = 0
    noise: tuple[str, ...] = ()

    @property
    def subtitle(self) -> str:
        """What follows the first colon of the title, unless it is a series note."""
        return take_apart(self.title).subtitle

    @property
    def is_pack(self) -> bool:
        """Whether several books are promised."""
        return self.content == "pack"


def read(text: str, kind: NameKind = "release") -> ReadName:
    """Read a name; never raises on any text, and an unreadable one is all title.

    `release` is an indexer's or tracker's name, `file` one with an extension, `folder` a path in
    the library (author/series/book), `track` and `title` are tags without an author in them.
    """
    printed = _clean(text)
    marks = Marks()
    if kind == "folder" and "/" in printed.strip("/ "):
        found = read_folder(printed, marks)
    elif kind in {"track", "title"}:
        found = _tag(printed, marks, kind)
    else:
        found = _release(printed, marks, kind)
    return _read(printed, found, marks, kind)


def _clean(text: str) -> str:
    """Undo HTML entities, control characters and scene spelling ("The_Book", "The.Book.2019")."""
    plain = unicodedata.normalize("NFC", html.unescape(text[:_LONGEST])).replace("\u00a0", " ")
    plain = "".join(char if char.isprintable() else " " for char in plain)
    if " " not in plain.strip():
        plain = _spaced(plain)
    if plain.count("_") > plain.count(" "):
        plain = plain.replace("_", " ")
    plain = _BOTH.sub(r"\1 - \2", plain)
    plain = _BRACKETED.sub(r"\1 \2", plain)
    plain = _NUMBERED.sub(r", \1:", _RANGE.sub(r"\1-\2", plain))
    plain = _UNDERSCORED.sub(lambda match: match[0].replace("_", " "), plain)
    plain = re.sub(r"(?<=\S)_(?=\S)", " - ", plain).replace("_ ", ": ")
    if _SPACED.search(plain) is None:
        plain = re.sub(r"\s+[|~\u2022\u00b7/]\s+(?![^\[({]*[\])}])", " - ", plain)
    if " " not in plain.strip() and plain.count(".") >= 3:
        plain = _scene(plain.replace(".", " ").split())
    if plain.count("-") > 1 and " " not in plain.strip() and plain.islower():
        plain = plain.replace("-", " ")
    return " ".join(re.sub(r"[\u201c\u201d\u201e\u00ab\u00bb\"]", " ", plain).split())


def _spaced(name: str) -> str:
    """Put blanks into a name without any: "AdaMarlow-TheSaltRoad", "Ada.Marlow-The.Salt-GRP"."""
    name = re.sub(r"(?<=\d)_-_(?=\d)", "-", name)
    stem = editions.EXTENSION.sub("", name)
    if not re.search(r"[_.]", stem) and len(_HUMP.findall(stem)) > 1:
        return _HUMP.sub(" ", stem).replace("-", " - ") + name[len(stem) :]
    fields = stem.split("-")
    if "_" in stem or stem.count(".") < 3 or len(fields) < 2:
        return name
    grouped = _GROUP.fullmatch(fields[-1]) is not None
    if grouped and len(fields) == 2:
        return name
    told = [field.replace(".", " ").strip() for field in (fields[:-1] if grouped else fields)]
    return " - ".join(field for field in told if field) + name[len(stem) :]


def _scene(words: list[str]) -> str:
    """Part author and title in "Jane Doe The Book 2019" by a given name at the front."""
    last = -2 if editions.FORMAT.fullmatch(words[-1]) else -1
    if len(words) > 2 - last and editions.YEAR.fullmatch(words[last]):
        words[last] = f"({words[last]})"
    known = len(words) > 2 and fold(words[0]) in GIVEN_NAMES and "-" not in words
    return " ".join([*words[:2], "-", *words[2:]] if known else words)


def _release(text: str, marks: Marks, kind: NameKind) -> Segments:
    extension = editions.EXTENSION.search(text)
    if extension:
        marks.take(extension[0][1:])
        text = text[: extension.start()]
    text = _without_scene_end(text, marks)
    if _SPACED.search(text) is None:
        text = re.sub(r"\s+(?=[(\[][^()\[\]]*[)\]]-\w)", "", text)
    text = _POSTED.sub("", text)
    asin = _LAST_ASIN.search(text)
    if asin is not None:
        marks.asin = asin[1]
        text = text[: asin.start()]
    if kind == "file":
        text = _DISC.sub("", _PIECE_OF.sub("", _FILE_NUMBER.sub("", text) or text)) or text
    if (pack := pack_list(text)) is not None:
        return _listed_pack(pack, marks)
    listed = _INDEXED.match(text)
    if (
        listed is not None
        and not (_authored(listed) or _READER.search(listed["title"]))
        and (authors := people.listed(listed["who"]))
    ):
        return _indexed(listed, authors, marks)
    text = bracketless(without_tail(text, marks), marks, keep_unknown=False)
    text = without_tail(text, marks)
    works = DISCOGRAPHY.search(text)
    if works is not None and works.start() and not text[works.end() :].strip():
        return Segments("Discography", split(text[: works.start()]) or (text[: works.start()],))
    by = _by_author(text) or _before_colon(text)
    if by is not None:
        return assign(_pieces(by[0], marks), marks, authors=split(by[1]))
    return assign(_pieces(text, marks), marks)


def _without_scene_end(text: str, marks: Marks) -> str:
    """Take "-WEB-2019-GRP" off a name that has blanks; one without any is told by its dashes."""
    end = _SCENE_END.search(text)
    if end is None or _SPACED.search(text[: end.start()]) is None:
        return text
    year = editions.YEAR.search(end[0])
    marks.year = marks.year or (year[0] if year else None)
    marks.take(end[0])
    return text[: end.start()]


def _indexed(listed: re.Match[str], authors: tuple[str, ...], marks: Marks) -> Segments:
    """Read an indexer's "Title by A, B [ENG / M4B]", whose title stands as it is."""
    bracketless(f"{listed['title']} {listed['tags']}", marks, keep_unknown=False)
    return Segments(listed["title"].strip(), authors, whole=True)


def _listed_pack(pack: PackList, marks: Marks) -> Segments:
    """Read a pack by the list of its books; what stands behind the list are marks and a reader."""
    behind = without_tail(bracketless(pack.rest, marks, keep_unknown=False), marks)
    pieces = _pieces(pack.head, marks)
    by = None if take_reader(behind, marks) else _BY.match(f"- {behind}")
    named = split(by["who"]) if by else ()
    if not (named or marks.narrators) and authorship(behind) >= 1:
        if len(pieces) == 1:
            named = split(behind)
        else:
            marks.narrators.extend(split(behind))
    found = assign(pieces, marks, authors=named)
    marks.series.append(SeriesNote(found.title, parse(pack.span)))
    return Segments("; ".join(pack.titles), found.authors, whole=True)


def _authored(listed: re.Match[str]) -> bool:
    """Whether an author stands before a dash already, so that " by " belongs to the title."""
    who, dash, _ = listed["title"].partition(" - ")
    likely = authorship(listed["who"])
    nobody = likely == 0 and not pen_name(listed["who"])
    return bool(dash) and (nobody or authorship(who) >= SURE > likely)


def _by_author(text: str) -> tuple[str, str] | None:
    """Title and authors of "Title by A, B"; None when " by " belongs to the title."""
    match = _BY.match(text)
    if match is None or _SPACED.search(text):
        return None
    title, who = match["title"].strip(" ,"), match["who"].strip(" ,")
    sure = authorship(who) >= SURE or all(authorship(name) >= 1 for name in split(who))
    return (title, who) if sure or _only_name(title, who) else None


def _only_name(title: str, who: str) -> bool:
    """Whether one word after " by " is an author: Plato, but not in "Stolen by Night"."""
    if pen_name(who):
        return True
    last = title.rsplit(maxsplit=1)[-1]
    return likeness(who) > 0 and _PASSIVE.search(last) is None and fold(last) != fold(who)


def _before_colon(text: str) -> tuple[str, str] | None:
    """Title and author of "Author: Title", when a person surely stands before the colon."""
    who, colon, title = text.partition(": ")
    if colon and title and not _SPACED.search(text) and authorship(who) >= SURE:
        return title, who
    return None


def _pieces(text: str, marks: Marks) -> list[str]:
    """Split a name at its dashes; dashes without blanks count only in scene names."""
    if _SPACED.search(text) or _HALF_SPACED.search(text):
        return [told for piece in _GAPS.split(text) if (told := piece.strip(_EDGES))]
    pieces = [piece.strip(" ,") for piece in re.split(r"-", text) if piece.strip(" ,")]
    scene = len(pieces) >= 3 and (_GROUP.fullmatch(pieces[-1]) is not None or _signed(pieces))
    if scene or (len(pieces) >= 3 and any(editions.YEAR.fullmatch(piece) for piece in pieces)):
        told = pieces[:-1] if scene else pieces
        noise = [at for at, piece in enumerate(told) if at and _scene_mark(piece, at)]
        for at in noise:
            marks.take(told[at])
        return [piece for at, piece in enumerate(told) if at not in noise]
    return [text]


def _signed(pieces: list[str]) -> bool:
    """Whether a group of any spelling ends a scene name, after the marks: "...-WEB-2019-iNT"."""
    told = [
        piece for piece in pieces[:-1] if not (_scene_mark(piece) or editions.YEAR.fullmatch(piece))
    ]
    marked = _scene_mark(pieces[-2]) or editions.YEAR.fullmatch(pieces[-2]) is not None
    return marked and len(told) > 1 and re.fullmatch(r"\w{2,12}", pieces[-1]) is not None


def _scene_mark(piece: str, at: int = 0) -> bool:
    """Whether a piece of a scene name is a mark: language, source, "AUDIOBOOK".

    Behind author and title any word in capitals is one.
    """
    shouted = at > 1 and piece.isupper() and piece.isalnum() and not roman(piece.lower())
    language = piece.isupper() and editions.language(piece) is not None
    return (
        shouted or language or (editions.only_noise(piece) and not editions.YEAR.fullmatch(piece))
    )


def _tag(text: str, marks: Marks, kind: NameKind) -> Segments:
    for _ in range(3 if kind == "track" else 0):
        text = _TRACK.sub("", text) or text
    text = _LEAD.sub("", text) or text
    bare = bracketless(text, marks, keep_unknown=True)
    halves = [one for one in _SPACED.split(bare, maxsplit=1) if not editions.only_noise(one)]
    if kind == "track" or len(halves) < 2:
        return Segments(halves[0].strip() if len(halves) == 1 else bare)
    stripped, *notes = without_tails(bare)
    if any(note.position.numbers for note in notes):
        return Segments(bare)
    if any(note.position.numbers for note in take_apart(stripped).series):
        return Segments(stripped)
    marks.series.extend(notes)
    return _headed(stripped, marks)


def _headed(title: str, marks: Marks) -> Segments:
    """Tell "Series - Title" from "Title - Subtitle", which a tag prints alike.

    A series is seldom called "The ...", a title after its series often.
    """
    before, dash, after = title.partition(" - ")
    if not dash:
        return Segments(title)
    if GATHERED.search(after):
        marks.series.append(SeriesNote(after, NOWHERE))
        return Segments(before)
    first, second = fold(before.partition(" ")[0]), fold(after.partition(" ")[0])
    if second in ARTICLES and first not in ARTICLES and not describes(after, before):
        marks.series.append(SeriesNote(before, NOWHERE))
        return Segments(after)
    return Segments(f"{before}: {after}")


def _read(printed: str, found: Segments, marks: Marks, kind: NameKind) -> ReadName:
    keep = found.whole or kind == "folder"
    title = found.title if keep else editions.without_noise(found.title)
    parts = take_apart(title)
    proper, notes = with_series(title, parts, marks, kind)
    title = title if keep else proper
    content = content_of(printed, title, marks, notes)
    authors = found.authors
    if not authors and kind == "release" and content == "single":
        authors = tuple(marks.bracketed)  # "Harbour 3 - The Salt Road (Ada Marlow)"
        marks.narrators = [name for name in marks.narrators if name not in authors]
    return ReadName(
        title=title or printed,
        authors=authors,
        series=places(notes, title, marks, content),
        narrators=_readers(marks, authors),
        year=marks.year,
        format=marks.format,
        bitrate=marks.bitrate,
        abridged=marks.abridged if marks.abridged is not None else editions.abridged(printed),
        dramatised=marks.dramatised or editions.DRAMATISED.search(printed) is not None,
        language=marks.language,
        asin=marks.asin,
        content=content,
        part=parts.part or marks.part,
        noise=tuple(marks.noise),
    )


def _readers(marks: Marks, authors: tuple[str, ...]) -> tuple[str, ...]:
    """Narrators, each once; "read by the author" names the author."""
    named: list[str] = []
    for name in marks.narrators:
        named.extend(authors if fold(name) in {"the author", "author"} else (name,))
    return tuple(dict.fromkeys(named))
