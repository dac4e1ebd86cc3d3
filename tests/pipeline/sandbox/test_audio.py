import json
import shutil
import subprocess

import pytest
from tinytag import TinyTag

from pipeline.sandbox.audio import write_m4b, write_mp3

TAGS = {
    "title": "The Hound of the Baskervilles",
    "artist": "Arthur Conan Doyle",
    "album": "The Hound of the Baskervilles",
    "albumartist": "Arthur Conan Doyle",
    "composer": "A Narrator & Söhne",
    "comment": "Public domain",
    "year": "1902",
    "genre": "Mystery",
    "language": "eng",
    "series": "Sherlock Holmes",
}
WRITERS = [(write_m4b, "book.m4b"), (write_mp3, "book.mp3")]


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_the_duration_and_every_tag_are_read_back(tmp_path, write, name):
    write(tmp_path / "deep" / name, seconds=6 * 3600 + 7, size=150_000_000, tags=TAGS)

    tag = TinyTag.get(tmp_path / "deep" / name)

    assert tag.duration == pytest.approx(6 * 3600 + 7, abs=0.05)
    assert tag.filesize == 150_000_000
    assert {k: getattr(tag, k) for k in TAGS if hasattr(tag, k)} == {
        k: v for k, v in TAGS.items() if k not in {"language", "series"}
    }
    assert tag.other["language"] == ["eng"]
    assert tag.other["series"] == ["Sherlock Holmes"]


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_large_file_takes_next_to_no_room(tmp_path, write, name):
    write(tmp_path / name, seconds=60, size=500_000_000, tags=TAGS)

    assert (tmp_path / name).stat().st_blocks * 512 < 100_000


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_size_that_cannot_hold_the_headers_is_refused(tmp_path, write, name):
    with pytest.raises(ValueError, match="100 bytes cannot hold"):
        write(tmp_path / name, seconds=60, size=100, tags=TAGS)

    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_another_reader_agrees(tmp_path, write, name):
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.skip("ffprobe is not installed")
    write(tmp_path / name, seconds=3600, size=2_000_000, tags=TAGS)

    told = subprocess.run(  # noqa: S603  # the tool found above, on a file made above
        [ffprobe, "-v", "error", "-of", "json", "-show_format", tmp_path / name],
        capture_output=True,
        check=True,
    )
    form = json.loads(told.stdout)["format"]

    assert float(form["duration"]) == pytest.approx(3600, rel=0.001)
    assert form["tags"]["title"] == TAGS["title"]
    assert form["tags"]["composer"] == TAGS["composer"]
