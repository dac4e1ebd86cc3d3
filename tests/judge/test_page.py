"""The page on judgement lists every rule and point, in order, as the code says it."""

import re
from pathlib import Path

import pytest

from pipeline.domain import matching
from pipeline.domain.release_points import POINTS
from pipeline.domain.release_rules import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "JUDGEMENT.md"


@pytest.mark.parametrize(("name", "functions"), [("rules", RULES), ("points", POINTS)])
def test_a_table_says_what_the_code_says(name, functions):
    page = PAGE.read_text(encoding="utf-8")
    block = re.search(rf"<!-- {name} -->\n.*?\n.*?\n(.*?)<!-- /{name} -->", page, re.DOTALL)

    rows = [f"| {one.__name__} | {one.__doc__} |" for one in functions]
    assert block is not None
    assert block[1].splitlines() == rows


def test_the_bands_on_the_page_are_the_bands_of_the_code():
    page = PAGE.read_text(encoding="utf-8")

    assert f"{matching.AUTO} and more" in page
    assert f"{matching.REVIEW} to {matching.AUTO - 1}" in page
