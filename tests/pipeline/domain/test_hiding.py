"""Secrets are hidden in every spelling."""

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.hiding import Hiding

SPELLINGS = (str, quote, quote_plus, html.escape, repr, json.dumps)
SECRETS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cs"]), min_size=4
)


@given(SECRETS, st.sampled_from(SPELLINGS))
def test_a_secret_is_hidden_however_it_is_spelt(secret, spell):
    shown = Hiding(secret).clean(f"before {spell(secret)} after")

    assert "***" in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert secret not in shown.replace("before ", "").replace(" after", "").replace("***", "")


def test_a_short_secret_is_hidden_only_where_it_stands_alone():
    assert Hiding("ab").clean("ab cab ab! table") == "*** cab ***! table"


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_secrets_nothing_is_hidden(secrets):
    assert Hiding(*secrets).clean("as it is") == "as it is"


def test_the_longer_of_two_secrets_is_hidden_whole():
    assert Hiding("reader", "reader-password").clean("reader-password of reader") == "*** of ***"
