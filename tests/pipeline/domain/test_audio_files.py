from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.audio_files import AudioFile, Recording, natural, ordered


def file(path, seconds=60.0, size=1000, **told):
    return AudioFile(PurePosixPath(path), size, seconds, **told)


def names(files):
    return [str(each.path) for each in files]


def test_names_are_read_as_people_read_numbers():
    files = [file("10.mp3"), file("2.mp3"), file("1.mp3")]

    assert names(ordered(files)) == ["1.mp3", "2.mp3", "10.mp3"]


def test_tracks_go_before_names():
    files = [file("a.mp3", track=2), file("b.mp3", track=1)]

    assert names(ordered(files)) == ["b.mp3", "a.mp3"]


def test_discs_go_before_tracks():
    files = [file("a.mp3", disc=2, track=1), file("b.mp3", disc=1, track=2)]

    assert names(ordered(files)) == ["b.mp3", "a.mp3"]


def test_the_folder_says_the_disc_where_the_tag_does_not():
    files = [
        file("CD 2/01.mp3", track=1),
        file("CD 10/01.mp3", track=1),
        file("CD 1/01.mp3", track=1),
    ]

    assert names(ordered(files)) == ["CD 1/01.mp3", "CD 2/01.mp3", "CD 10/01.mp3"]


def test_tracks_that_repeat_say_nothing():
    files = [file("02.mp3", track=1), file("01.mp3", track=1)]

    assert names(ordered(files)) == ["01.mp3", "02.mp3"]


def test_tracks_that_some_lack_say_nothing():
    files = [file("02.mp3", track=1), file("01.mp3")]

    assert names(ordered(files)) == ["01.mp3", "02.mp3"]


@given(st.lists(st.text(min_size=1).filter(lambda t: "/" not in t), min_size=2, max_size=5))
def test_any_names_have_an_order(texts):
    paths = [PurePosixPath(text) for text in texts]

    assert min(paths, key=natural) in paths


def test_a_recording_sums_up_its_files():
    found = Recording(
        (file("1.mp3"), file("2.mp3", seconds=None)), companions=(PurePosixPath("c.jpg"),)
    )

    assert (found.seconds, found.size) == (60.0, 2000)
    assert [str(path) for path in found.paths] == ["1.mp3", "2.mp3", "c.jpg"]
