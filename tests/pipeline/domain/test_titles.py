"""Names are read into what they say; the whole table of styles is in tests/judge."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.models import SeriesPlace
from pipeline.domain.titles import read

PIECES = st.lists(
    st.sampled_from(
        [
            "Ada Marlow",
            " - ",
            "The Salt Road",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "by",
            "M4B",
            "64kbps",
            "03",
            "Book",
            "#",
            ",",
            ":",
            "_",
            ".",
            "2019",
            "Unabridged",
            "1-3",
            "/",
            "\u767d\u94f6",
            "\u0416",
        ]
    ),
    max_size=14,
).map(" ".join)


def test_a_full_name_is_read_to_the_last_bracket():
    said = read(
        "Ada Marlow - Harbour Lights 03 - The Salt Road (2019) "
        "[Simon Archer] [Unabridged] [MP3 64kbps]"
    )

    assert said.title == "The Salt Road"
    assert said.authors == ("Ada Marlow",)
    assert said.series == (SeriesPlace("Harbour Lights", "3"),)
    assert said.narrators == ("Simon Archer",)
    assert (said.year, said.format, said.bitrate, said.abridged) == ("2019", "mp3", 64, False)
    assert not said.is_pack


def test_an_indexer_s_title_stands_as_it_is():
    said = read("The Salt Road: Harbour, Book 3 by Ada Marlow, Thomas Reed [ENG / M4B] [VIP]")

    assert said.title == "The Salt Road: Harbour, Book 3"
    assert said.authors == ("Ada Marlow", "Thomas Reed")
    assert said.series == (SeriesPlace("Harbour", "3"),)
    assert (said.format, said.language) == ("m4b", "en")


def test_a_dramatised_part_is_told():
    said = read("Ada Marlow - Harbour 1 - First Light (2 of 5) [Dramatized Adaptation]")

    assert said.dramatised
    assert said.part == 2


def test_a_pack_is_told_with_its_range():
    said = read("Ada Marlow - Harbour Lights (Books 1-5) MP3")

    assert said.is_pack
    assert said.series == (SeriesPlace("Harbour Lights", "1-5"),)


def test_an_unreadable_name_is_all_title():
    assert read("???").title == "???"


def test_a_folder_that_is_all_brackets_is_its_own_title():
    assert read("Ada Marlow/Harbour/(2019)", "folder").title == "(2019)"


def test_a_subtitle_is_told_from_the_title():
    assert read("Ada Marlow - Salt: A Desert Crossing").subtitle == "A Desert Crossing"


@given(st.text() | PIECES, st.sampled_from(["release", "file", "folder", "track", "title"]))
def test_any_text_is_read_without_raising_and_keeps_a_title(text, kind):
    said = read(text, kind)

    assert said.title or not any(char.isalnum() for char in text)
