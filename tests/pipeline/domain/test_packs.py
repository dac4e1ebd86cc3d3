"""Packs are known by their files, and their books given to those who want them."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.audio_files import AudioFile, Recording, Refused
from pipeline.domain.models import SeriesPlace, WantedBook
from pipeline.domain.packs import assign, inspect

MB = 1_000_000


def wanted(book_id, title, number=""):
    series = (SeriesPlace("Harbour", number),) if number else ()
    return WantedBook(book_id, title, ("Ada Marlow",), series=series)


FIRST, SALT, BELL = (
    wanted(1, "First Light", "1"),
    wanted(3, "The Salt Road", "3"),
    wanted(4, "The Bell"),
)


def held(files, *books):
    return {book.name: book.book_id for book in inspect([(f, MB) for f in files], books)}


def test_single_files_in_one_folder_are_books():
    files = [
        "Harbour/01 - First Light.m4b",
        "Harbour/02 - Keeper.m4b",
        "Harbour/03 - The Salt Road.m4b",
    ]

    assert held(files, FIRST, SALT) == {
        "01 - First Light.m4b": 1,
        "02 - Keeper.m4b": None,
        "03 - The Salt Road.m4b": 3,
    }


def test_chapters_in_a_folder_are_one_book():
    files = [f"Marlow/Harbour 1 - First Light/{n:02} Chapter {n}.mp3" for n in range(1, 9)]

    assert held(files, FIRST) == {"Harbour 1 - First Light": 1}


def test_discs_of_a_book_are_one_book():
    files = [f"Harbour/The Bell/CD {cd}/{n:02}.mp3" for cd in (1, 2) for n in (1, 2, 3)]

    assert held(files, BELL) == {"The Bell": 4}


def test_the_same_title_by_another_author_is_not_given():
    assert held(["Pack/Thomas Reed - The Bell.m4b"], BELL) == {"Thomas Reed - The Bell.m4b": None}


def test_a_file_that_fits_two_authors_books_is_given_to_nobody():
    other = WantedBook(9, "The Bell", ("Thomas Reed",))

    longer = WantedBook(9, "The Bell: A Novel of the Sea", ("Thomas Reed",))

    assert held(["Pack/The Bell.m4b"], BELL, other) == {"The Bell.m4b": None}
    assert held(["Pack/The Bell.m4b"], BELL, longer) == {"The Bell.m4b": None}
    assert held(["Pack/The Bell - Thomas Reed.m4b"], BELL, other) == {
        "The Bell - Thomas Reed.m4b": 9
    }


def test_two_files_that_name_their_authors_are_both_given():
    other = WantedBook(9, "The Bell", ("Thomas Reed",))
    files = ["Pack/Ada Marlow - The Bell.m4b", "Pack/Thomas Reed - The Bell.m4b"]

    assert set(held(files, BELL, other).values()) == {4, 9}


def test_a_cover_of_the_same_name_goes_with_its_book():
    audio = [AudioFile(PurePosixPath(f"Pack/{name}.m4b"), MB, 60.0) for name in ("The Bell", "Tin")]
    covers = tuple(PurePosixPath(f"Pack/{name}.jpg") for name in ("The Bell", "Tin", "folder"))

    dealt = assign(Recording(files=tuple(audio), companions=covers), (BELL,))

    assert dealt[4].companions == (PurePosixPath("Pack/The Bell.jpg"),)
    assert [str(path) for path in dealt[4].left] == [
        "Pack/Tin.m4b",
        "Pack/Tin.jpg",
        "Pack/folder.jpg",
    ]


def test_a_share_of_a_pack_is_in_playing_order():
    chapters = [
        AudioFile(PurePosixPath(f"Pack/The Bell/Chapter {n}.mp3"), MB, 60.0) for n in (10, 9, 1)
    ]
    tin = AudioFile(PurePosixPath("Pack/Tin/Tin.m4b"), MB, 60.0)

    dealt = assign(Recording(files=(*chapters, tin)), (BELL,))

    assert [file.path.stem for file in dealt[4].files] == ["Chapter 1", "Chapter 9", "Chapter 10"]


def test_a_part_of_a_book_is_not_given_as_the_book():
    assert held(["Pack/The Bell, Part 1.m4b"], BELL) == {"The Bell, Part 1.m4b": None}


def test_a_wanted_book_is_given_once():
    given_to = held(["Pack/The Bell.m4b", "Pack/The Bell (Unabridged).mp3"], BELL)

    assert sorted(given_to.values(), key=str) == [4, None]


def test_companions_lie_with_their_book():
    [book] = inspect([("A/The Bell/bell.m4b", MB), ("A/The Bell/cover.jpg", 9)], (BELL,))

    assert book.paths == ("A/The Bell/bell.m4b", "A/The Bell/cover.jpg")


def test_a_recording_is_dealt_out_to_its_books():
    audio = [
        AudioFile(PurePosixPath(f"P/{name}.m4b"), MB, 60.0)
        for name in ("First Light", "X", "The Bell")
    ]
    bad = Refused(PurePosixPath("P/setup.exe"), "a program", dangerous=True)
    dealt = assign(Recording(files=tuple(audio), refused=(bad,)), (FIRST, BELL, SALT))

    assert [str(f.path) for f in dealt[1].files] == ["P/First Light.m4b"]
    assert [str(f.path) for f in dealt[4].files] == ["P/The Bell.m4b"]
    assert dealt[3].files == ()
    assert dealt[1].refused == (bad,)
    assert PurePosixPath("P/X.m4b") in dealt[1].left


@given(st.lists(st.text(min_size=1), max_size=6))
def test_any_file_list_is_inspected_without_raising(paths):
    inspect([(path, 1) for path in paths], (FIRST, SALT))
