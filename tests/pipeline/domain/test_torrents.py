import base64
import hashlib
import json
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.bencode import encode
from pipeline.domain.torrents import (
    LARGEST_DOWNLOAD,
    MOST_FILES,
    check_files,
    extension,
    magnet_link,
    read,
    read_magnet,
)
from pipeline.errors import Unsafe
from tests.support.shared import shared

sha1 = partial(hashlib.sha1, usedforsecurity=False)
HASH = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
V2 = "ab" * 32
LINK = f"magnet:?xt=urn:btih:{HASH}"


def info(*paths, **more):
    files = [{"path": list(path), "length": 10} for path in paths] or [
        {"path": ["01.mp3"], "length": 10},
        {"path": ["cd", "cover.jpg"], "length": 1},
    ]
    pieces = b"x" * 20 * sum(f["length"] for f in files)
    return {"name": "Book", "files": files, "piece length": 1, "pieces": pieces, **more}


def torrent(info, **more):
    return encode({"announce": "http://tracker/PASSKEY/announce", "info": info, **more})


def leaf(size, **more):
    return {"": {"length": size, **({"pieces root": b"r" * 32} if size else {}), **more}}


def tree(**files):
    return {"name": "Book", "meta version": 2, "piece length": 16384, "file tree": files}


def test_a_torrent_gives_its_infohash_name_files_and_privacy():
    given = info(private=1)

    told = read(torrent(given, comment="MID=7"))

    assert told.infohash == told.infohash_v1 == sha1(encode(given)).hexdigest()
    assert told.hashes == (told.infohash,)
    assert told.files == (("Book/01.mp3", 10), ("Book/cd/cover.jpg", 1))
    assert (told.name, told.size, told.private, told.comment) == ("Book", 11, True, "MID=7")
    assert told.trackers == ("http://tracker/PASSKEY/announce",)


def test_a_single_file_torrent_holds_one_file_without_a_folder():
    told = read(torrent({"name": "B.m4b", "length": 3, "piece length": 2, "pieces": b"x" * 40}))

    assert told.files == (("B.m4b", 3),)
    assert not told.private


def test_the_infohash_is_taken_over_the_bytes_as_they_stand():
    disordered = b"d6:pieces20:" + b"x" * 20 + b"4:name5:B.m4b12:piece lengthi9e6:lengthi3ee"

    told = read(b"d4:info" + disordered + b"e")

    assert told.infohash == sha1(disordered).hexdigest()


def test_a_torrent_of_version_2_is_known_by_its_long_hash_cut_short():
    given = tree(**{"01.mp3": leaf(10), "cd": {"cover.jpg": leaf(1), "empty.txt": leaf(0)}})

    told = read(torrent(given))

    assert told.infohash_v1 is None
    assert told.infohash_v2 == hashlib.sha256(encode(given)).hexdigest()
    assert told.hashes == (told.infohash,) == (told.infohash_v2[:40],)
    assert set(told.files) == {
        ("Book/01.mp3", 10),
        ("Book/cd/cover.jpg", 1),
        ("Book/cd/empty.txt", 0),
    }


def test_a_single_file_of_version_2_stands_without_a_folder():
    assert read(torrent(tree(**{"B.m4b": leaf(9)}))).files == (("B.m4b", 9),)


def test_a_hybrid_is_known_by_both_hashes_and_its_padding_is_no_file():
    both = info() | tree(**{"01.mp3": leaf(10), "cd": {"cover.jpg": leaf(1)}})
    both |= {
        "files": [
            both["files"][0],
            {"path": [".pad", "6"], "length": 6, "attr": "p"},
            both["files"][1],
        ],
        "piece length": 16,
        "pieces": b"x" * 40,
    }

    told = read(torrent(both))

    assert len(told.hashes) == 2
    assert told.infohash == told.infohash_v1
    assert set(told.files) == {("Book/01.mp3", 10), ("Book/cd/cover.jpg", 1)}


def test_a_hybrid_whose_two_lists_differ_is_refused():
    both = {**info(), "meta version": 2, "file tree": {"setup.exe": leaf(11)}}

    with pytest.raises(Unsafe, match="two file lists differ"):
        read(torrent(both))


@pytest.mark.parametrize(
    "path",
    [
        ["..", "x.mp3"],
        ["/etc", "x"],
        ["a/b"],
        ["a\\b"],
        ["C:x.mp3"],
        [""],
        [],
        ["x\0.mp3"],
        ["x\x1b[2J.mp3"],
        ["x\u202e3pm.exe"],
        [b"\xff.mp3"],
    ],
)
def test_a_path_that_is_not_plainly_below_its_folder_is_refused(path):
    with pytest.raises(Unsafe):
        read(torrent(info(path)))


@pytest.mark.parametrize(
    "broken",
    [
        info(pieces=b""),
        info(pieces=b"x" * 19),
        info(**{"piece length": 0}),
        info(files=[{"path": ["a"], "length": -1}]),
        info(files=[{"path": ["a"], "length": 1, "attr": "l"}]),
        info(files="no list"),
        {"name": "Book"},
        {"name": 7, "length": 1, "pieces": b"x" * 20, "piece length": 1},
        tree(),
        tree(**{"a.mp3": {"": {"length": 1}}}),
        tree(**{"a.mp3": {"": {"length": 0}, "b.mp3": leaf(1)}}),
        tree(**{"a.mp3": 3}),
        tree(**leaf(3)),
    ],
)
def test_a_torrent_that_contradicts_itself_is_refused(broken):
    with pytest.raises(Unsafe, match="torrent: "):
        read(torrent(broken))


