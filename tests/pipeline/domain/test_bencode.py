import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.bencode import DEEPEST, MOST_VALUES, decode, decode_spans, encode
from pipeline.errors import Unsafe

values = st.recursive(
    st.integers(-(2**63), 2**63) | st.binary(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.binary(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_written_is_read_back(value):
    assert decode(encode(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for attempt in (data, b"d" + data, b"d4:info" + data, b"l" * 5000 + data, b"999999:" + data):
        try:
            decode(attempt)
        except Unsafe:
            continue


def test_keys_are_written_in_order_and_text_as_utf_8():
    assert encode({"b": [1, -2], "a": "é"}) == b"d1:a2:\xc3\xa91:bli1ei-2eee"


def test_what_bencode_does_not_know_is_a_bug_of_the_caller():
    with pytest.raises(TypeError, match="float"):
        encode({"x": 1.5})


def test_the_raw_bytes_of_each_entry_are_kept_even_with_keys_out_of_order():
    _, spans = decode_spans(b"d4:infod1:bi1e1:ai2ee1:ai0ee")

    assert spans == {b"info": b"d1:bi1e1:ai2ee", b"a": b"i0e"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"i01e",
        b"i-0e",
        b"i1",
        b"ie",
        b"01:a",
        b"5:abc",
        b"-1:a",
        b"l",
        b"d1:a",
        b"di1ei2ee",
        b"d1:ai1e1:ai2ee",
        b"i1ei2e",
        b"x",
        b"i" + b"9" * 30 + b"e",
        b"l" * (DEEPEST + 2) + b"e" * (DEEPEST + 2),
    ],
)
def test_malformed_bencode_is_refused(data):
    with pytest.raises(Unsafe, match=r"bencode: "):
        decode(data)


def test_a_file_of_millions_of_values_is_refused_before_it_fills_the_memory():
    with pytest.raises(Unsafe, match="too long"):
        decode(b"l" + b"le" * MOST_VALUES + b"e")
