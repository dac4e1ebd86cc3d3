import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.domain.naming import (
    FIELDS,
    LONGEST_PATH,
    Template,
    disc_number,
    key,
    names_inside,
    numbered,
    safe_file_name,
    safe_name,
    unoccupied,
)
from pipeline.errors import ConfigurationError
from tests.support.books import metadata

USUAL = Template.parse("{Author}/{Series}/{Sequence} - {Title} [{ASIN}]")
DUNE = Metadata(
    title="Dune",
    subtitle="A Novel",
    authors=("Frank Herbert", "Brian Herbert"),
    narrators=("Scott Brick",),
    series=(SeriesPlace("Dune Chronicles", "1"),),
    published_year="1965",
    asin="B002V1OF70",
)


def folder(template, **about):
    return str(Template.parse(template).folder(Metadata(**about)))


def test_a_book_stands_with_its_author_and_series():
    assert str(USUAL.folder(DUNE)) == "Frank Herbert/Dune Chronicles/1 - Dune [B002V1OF70]"


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"authors": ("A",)}, "A/T"),
        ({"authors": ("A",), "asin": "B002V1OF70"}, "A/T [B002V1OF70]"),
        ({"authors": ("A",), "series": (SeriesPlace("S"),)}, "A/S/T"),
        ({"series": (SeriesPlace("S", "2.5"),)}, "S/2.5 - T"),
        ({"series": (SeriesPlace("S", "1-3"),)}, "S/1-3 - T"),
        ({}, "T"),
    ],
)
def test_empty_fields_vanish_with_what_surrounds_them(about, expected):
    assert str(USUAL.folder(Metadata(title="T", **about))) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{Title} ({Year})", "Dune (1965)"),
        ("({Year}) - {Title}", "(1965) - Dune"),
        ("Book {Sequence} - {Title}, {Subtitle}", "Book 1 - Dune, A Novel"),
        ("{Title} {{{Narrator}}}", "Dune {Scott Brick}"),
        ("{Authors} - {Title}", "Frank Herbert, Brian Herbert - Dune"),
        ("{Title} #{Sequence} [{Year} - {ASIN}]", "Dune #1 [1965 - B002V1OF70]"),
        ("Audiobooks/{Title}", "Audiobooks/Dune"),
    ],
)
def test_a_template_may_order_the_fields_otherwise(template, expected):
    assert str(Template.parse(template).folder(DUNE)) == expected


@pytest.mark.parametrize(
    "template",
    [
        "{Title} ({Year})",
        "({Year}) - {Title}",
        "Book {Sequence} - {Title}, {Subtitle}",
        "{Title}, {Subtitle} {{{Narrator}}}",
        "{Authors} - {Title}",
        "{Title} #{Sequence} [{Year} - {ASIN}]",
        "by {Author}/{Title}",
    ],
)
def test_of_every_template_only_the_title_is_left_when_nothing_else_is_known(template):
    assert folder(template, title="Dune") == "Dune"


def test_a_bracket_keeps_what_is_left_in_it():
    assert folder("{Title} [{Year} - {ASIN}]", title="T", asin="B002V1OF70") == "T [B002V1OF70]"


def test_the_series_that_numbers_the_book_names_its_folder():
    places = (SeriesPlace("Cosmere"), SeriesPlace("Mistborn", "1"))

    assert folder("{Series}/{Sequence} - {Title}", title="T", series=places) == "Mistborn/1 - T"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Mistborn: The Final Empire", "Mistborn - The Final Empire"),
        ("2001: A Space Odyssey", "2001 A Space Odyssey"),
        ("3:10 to Yuma", "3.10 to Yuma"),
        ("AC/DC", "AC-DC"),
        ('Who? What* "Where" <x>|y\\z', "Who What Where x-y-z"),
        ("...And Justice for All...", "And Justice for All"),
        ("..", "_"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("a\x00b\nc\u202ecod.exe", "a b ccod.exe"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("\u6ce2\u3060", "\u6ce2\u3060"),
        (" ", "Untitled"),
        ("?", "Untitled"),
        ("", "Untitled"),
    ],
)
def test_a_title_becomes_a_name_that_every_system_takes(title, expected):
    assert folder("{Title}", title=title) == expected


def test_a_name_that_is_too_long_loses_the_end_of_its_title_only():
    name = USUAL.folder(Metadata(title="\u00e9" * 400, asin="B002V1OF70")).name

    assert len(name.encode()) <= 255
    assert name.endswith("\u00e9 [B002V1OF70]")


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("", "a folder without a name"),
        ("/books/{Title}", "begins with /"),
        ("{Author}/../{Title}", "leaves the library"),
        ("{Author}//{Title}", "a folder without a name"),
        ("{Author}/{Titel}", "{Titel} is unknown; there are {Author}"),
        ("{Title", "a brace is open"),
        ("{Title}/{Author}", "must hold {Title}"),
        ("{Author}: {Title}", "':' cannot stand"),
        ("{Title}\x00", "cannot stand"),
    ],
)
def test_a_wrong_template_is_refused_with_the_reason(template, complaint):
    with pytest.raises(ConfigurationError) as refused:
        Template.parse(template)

    assert complaint in str(refused.value)


def test_all_mistakes_of_a_template_are_told_at_once():
    with pytest.raises(ConfigurationError, match=r"Titel.*Autor.*must hold"):
        Template.parse("{Titel}/{Autor}")