@pytest.mark.parametrize("data", [b"", b"<html>", b"de", b"d4:infoi1ee", b"d" + b"x" * (11 << 20)])
def test_what_is_no_torrent_is_refused(data):
    with pytest.raises(Unsafe):
        read(data)


@given(st.binary(max_size=300))
def test_any_bytes_after_a_promising_start_are_read_or_refused(data):
    for attempt in (data, b"d4:infod" + data, torrent(info())[: len(data)] + data):
        try:
            read(attempt)
        except Unsafe:
            continue


def test_a_magnet_link_keeps_hash_name_and_trackers_only():
    given = f"{LINK.upper()}&dn=A%20B&tr=udp%3A%2F%2Ft%3A1&ws=http://evil&x.pe=1.2.3.4:5&tr=file:x"

    magnet = read_magnet(given.replace("DN=", "dn=").replace("XT=URN:BTIH", "xt=urn:btih"))

    assert magnet.infohash == HASH
    assert magnet.link == f"{LINK}&dn=A%20B&tr=udp%3A%2F%2Ft%3A1"
    assert read_magnet(magnet.link) == magnet


def test_a_magnet_link_may_write_its_hash_in_base_32_or_be_of_version_2():
    base32 = base64.b32encode(bytes.fromhex(HASH)).decode()

    assert read_magnet(f"magnet:?xt=urn:btih:{base32}").infohash == HASH
    assert read_magnet(f"magnet:?xt=urn:btmh:1220{V2}").infohash == V2[:40]


def test_our_own_magnet_link_names_no_tracker():
    assert magnet_link(HASH, "A & B") == f"{LINK}&dn=A%20%26%20B"


@pytest.mark.parametrize(
    "link",
    [
        "http://x",
        "magnet:?dn=x",
        "magnet:?xt=urn:btih:zz",
        "magnet:?xt=urn:ed2k:1",
        f"{LINK}&xt=urn:btih:{'0' * 40}",
        f"{LINK}\r\nX: y",
        LINK + "&tr=http://t" * 800,
        LINK + "&a=b" * 300,
    ],
)
def test_a_link_that_names_no_single_torrent_is_refused(link):
    with pytest.raises(Unsafe, match="magnet: "):
        read_magnet(link)


@given(st.text())
def test_any_text_is_a_magnet_link_or_refused(text):
    for attempt in (text, "magnet:?" + text, "magnet:?xt=" + text, f"{LINK}&tr=http://[{text}"):
        try:
            assert read_magnet(attempt).link.isascii()
        except Unsafe:
            continue


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("B/a.mp3", 100), ("B/setup.exe", 1)], ".exe"),
        ([("B/a.mp3.lnk", 100)], ".lnk"),
        ([("B/a.mp3 .SCR. ", 9), ("B/b.mp3", 99)], ".scr"),
        ([("B/a.mp3", 1), ("B/x.bin", 100)], "mostly not audio"),
        ([("B/a.mp3", 0)], "mostly not audio"),
        ([("B/a.mp3", 100), ("B/A.MP3", 1)], "same name"),
        ([("B/a.mp3", -1)], "negative"),
        ([("a.rar", 9)], ".rar"),
        ([("a.mp3", LARGEST_DOWNLOAD + 1)], "too many"),
        ([("../a.mp3", 9)], "leaves its folder"),
        ([("/a.mp3", 9)], "leaves its folder"),
        ([], "0 of them"),
        ([(f"{n}.mp3", 1) for n in range(MOST_FILES + 1)], "5001"),
    ],
)
def test_a_file_list_that_is_no_audiobook_is_refused_with_its_reason(files, why):
    with pytest.raises(Unsafe, match=why):
        check_files(files)


def test_an_audiobook_with_its_companions_is_fine():
    check_files([("B/a.m4b", 900), ("B/cover.jpg", 90), ("B/book.epub", 9), ("B/empty.txt", 0)])


def test_the_extension_is_the_one_a_system_would_act_on():
    assert [extension(p) for p in ("a/b.MP3", "x.mp3.exe. ", "no", ".hidden")] == [
        "mp3",
        "exe",
        "",
        "",
    ]


def test_the_hashes_of_real_hybrids_are_those_qbittorrent_shows():
    folder = shared("facts", "qbittorrent")
    shown = 0
    for saved in sorted(folder.glob("*/*.json")):
        for exchange in json.loads(saved.read_text()):
            body = exchange.get("response", {}).get("body")
            for row in body if isinstance(body, list) else []:
                if isinstance(row, dict) and row.get("infohash_v2"):
                    shown += 1
                    link = read_magnet(row["magnet_uri"])
                    assert link.infohash_v2 == row["infohash_v2"]
                    assert row["hash"] == row["infohash_v2"][:40]
                    assert (link.infohash_v1 or "") == row["infohash_v1"]
    assert shown
