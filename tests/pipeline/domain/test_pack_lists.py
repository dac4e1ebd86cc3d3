"""A pack that lists its books is read by its list, when that is as long as it says."""

import pytest

from pipeline.domain.pack_lists import pack_list


@pytest.mark.parametrize(
    ("name", "span", "titles"),
    [
        (
            "Harbour Lights 4-5-6 (Salt, Sand, Wick and Wax)",
            "4-6",
            ("Salt", "Sand", "Wick and Wax"),
        ),
        ("Harbour Lights 01-02 (Salt; Sand) read by Simon", "1-2", ("Salt", "Sand")),
        ("Harbour Lights, Books 1-3 [Salt, Sand & Stone]", "1-3", ("Salt", "Sand", "Stone")),
    ],
)
def test_a_list_is_read(name, span, titles):
    found = pack_list(name)

    assert (found.span, found.titles) == (span, titles)


@pytest.mark.parametrize(
    "name",
    [
        "Harbour Lights 1-3 (Salt, Sand)",
        "Harbour Lights 1-2 (2019)",
        "Harbour Lights 1-3 (Salt, Sand, 2019)",
        "Harbour Lights 3-1 (Salt, Sand, Stone)",
        "Harbour Lights 1-9-3 (Salt, Sand, Stone)",
        "Harbour Lights (Salt, Sand, Stone)",
    ],
)
def test_what_counts_otherwise_is_no_list(name):
    assert pack_list(name) is None
