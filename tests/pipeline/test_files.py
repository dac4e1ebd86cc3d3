import errno
import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from pipeline import disk, files
from pipeline.domain.recording import AudioFile, Recording
from pipeline.errors import FolderTaken, NotNow, Unsafe
from pipeline.files import STAGING, Placed, bring_in, clear_staging, plan, shelve, stage
from tests.support.volumes import another_volume

FOLDER = PurePosixPath("Frank Herbert/Dune/1 - Dune [B002V1OF70]")
REPOSITORY = Path(files.__file__).parents[1]


@pytest.fixture
def library(tmp_path):
    root = tmp_path / "library"
    root.mkdir()
    return root


@pytest.fixture
def book(tmp_path):
    """A finished download: two discs and a cover."""
    root = tmp_path / "downloads"
    paths = ["Dune/CD 1/01.mp3", "Dune/CD 2/01.mp3", "Dune/cover.jpg"]
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(bytes([number]) * 100_000)
    audio = tuple(AudioFile(PurePosixPath(path), 100_000, 60.0) for path in paths[:2])
    return plan(root, Recording(audio, (PurePosixPath(paths[2]),)))


def tree(root):
    """Every file below *root* with its bytes."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(disk.inside(root))}


def content(book):
    return {str(file.name): file.source.read_bytes() for file in book}


def no_links(monkeypatch, number=errno.EXDEV):
    def link(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", link)


def test_a_books_files_are_named_inside_its_folder(book):
    assert [str(file.name) for file in book] == ["CD1/01.mp3", "CD2/01.mp3", "cover.jpg"]


async def test_a_book_comes_in_by_hard_link_and_seeding_goes_on(book, library):
    done = await bring_in(book, library, FOLDER, "key")

    assert (done.folder, done.linked, done.copied, done.already) == (FOLDER, 3, 0, False)
    assert done.path == library / FOLDER
    for file in book:
        assert (library / FOLDER / file.name).samefile(file.source)
        assert file.source.stat().st_nlink == 2


async def test_nothing_is_left_in_staging(book, library):
    await bring_in(book, library, FOLDER, "key")

    assert list((library / STAGING).iterdir()) == []


async def test_staged_files_are_out_of_audiobookshelfs_sight(book, library):
    staged = await stage(book, library, "key")

    assert staged.folder.relative_to(library).parts[0].startswith(".")
    assert tree(staged.folder) == content(book)


async def test_done_again_it_neither_doubles_nor_loses(book, library):
    await bring_in(book, library, FOLDER, "key")
    before = tree(library)

    again = await bring_in(book, library, FOLDER, "key")

    assert (again.already, again.folder) == (True, FOLDER)
    assert tree(library) == before
    assert all(file.source.stat().st_nlink == 2 for file in book)


async def test_on_another_volume_a_book_is_copied(book):
    with another_volume(book[0].source) as library:
        done = await bring_in(book, library, FOLDER, "key")

        assert (done.linked, done.copied) == (0, 3)
        assert tree(library / FOLDER) == content(book)
        assert all(file.source.stat().st_nlink == 1 for file in book)
        assert (await bring_in(book, library, FOLDER, "key")).already


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP])
async def test_where_links_cannot_be_files_are_copied(book, library, monkeypatch, number):
    no_links(monkeypatch, number)

    done = await bring_in(book, library, FOLDER, "key")

    assert (done.linked, done.copied) == (0, 3)
    assert tree(library / FOLDER) == content(book)


async def test_a_disk_that_fails_is_not_taken_for_one_without_links(book, library, monkeypatch):
    no_links(monkeypatch, errno.EIO)

    with pytest.raises(OSError, match="Input/output error"):
        await bring_in(book, library, FOLDER, "key")


async def test_a_copy_has_the_rights_of_the_library_and_is_never_executable(
    book, library, monkeypatch
):
    no_links(monkeypatch)
    library.chmod(0o2775)
    book[0].source.chmod(0o700)

    done = await bring_in(book, library, FOLDER, "key")

    made = done.path / book[0].name
    assert stat.S_IMODE(made.stat().st_mode) == 0o664
    for folder in (done.path, done.path.parent, done.path.parent.parent, made.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o2775


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
async def test_a_container_that_runs_as_root_leaves_files_to_the_librarys_owner(
    book, library, monkeypatch
):
    no_links(monkeypatch)
    os.chown(library, 1234, 2345)

    done = await bring_in(book, library, FOLDER, "key")

    for made in (done.path, done.path.parent, done.path / book[0].name):
        assert (made.stat().st_uid, made.stat().st_gid) == (1234, 2345)


async def test_a_link_leaves_the_seeding_file_as_it_is(book, library):
    book[0].source.chmod(0o640)

    await bring_in(book, library, FOLDER, "key")

    assert stat.S_IMODE(book[0].source.stat().st_mode) == 0o640


async def test_a_full_volume_parks_the_import_before_anything_is_copied(book, library, monkeypatch):
    no_links(monkeypatch)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))

    with pytest.raises(NotNow, match="only 0 MiB are free"):
        await bring_in(book, library, FOLDER, "key")

    assert tree(library) == {}


async def test_a_full_volume_does_not_stop_hard_links(book, library, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))

    assert (await bring_in(book, library, FOLDER, "key")).linked == 3


async def test_another_book_of_that_name_keeps_its_place(book, library):
    (library / FOLDER).mkdir(parents=True)
    (library / FOLDER / "other.mp3").write_bytes(b"other")

    done = await bring_in(book, library, FOLDER, "key")

    assert done.folder.name == "1 - Dune [B002V1OF70] (2)"
    assert tree(library / FOLDER) == {"other.mp3": b"other"}
    assert (await bring_in(book, library, FOLDER, "key")).folder == done.folder


async def test_the_same_names_with_other_bytes_are_another_book(book, library, tmp_path):
    await bring_in(book, library, FOLDER, "key")
    other = []
    for file in book:
        source = tmp_path / "other" / file.name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(b"\xff" * file.source.stat().st_size)
        other.append(Placed(source, file.name))

    done = await bring_in(other, library, FOLDER, "other key")

    assert done.folder.name.endswith("(2)")
    assert tree(library / FOLDER) == content(book)


async def test_what_audiobookshelf_put_beside_a_book_does_not_make_it_another(book, library):
    await bring_in(book, library, FOLDER, "key")
    (library / FOLDER / "metadata.json").write_text("{}")

    assert (await bring_in(book, library, FOLDER, "key")).already


async def test_an_empty_folder_is_nobodys_place(book, library):
    (library / FOLDER).mkdir(parents=True)

    assert (await bring_in(book, library, FOLDER, "key")).folder == FOLDER


async def test_a_staged_book_is_not_shelved_over_another(book, library):
    staged = await stage(book, library, "key")
    (library / FOLDER).mkdir(parents=True)
    (library / FOLDER / "other.mp3").write_bytes(b"other")

    with pytest.raises(FolderTaken):
        await shelve(staged.folder, library, FOLDER)

    assert tree(staged.folder) == content(book)


async def test_a_staged_book_that_stands_already_is_dropped(book, library):
    await bring_in(book, library, FOLDER, "key")
    staged = await stage(book, library, "another key")

    done = await shelve(staged.folder, library, FOLDER)

    assert done.already
    assert not staged.folder.exists()
    assert tree(library / FOLDER) == content(book)


async def test_a_slow_twin_finds_the_book_in_place(book, library, monkeypatch):
    rename = Path.rename

    def late(self, target):
        rename(self, target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)

    done = await bring_in(book, library, FOLDER, "key")

    assert (done.already, done.folder) == (True, FOLDER)
    assert tree(library) == {f"{FOLDER}/{name}": data for name, data in content(book).items()}


async def test_leftovers_of_another_plan_do_not_come_in(book, library):
    staging = library / STAGING / "key"
    staging.mkdir(parents=True)
    (staging / "stranger.mp3").write_bytes(b"x")
    (staging / f"{disk.PARTIAL}1234").write_bytes(b"x")
    (staging / "cover.jpg").write_bytes(b"half")
    (staging / "CD1").mkdir()
    (staging / "CD1" / "01.mp3").symlink_to("/etc/passwd")

    done = await bring_in(book, library, FOLDER, "key")

    assert tree(done.path) == content(book)


async def test_a_copy_that_is_complete_is_not_made_again(book, library, monkeypatch):
    no_links(monkeypatch)
    await stage(book, library, "key")
    monkeypatch.setattr(disk, "copy", None)

    staged = await stage(book, library, "key")

    assert staged.copied == 3


@pytest.mark.parametrize("folder", ["../x", "/x", "a/../../x", "."])
async def test_no_folder_outside_the_library_is_written(book, library, folder):
    with pytest.raises(Unsafe, match="leave the library"):
        await bring_in(book, library, PurePosixPath(folder), "key")


async def test_no_file_outside_the_books_folder_is_written(book, library):
    stray = [Placed(book[0].source, PurePosixPath("../../x.mp3"))]

    with pytest.raises(Unsafe, match="leave the library"):
        await bring_in(stray, library, FOLDER, "key")


async def test_a_link_in_the_library_is_not_followed_out_of_it(book, library, tmp_path):
    (tmp_path / "outside").mkdir()
    (library / FOLDER.parts[0]).symlink_to(tmp_path / "outside")

    with pytest.raises(Unsafe):
        await bring_in(book, library, FOLDER, "key")

    assert tree(tmp_path / "outside") == {}


async def test_a_source_that_became_a_link_is_refused(book, library):
    book[0].source.unlink()
    book[0].source.symlink_to("/etc/passwd")

    with pytest.raises(Unsafe, match="no ordinary file"):
        await bring_in(book, library, FOLDER, "key")


async def test_a_key_cannot_leave_staging(book, library):
    staged = await stage(book, library, "../../x")

    assert staged.folder.parent == library / STAGING


async def test_nothing_to_bring_in_is_refused(library):
    with pytest.raises(Unsafe, match="nothing to bring"):
        await bring_in([], library, FOLDER, "key")


async def test_a_library_that_is_not_mounted_is_refused(book, tmp_path):
    with pytest.raises(Unsafe, match="not a folder that can be seen here"):
        await bring_in(book, tmp_path / "nowhere", FOLDER, "key")


async def test_old_leftovers_are_removed_and_those_at_work_kept(book, library):
    await stage(book, library, "crashed")
    await stage(book, library, "at work")

    none = await clear_staging(library, ["at work"], older_than=timedelta(hours=1))
    removed = await clear_staging(library, ["at work"], older_than=timedelta(0))

    assert none == ()
    assert removed == ("crashed",)
    assert [path.name for path in (library / STAGING).iterdir()] == ["at work"]
    assert all(file.source.exists() for file in book)


async def test_without_a_staging_folder_there_is_nothing_to_clear(library):
    assert await clear_staging(library, []) == ()


@pytest.mark.parametrize("copying", [False, True])
def test_killed_at_any_moment_an_import_done_again_is_whole(book, library, copying):
    told = {
        "files": [(str(file.source), str(file.name)) for file in book],
        "library": str(library),
        "folder": str(FOLDER),
        "copying": copying,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_import"],
        input=json.dumps(told),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    moments = json.loads(done.stdout)
    expected = {f"{FOLDER}/{file.name}": file.source.stat().st_size for file in book}
    for moment in moments:
        assert moment["folder"] == str(FOLDER)
        assert moment["tree"] == expected
        assert moment["whole"]
        assert moment["links"] == ([1] if copying else [2])
    assert [moment["killed"] for moment in moments] == [True] * (len(moments) - 1) + [False]
    assert any(STAGING in path for moment in moments for path in moment["before"])
    assert len(moments) > 40
