"""The pages say what the code says, and their links lead somewhere."""

import importlib.util
import re
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture(scope="module")
def generate(schema_url: str):
    """The script docs/generate.py, reading the schema of the tests' own server."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    with psycopg.connect(schema_url, row_factory=dict_row) as connection:
        schema = module.read_schema(connection)
    module._schema = lambda: schema
    return module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_what_the_code_says(page, generate):
    assert page.read_text(encoding="utf-8") == generate.renewed(page), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    broken = [t for t in targets if "://" not in t and not (page.parent / t).exists()]

    assert broken == []


def test_every_generated_table_has_a_place(generate):
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert set(re.findall(r"<!-- generated: (\w+) -->", text)) == set(generate.TABLES)


def test_a_stale_page_is_found_out_and_renewed(generate, tmp_path, monkeypatch, capsys):
    page = tmp_path / "PAGE.md"
    page.write_text("Before\n<!-- generated: make -->\nold\n<!-- /generated -->\nafter\n")
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    (tmp_path / "Makefile").write_text("test: install ## run | all\n")

    assert generate.main(["--check"]) == 1
    assert "PAGE.md is stale" in capsys.readouterr().out
    assert generate.main([]) == 0
    assert page.read_text() == (
        "Before\n<!-- generated: make -->\n| command | does |\n| --- | --- |\n"
        "| `make test` | run \\| all |\n<!-- /generated -->\nafter\n"
    )
    assert generate.main(["--check"]) == 0


def test_every_make_target_that_is_for_people_explains_itself():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)[1]
    explained = re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)

    assert set(phony.replace("\\\n", " ").split()) == set(explained)
