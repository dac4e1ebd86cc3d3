"""Tell which series a name speaks of, and whether it promises one book or several."""

import re
from typing import Literal

from pipeline.domain.models import SeriesPlace
from pipeline.domain.name_pieces import BRACKETS, Marks
from pipeline.domain.series_notes import SeriesNote
from pipeline.domain.title_parts import TitleParts, take_apart, without_place

NameKind = Literal["release", "file", "folder", "track", "title"]
Content = Literal["single", "pack", "anthology"]

_MANY = r"trilogy|duology|quartet|quintet|sextet|(?:tetra|penta|hexa|hepta|sept|octa?)o?logy"
_PACK = re.compile(
    rf"""\b(?:box(?:ed)?[\s-]?sets?|omnibus|discography|bibliography|publisher'?s\s+pack|mega\s?pack
    |compilation|(?:complete|entire|whole)\s+(?:[\w']+\s+){{0,4}}(?:series|saga|{_MANY}|collection|works
    |set|novels|chronicles|cycle)|(?:collected|selected)\s+(?:works|novels)|all\s+(?:\w+\s+)?books
    |books\s+\d+\s*(?:-|to|&|and|through)\s*\d+|radio\s+drama\s+collection
    |(?:\d{{1,2}}|two|three|four|five|six)[\s-]?(?:in[\s-]?1|books?[\s-](?:collection|set|bundle|box))
    |(?:audio)?book\s+pack)\b
    |\b(?:collection|(?<!first\s)(?<!second\s)series|{_MANY}|saga|(?<=\w\s)(?:cycle|sequence|complete)
    |bundle|audiobooks)$
    |^\d{{1,3}}\s+(?:\w+\s+){{0,2}}(?:audio)?books$|\b(?:collection\b\s*[:(\d]|series\s*\+)""",
    re.IGNORECASE | re.VERBOSE,
)
_GATHERING = re.compile(
    r"(?:[\s,:-]+(?:the|complete|series|saga|collection|box(?:ed)?|sets?|omnibus|bundle|publisher'?s|"
    r"pack))+$",
    re.IGNORECASE,
)
_ANTHOLOGY = re.compile(r"\banthology\b", re.IGNORECASE)


def with_series(
    title: str, parts: TitleParts, marks: Marks, kind: NameKind
) -> tuple[str, list[SeriesNote]]:
    """Return the title and the series of a name; a series printed around the title is taken off."""
    notes = [note for note in marks.series if note.name]
    ranged = next((n for n in parts.series if n.implied and n.position.is_range), None)
    if ranged is not None and not parts.subtitle and kind in {"release", "file"}:
        return ranged.name, [*notes, ranged]  # "Harbour Lights Books 1-7" holds Harbour Lights
    stated = kind in {"folder", "track"}  # elsewhere, never by a number at the end of a title
    named = [n for n in parts.series if n.position.numbers and not (stated and n.implied)]
    if not notes:
        notes = named
    if all(note.implied for note in named) or not parts.main:
        return title, notes
    before = title.endswith(parts.main) and kind in {"title", "release", "file"}
    behind = title.startswith(parts.main) and title[len(parts.main) :].lstrip()[:1] in {*":,-"}
    if (before or behind) and not parts.subtitle:
        return parts.main, notes
    return (title if stated else without_place(title)), notes


def content_of(printed: str, title: str, marks: Marks, notes: list[SeriesNote]) -> Content:
    """Say whether a name promises one book, a collection of several writers, or several books."""
    if _ANTHOLOGY.search(printed):
        return "anthology"
    ranged = any(note.position.is_range for note in notes) or "-" in marks.number
    bare = BRACKETS.sub(" ", title).strip()
    if (
        marks.books > 1
        or ranged
        or _PACK.search(title)
        or _PACK.search(bare)
        or _PACK.search(" ".join(marks.noise))
    ):
        return "pack"
    return "single"


def places(
    notes: list[SeriesNote], title: str, marks: Marks, content: Content
) -> tuple[SeriesPlace, ...]:
    """Return the places in series that a name tells, a pack's as a range ("1-5")."""
    named = _gathered if content == "pack" else str
    found = [SeriesPlace(named(note.name), note.position.printed or None) for note in notes]
    if not found and marks.number:
        heading = re.match(r"(?P<name>\S+\s.*?\S)\s+and\s+the\s+", title)
        if content == "pack":
            found = [SeriesPlace(_gathered(title), marks.number)]
        else:  # "Bone Lord (Book 5)" is volume 5 of a series that is called like it, or unnamed
            name = heading["name"] if heading else take_apart(title).main
            found = [SeriesPlace(name, marks.number)]
    if marks.books > 1 and content == "pack" and not any(place.sequence for place in found):
        name = found[0].name if found else _gathered(title)
        found = [SeriesPlace(name, f"1-{marks.books}")]
    return tuple(dict.fromkeys(found))


def _gathered(title: str) -> str:
    """Name of the series that a pack's title gathers: "Iron Choir: The Complete Series (1-5)"."""
    bare = BRACKETS.sub(" ", title).strip(" ,:-")
    return _GATHERING.sub("", bare).strip(" ,:-") or bare
