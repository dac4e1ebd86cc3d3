import errno
import os

import pytest

from pipeline.domain.remote_paths import PathMap
from pipeline.probes import probe_hard_link, prove
from tests.support.volumes import another_volume


@pytest.fixture
def folders(tmp_path):
    downloads, library = tmp_path / "downloads", tmp_path / "library"
    downloads.mkdir()
    library.mkdir()
    return downloads, library


def refuse_links(monkeypatch, number):
    def link(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", link)


async def test_hard_links_are_proven_and_leave_nothing_behind(folders):
    proof = await probe_hard_link(*folders)

    assert proof.holds
    assert [list(folder.iterdir()) for folder in folders] == [[], []]


async def test_two_mounts_of_one_disk_are_told_from_two_disks(folders, monkeypatch):
    refuse_links(monkeypatch, errno.EXDEV)

    proof = await probe_hard_link(*folders)

    assert not proof.holds
    assert "two mounts of one disk" in proof.words
    assert [list(folder.iterdir()) for folder in folders] == [[], []]


async def test_a_file_system_without_links_is_named(folders, monkeypatch):
    refuse_links(monkeypatch, errno.EPERM)

    proof = await probe_hard_link(*folders)

    assert "the file system refuses hard links (Operation not permitted)" in proof.words


async def test_two_file_systems_are_named(folders):
    with another_volume(folders[0]) as library:
        proof = await probe_hard_link(folders[0], library)

        assert not proof.holds
        assert "are on two file systems" in proof.words
        assert list(library.iterdir()) == []


async def test_a_folder_that_is_not_there_is_named(folders):
    proof = await probe_hard_link(folders[0], folders[1] / "nowhere")

    assert proof.words == f"{folders[1]}/nowhere cannot be written to: No such file or directory"


async def test_paths_are_proven_by_files_that_both_see(folders):
    (folders[0] / "x.m4b").write_bytes(b"12345")
    paths = PathMap((("/downloads", str(folders[0])),))

    proof = await prove(paths, [("/downloads/x.m4b", 5)], "qBittorrent")

    assert proof.holds
    assert proof.words == "all 1 files that qBittorrent names are seen here"


@pytest.mark.parametrize(
    ("path", "size", "words"),
    [
        ("/downloads/y.m4b", 5, "which does not exist: set the path mapping"),
        ("/downloads/x.m4b", 6, "which has 5 bytes: another file"),
        ("/elsewhere/x.m4b", 5, "here that is /elsewhere/x.m4b, which does not exist"),
        ("x.m4b", 5, "is not a whole path"),
    ],
)
async def test_a_path_that_leads_elsewhere_is_told_in_words(folders, path, size, words):
    (folders[0] / "x.m4b").write_bytes(b"12345")
    paths = PathMap((("/downloads", str(folders[0])),))

    proof = await prove(paths, [(path, size)], "qBittorrent")

    assert not proof.holds
    assert words in proof.words


async def test_without_files_there_is_nothing_to_prove():
    proof = await prove(PathMap(), [], "qBittorrent")

    assert proof.holds
    assert "nothing to prove" in proof.words