def is_safe(name):
    return (
        0 < len(name.encode()) <= 255
        and name.strip(" ") == name
        and not name.startswith(".")
        and not name.endswith(".")
        and not any(c in '/\\:*?"<>|' or unicodedata.category(c) in {"Cc", "Cs"} for c in name)
        and not any(
            c in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for c in name
        )
        and unicodedata.is_normalized("NFC", name)
    )


pieces = st.sampled_from(
    [*(f"{{{name}}}" for name in FIELDS), " - ", "[", "]", "(", ")", " ", "x", ","]
)
templates = st.lists(pieces, max_size=8).map(lambda some: "{Author}/" + "".join(some) + "{Title}")
odd = st.text(st.characters(), max_size=300)
wild = st.builds(
    Metadata,
    title=st.none() | odd,
    authors=st.lists(odd, max_size=2).map(tuple),
    series=st.lists(st.builds(SeriesPlace, odd, st.none() | odd), max_size=2).map(tuple),
    asin=st.none() | odd,
    narrators=st.just(("../..",)),
)


@given(templates, metadata | wild)
@example("{Author}/{Title}", Metadata(title="../../etc/passwd", authors=("..",)))
@example("{Author}/{Title}", Metadata(title="CON" * 100, authors=(".",)))
def test_no_book_ever_leaves_the_library_or_breaks_a_file_system(template, book):
    path = Template.parse(template).folder(book)

    assert not path.is_absolute()
    assert path.parts
    assert all(is_safe(part) for part in path.parts), path.parts
    assert len(str(path).encode()) <= LONGEST_PATH


@given(templates, metadata | wild)
def test_a_book_always_gets_the_same_folder(template, book):
    parsed = Template.parse(template)

    assert parsed.folder(book) == parsed.folder(book)


@given(odd, st.integers(20, 255))
def test_a_safe_name_stays_as_it_is(text, limit):
    name = safe_name(text, limit)

    assert is_safe(name)
    assert len(name.encode()) <= limit
    assert safe_name(name, limit) == name


def test_a_file_keeps_its_extension_however_long_its_name():
    name = safe_file_name("x" * 400 + ".m4b")

    assert len(name) == 255
    assert name.endswith("x.m4b")


def test_a_cut_leaves_no_half_of_a_composed_character():
    assert safe_name("a" * 8 + "q\u0323\u0307", 10) == "a" * 8


def test_the_second_book_of_a_name_is_numbered():
    first = PurePosixPath("A/T [B002V1OF70]")
    taken = {key(first), key(numbered(first, 2))}

    assert unoccupied(first, set()) == first
    assert str(unoccupied(first, taken)) == "A/T [B002V1OF70] (3)"


def test_folders_that_some_system_takes_for_one_are_one():
    taken = {key(PurePosixPath("A/Caf\u00e9"))}

    assert str(unoccupied(PurePosixPath("a/CAFE\u0301"), taken)) == "a/CAFE\u0301 (2)"


@given(odd, st.integers(2, 9999))
def test_a_numbered_folder_is_still_safe(text, number):
    assert is_safe(numbered(PurePosixPath("A", safe_name(text)), number).name)


@pytest.mark.parametrize(
    ("folder_name", "number"),
    [("CD 1", 1), ("cd02", 2), ("Disc_3", 3), ("Disk 10", 10), ("Part 1", None), ("CD", None)],
)
def test_a_folder_of_a_disc_is_known_by_its_name(folder_name, number):
    assert disc_number(folder_name) == number


def inside(*paths):
    named = names_inside([PurePosixPath(path) for path in paths])
    return [str(named[PurePosixPath(path)]) for path in paths]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["Dune.m4b"], ["Dune.m4b"]),
        (["Release [x]/Dune.m4b", "Release [x]/cover.jpg"], ["Dune.m4b", "cover.jpg"]),
        (["R/Disc 1/01.mp3", "R/Disc 2/01.mp3"], ["CD1/01.mp3", "CD2/01.mp3"]),
        (["R/CD 1/01.mp3", "R/cover.jpg"], ["CD1/01.mp3", "cover.jpg"]),
        (["R/Part 1/01.mp3", "R/Part 2/01.mp3"], ["Part 1 - 01.mp3", "Part 2 - 01.mp3"]),
        (["R/P/CD1/01.mp3", "R/Q/CD1/01.mp3"], ["CD1/P - 01.mp3", "CD1/Q - 01.mp3"]),
        (["R/a.mp3", "R/A.mp3"], ["a.mp3", "A (2).mp3"]),
        (["R/a:b?.mp3"], ["a-b.mp3"]),
    ],
)
def test_files_are_named_as_audiobookshelf_reads_one_book(paths, names):
    assert inside(*paths) == names


@given(st.lists(
    st.lists(odd.map(lambda t: t.replace("/", "")).filter(lambda t: t not in {"", ".", ".."}),
             min_size=1, max_size=4).map(lambda parts: PurePosixPath(*parts)),
    min_size=1, max_size=6, unique=True,
))  # fmt: skip
def test_no_file_is_lost_under_the_name_of_another(paths):
    named = names_inside(paths)

    assert set(named) == set(paths)
    assert len({key(name) for name in named.values()}) == len(paths)
    assert all(is_safe(part) for name in named.values() for part in name.parts)
