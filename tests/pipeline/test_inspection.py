import os
import socket
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.models import Preferences, WantedBook
from pipeline.domain.recording import judge
from pipeline.errors import Unsafe
from pipeline.inspection import inspect, sniff
from pipeline.sandbox.audio import write_m4b, write_mp3

TAGS = {"title": "Dune", "album": "Dune", "artist": "Frank Herbert", "composer": "Scott Brick"}


@pytest.fixture
def download(tmp_path):
    """A download: one folder with an audiobook in it."""
    folder = tmp_path / "Dune"
    folder.mkdir()
    write_m4b(
        folder / "Dune.m4b",
        seconds=7200,
        size=50_000,
        tags={**TAGS, "language": "eng"},
    )
    return tmp_path


def refused(found):
    return {str(each.path): (each.reason, each.dangerous) for each in found.refused}


def test_audio_is_read_with_its_playing_time_and_tags(download):
    (file,) = inspect(download, ["Dune/Dune.m4b"]).files

    assert file.path == PurePosixPath("Dune/Dune.m4b")
    assert (file.size, file.seconds) == (50_000, 7200.0)
    assert file.narrators == ("Scott Brick",)
    assert file.artists == ("Frank Herbert",)
    assert file.language == "eng"


def test_several_files_come_in_playing_order(download):
    for number in (10, 2, 1):
        write_mp3(download / f"{number}.mp3", seconds=60, size=9_000, tags={"track": str(number)})

    found = inspect(download, ["10.mp3", "2.mp3", "1.mp3"])

    assert [str(file.path) for file in found.files] == ["1.mp3", "2.mp3", "10.mp3"]
    assert found.seconds == pytest.approx(180, abs=1)


def test_covers_go_along_and_strangers_metadata_does_not(download):
    for name in ("cover.jpg", "book.epub", "metadata.json", "book.nfo", "book.opf", ".hidden.jpg"):
        (download / name).write_bytes(b"PK\x03\x04" if name == "book.epub" else b"\xff\xd8\xff")

    found = inspect(download, [path.name for path in download.iterdir() if path.is_file()])

    assert {str(path) for path in found.companions} == {"cover.jpg", "book.epub"}
    assert {str(path) for path in found.left} == {
        "metadata.json", "book.nfo", "book.opf", ".hidden.jpg"
    }  # fmt: skip
    assert found.refused == ()


@pytest.mark.parametrize(
    ("name", "content", "dangerous"),
    [
        ("setup.exe", b"MZ\x90\x00\x03\x00\x00\x00", True),
        ("Dune.mp3.scr", b"anything", True),
        ("Dune.exe. . ", b"anything", True),
        ("Dune.mp3", b"MZ\x90\x00\x03\x00\x00\x00", True),
        ("Dune.m4b", b"\x7fELF\x02\x01\x01", True),
        ("cover.jpg", b"#!/bin/sh\nrm -rf /", True),
        ("readme.unknown", b"L\x00\x00\x00\x01\x14\x02\x00", True),
        ("Dune.mp3", b" <!DOCTYPE html><script>", True),
        ("readme.txt", b"<html>", False),
        ("Dune.rar", b"anything", False),
        ("Dune.m4b", b"PK\x03\x04", False),
        ("cover.png", b"Rar!\x1a\x07", False),
    ],
)
def test_what_runs_or_hides_is_refused_whatever_its_name(tmp_path, name, content, dangerous):
    (tmp_path / name).write_bytes(content)

    found = inspect(tmp_path, [name])

    assert found.files == found.companions == ()
    assert refused(found)[name][1] is dangerous


def test_words_that_begin_like_a_program_are_words():
    assert sniff(b"MZA is a text", "txt") is None


def test_a_fake_is_unsafe_in_words(download):
    (download / "Dune" / "codec.exe").write_bytes(b"MZ\x90\x00")
    wanted = WantedBook(1, "Dune", ("Frank Herbert",))

    verdict = judge(inspect(download, ["Dune/Dune.m4b", "Dune/codec.exe"]), wanted, Preferences())

    assert verdict.unsafe
    assert verdict.reasons == ("Dune/codec.exe: a program or link (.exe)",)


@pytest.mark.parametrize(
    "name", ["../secret.mp3", "/etc/passwd", "a//b.mp3", "", ".", "C:x.mp3", "a\\b.mp3", "a\0.mp3",
             "x\u202e3pm.exe", "a\nb.mp3"]
)  # fmt: skip
def test_a_name_that_leaves_the_download_or_plays_tricks_is_dangerous(download, name):
    found = inspect(download, [name])

    assert [each.dangerous for each in found.refused] == [True]


def test_a_symbolic_link_is_never_followed(download, tmp_path):
    secret = tmp_path / "secret.m4b"
    write_m4b(secret, seconds=60, size=9_000, tags={})
    (download / "link.m4b").symlink_to(secret)
    (download / "folder").symlink_to(tmp_path)

    found = inspect(download, ["link.m4b", "folder/secret.m4b"])

    assert found.files == ()
    assert all(dangerous for _, dangerous in refused(found).values())
    assert refused(found)["link.m4b"][0] == "it is a symbolic link"


def test_special_files_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door.mp3"))

        found = inspect(tmp_path, ["pipe.mp3", "door.mp3"])

    assert refused(found) == {
        "pipe.mp3": ("it is no ordinary file", True),
        "door.mp3": ("it is no ordinary file", True),
    }


def test_a_file_that_is_not_there_is_told(download):
    found = inspect(download, ["Dune/other.m4b"])

    assert refused(found) == {
        "Dune/other.m4b": ("it cannot be read: No such file or directory", False)
    }


def test_files_that_a_client_wrote_only_as_padding_are_passed_over(download):
    found = inspect(download, [".pad/16384", "Dune/_____padding_file_0_x____"])

    assert (found.files, found.companions, found.refused, found.left) == ((), (), (), ())


def test_a_download_that_is_not_here_is_refused(tmp_path):
    with pytest.raises(Unsafe, match="is not a folder"):
        inspect(tmp_path / "nowhere", ["x.mp3"])


@pytest.mark.parametrize("name", ["Dune.mp3", "Dune.m4b", "Dune.flac", "Dune.ogg", "Dune.aac"])
def test_audio_that_cannot_be_read_has_no_duration_and_a_reason(tmp_path, name):
    (tmp_path / name).write_bytes(b"this is not audio at all" * 100)

    (file,) = inspect(tmp_path, [name]).files

    assert file.seconds is None
    assert file.problem


HEADS = st.sampled_from(
    [b"", b"ID3\x04\x00\x00", b"\xff\xfb\x90\x64", b"fLaC", b"OggS\x00\x02", b"RIFF____WAVEfmt ",
     b"\x00\x00\x00\x20ftypM4B ", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"FORM____AIFF"]
)  # fmt: skip


@settings(max_examples=200)
@given(HEADS, st.binary(max_size=400), st.sampled_from(["mp3", "m4b", "flac", "ogg", "wav", "wma"]))
def test_no_content_makes_inspection_stumble(tmp_path_factory, head, rest, kind):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / f"x.{kind}").write_bytes(head + rest)

    found = inspect(folder, [f"x.{kind}"])

    assert len(found.files) + len(found.refused) == 1
    assert all(file.seconds is None or 0 < file.seconds < 3_600_000 for file in found.files)
