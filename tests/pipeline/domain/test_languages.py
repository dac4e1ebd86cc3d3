import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain.languages import language_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en", "en"),
        ("ENG", "en"),
        ("English", "en"),
        ("english (US)", "en"),
        ("pt-BR", "pt"),
        ("ger", "de"),
        ("Deutsch", "de"),
        ("fran\u00e7ais", "fr"),
        ("franc\u0327ais", "fr"),
        ("\u65e5\u672c\u8a9e", "ja"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "hi"),
        ("cmn", "zh"),
        ("gsw", "gsw"),
        ("English, German", "en"),
    ],
)
def test_a_language_is_known_by_name_code_or_tag(text, code):
    assert language_code(text) == code


@pytest.mark.parametrize(
    "text", [None, "", " ", "und", "mul", "zxx", "xx", "Klingonish", "n/a", "1"]
)
def test_what_no_language_is_called_is_none(text):
    assert language_code(text) is None


@given(st.text())
@example("tgl")
@example("fil")
def test_any_text_is_read_and_a_code_stays_itself(text):
    code = language_code(text)

    assert code is None or language_code(code) == code
