from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.remote_paths import PathMap
from pipeline.errors import BadInput, Unsafe

MAP = PathMap((("/downloads", "/srv/torrents"), ("/downloads/books", "/mnt/books")))


@pytest.mark.parametrize(
    ("there", "here"),
    [
        ("/downloads", "/srv/torrents"),
        ("/downloads/x/y.m4b", "/srv/torrents/x/y.m4b"),
        ("/downloads/books/y.m4b", "/mnt/books/y.m4b"),
        ("/downloads-2/y.m4b", "/downloads-2/y.m4b"),
        ("/elsewhere/y", "/elsewhere/y"),
    ],
)
def test_the_longest_prefix_decides_where_a_path_is_seen(there, here):
    assert MAP.local(there) == Path(here)


def test_without_pairs_a_path_is_the_same_here():
    assert PathMap().local("/downloads/x") == Path("/downloads/x")
    assert PathMap().remote(Path("/downloads/x")) == "/downloads/x"


@pytest.mark.parametrize("path", ["D:\\Downloads\\Dune\\a.mp3", "d:/downloads/Dune/a.mp3"])
def test_a_windows_client_is_understood(path):
    windows = PathMap((("D:\\Downloads", "/mnt/d"),))

    assert windows.local(path) == Path("/mnt/d/Dune/a.mp3")
    assert windows.remote(Path("/mnt/d/Dune/a.mp3")) == "D:\\Downloads\\Dune\\a.mp3"


@pytest.mark.parametrize("path", ["", "x/y", "/downloads/../etc/passwd", "/downloads/a\0b"])
def test_a_path_that_is_not_whole_or_climbs_is_refused(path):
    with pytest.raises(Unsafe):
        MAP.local(path)


@pytest.mark.parametrize("pair", [("downloads", "/srv"), ("/downloads", "srv"), ("", "/srv")])
def test_a_mapping_of_half_a_path_is_refused(pair):
    with pytest.raises(BadInput, match="write two whole paths"):
        PathMap((pair,))


part = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: "/" not in text and text not in {".", ".."}
)


@given(st.lists(part, max_size=4))
def test_there_and_back_is_the_same_path(parts):
    path = "/".join(["/downloads", *parts])

    assert MAP.remote(MAP.local(path)) == path or parts[:1] == ["books"]
    assert MAP.local(MAP.remote(MAP.local(path))) == MAP.local(path)
