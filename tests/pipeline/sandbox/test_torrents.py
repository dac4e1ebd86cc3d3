import hashlib

from pipeline.domain.bencode import decode
from pipeline.domain.torrents import read
from pipeline.sandbox.torrents import MOST_PIECES, make_torrent, torrent_of

FILES = [("Book/Book.m4b", 700_000_000), ("Book/cover.jpg", 180_000)]


def test_a_made_up_torrent_says_what_it_was_given():
    made = read(make_torrent("Book", FILES, comment="MID=7", announce="http://t/key/announce"))

    assert list(made.files) == FILES
    assert (made.name, made.private, made.comment) == ("Book", True, "MID=7")
    assert made.trackers == ("http://t/key/announce",)


def test_the_same_torrent_has_the_same_hash_and_another_one_another():
    assert make_torrent("Book", FILES) == make_torrent("Book", FILES)
    assert (
        read(make_torrent("Book", FILES)).infohash != read(make_torrent("Book 2", FILES)).infohash
    )


def test_a_path_may_begin_with_the_folder_or_be_below_it():
    below = [(path.removeprefix("Book/"), size) for path, size in FILES]

    assert make_torrent("Book", below) == make_torrent("Book", FILES)


def test_a_large_torrent_has_larger_pieces_rather_than_more():
    info = decode(make_torrent("Book", [("a.m4b", 30 << 30)]))[b"info"]

    assert len(info[b"pieces"]) // 20 <= MOST_PIECES


def test_a_single_file_of_the_torrents_own_name_has_no_folder():
    assert read(make_torrent("B.m4b", [("B.m4b", 9)], private=False)).files == (("B.m4b", 9),)


def test_the_torrent_of_a_folder_hashes_its_files_as_one_stream(tmp_path):
    book = tmp_path / "Book"
    (book / "cd").mkdir(parents=True)
    first, second = b"a" * 300_000, b"b" * 100_000
    (book / "1.mp3").write_bytes(first)
    (book / "cd" / "2.mp3").write_bytes(second)

    data = torrent_of(book, announce="http://t/announce", private=False)

    stream, pieces = first + second, decode(data)[b"info"][b"pieces"]
    cut = [stream[at : at + 262_144] for at in range(0, len(stream), 262_144)]
    assert pieces == b"".join(hashlib.sha1(p, usedforsecurity=False).digest() for p in cut)
    assert read(data).files == (("Book/1.mp3", 300_000), ("Book/cd/2.mp3", 100_000))
    assert not read(data).private


def test_the_torrent_of_one_file_has_no_folder(tmp_path):
    (tmp_path / "B.m4b").write_bytes(b"x" * 5)

    assert read(torrent_of(tmp_path / "B.m4b", announce="http://t")).files == (("B.m4b", 5),)
