# ruff: noqa: INP001 - a script beside the pages it writes, not a package
"""Write the tables in docs/*.md that say what the code says: `make docs`; `--check` compares.

A table stands between `<!-- generated: name -->` and `<!-- /generated -->`; what is between is
replaced. What the code cannot say stays outside, written by people.
"""

import ast
import asyncio
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from pydantic import SecretStr

from api import openapi
from api.routes import CALLS
from pipeline import errors, settings
from pipeline.embedded import EmbeddedPostgres
from pipeline.events import KINDS
from pipeline.migrate import migrate
from pipeline.queries import QUERIES
from pipeline.workflows import WORKFLOWS

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
BEATS = ("Takes", "Passes", "Waits", "Stops")
_BLOCK = re.compile(
    r"(<!-- generated: (?P<name>\w+) -->\n).*?(<!-- /generated -->)", re.DOTALL | re.MULTILINE
)
_BEAT = re.compile(rf"^({'|'.join(BEATS)}) +(.+(?:\n +.+)*)$", re.MULTILINE)
_TARGET = re.compile(r"^([a-z-]+):.*## (.*)$", re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Rewrite the pages, or with `--check` name those that are stale; return the exit code."""
    check = "--check" in arguments
    stale = {page: new for page in pages() if (new := renewed(page)) != page.read_text("utf-8")}
    for page, new in stale.items():
        if not check:
            page.write_text(new, encoding="utf-8")
        sys.stdout.write(f"{page.relative_to(ROOT)} {'is stale' if check else 'renewed'}\n")
    if stale and check:
        sys.stdout.write("run `make docs`, and look at what has changed\n")
    return 1 if stale and check else 0


def pages() -> list[Path]:
    """Return every page that may hold a generated table."""
    return sorted(DOCS.rglob("*.md"))


def renewed(page: Path) -> str:
    """Return the text of *page* with every table as the code says it now."""
    return _BLOCK.sub(_block, page.read_text(encoding="utf-8"))


def _block(found: re.Match[str]) -> str:
    begin, name, end = found[1], found["name"], found[3]
    if name not in TABLES:
        message = f"nothing generates {name!r}; known are {', '.join(TABLES)}"
        raise LookupError(message)
    return f"{begin}{TABLES[name]()}\n{end}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(c) for c in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def settings_table() -> str:
    """Every setting: variable, default, meaning."""
    rows = [
        (f"`{settings.variable(name)}`", _default(field.default), field.description or "")
        for name, field in settings.Settings.model_fields.items()
    ]
    return table(("variable", "default", "meaning"), rows)


def _default(value: Any) -> str:
    if isinstance(value, SecretStr) or value in ("", None):
        return ""
    return f"`{value}`"


def events_table() -> str:
    """Every event: kind, what happened, which fields it carries."""
    rows = [
        (f"`{kind}`", event.__name__, _first_sentence(event.__doc__), ", ".join(event.model_fields))
        for kind, event in KINDS.items()
        if event.__module__ == "pipeline.events"  # tests have events of their own
    ]
    return table(("kind", "class", "what has happened", "fields"), rows)


def workflows_table() -> str:
    """Every workflow: when it starts by default, and its chain."""
    rows = [
        (name, f"`{flow.every}`" if flow.every else "on request", " → ".join(flow.stages))
        for name, flow in WORKFLOWS.items()
    ]
    return table(("workflow", "when (cron, user's time)", "chain"), rows)


def stages_table() -> str:
    """Every stage: what it does, takes, passes on; when it waits and stops, in its own words."""
    rows = []
    for path in sorted((ROOT / "stages").glob("[!_]*.py")):
        doc = _doc(path)
        beats = {beat: " ".join(text.split()) for beat, text in _BEAT.findall(doc)}
        link = f"[{path.stem}](../stages/{path.name})"
        rows.append((link, _first_sentence(doc), *(beats.get(beat, "") for beat in BEATS)))
    return table(("stage", "does", *(beat.lower() for beat in BEATS)), rows)


def errors_table() -> str:
    """Every reason code and what it means."""
    found = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    known = [e for e in found if issubclass(e, errors.BookrunnerError) and "code" in vars(e)]
    rows = [(f"`{e.code}`", e.__name__, _first_sentence(e.__doc__)) for e in known]
    return table(("code", "error", "meaning"), rows)


def modules_table() -> str:
    """Every module with the sentence that it opens with, folder by folder."""
    paths = [p for package in ("pipeline", "stages", "api") for p in (ROOT / package).rglob("*.py")]
    pieces = []
    for folder in sorted({path.parent for path in paths}):
        inside = sorted(p for p in paths if p.parent == folder and p.name != "__init__.py")
        rows = [(f"[{p.stem}](../{p.relative_to(ROOT)})", _first_sentence(_doc(p))) for p in inside]
        if rows:
            pieces += [
                f"### {folder.relative_to(ROOT)}/",
                "",
                table(("module", "is for"), rows),
                "",
            ]
    return "\n".join(pieces).rstrip()


def make_table() -> str:
    """Every target of the Makefile."""
    found = _TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8"))
    return table(("command", "does"), [(f"`make {name}`", about) for name, about in found])


def tables_text() -> str:
    """Every table of the database, column by column."""
    pieces = []
    for name, about, columns in _schema()[0]:
        rows = [
            (f"`{c['name']}`", c["type"], "" if c["filled"] else "yes", c["about"]) for c in columns
        ]
        head = ("column", "type", "may be empty", "meaning")
        pieces += [f"### {name}", "", about, "", table(head, rows), ""]
    return "\n".join(pieces).rstrip()


def diagram() -> str:
    """Which table refers to which, as a Mermaid diagram."""
    lines = [f'    {target} ||--o{{ {source} : ""' for source, target in _schema()[1]]
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])


@cache
def _schema() -> tuple[list[tuple[str, str, list[dict[str, Any]]]], list[tuple[str, str]]]:
    """Migrate an empty database and read what it holds: tables with their columns, and links."""
    with tempfile.TemporaryDirectory(prefix="bookrunner-docs-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder), {"fsync": "off"}) as url:
            asyncio.run(migrate(url))
            with psycopg.connect(url, row_factory=dict_row) as connection:
                return read_schema(connection)


def read_schema(
    connection: psycopg.Connection[dict[str, Any]],
) -> tuple[list[tuple[str, str, list[dict[str, Any]]]], list[tuple[str, str]]]:
    """Read tables with their columns, and the links between them."""

    def rows(query: str, **params: Any) -> list[dict[str, Any]]:
        return connection.execute(QUERIES[f"schema.{query}"].text, params).fetchall()

    tables = [
        (t["name"], t["about"] or "", rows("columns", table=t["name"])) for t in rows("tables")
    ]
    return tables, [(link["source"], link["target"]) for link in rows("links")]


def _doc(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def _first_sentence(doc: str | None) -> str:
    paragraph = " ".join((doc or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z`])", paragraph)[0]


def calls_text() -> str:
    """Every call of the API by subject, with what it takes; and the fields of its models."""
    document = openapi.document(CALLS, WORKFLOWS)
    pieces = []
    for tag in dict.fromkeys(call.tag for call in CALLS):
        rows = [
            (
                f"`{call.method} {path}`",
                call.about,
                _parameters(document["paths"][path][call.method.lower()]),
                call.scope or "none",
                _answer_of(document["paths"][path][call.method.lower()], call.status),
            )
            for call in CALLS
            if call.tag == tag and (path := _documented(call.paths[0]))
        ]
        head = ("call", "for", "takes", "scope", "answers")
        pieces += [f"### {tag.capitalize()}", "", table(head, rows), ""]
    return "\n".join(pieces).rstrip()


def _documented(path: str) -> str:
    return re.sub(r":\w+}", "}", path)


def _parameters(operation: dict[str, Any]) -> str:
    names = [
        f"**{p['name']}**" if p["required"] else p["name"]
        for p in operation["parameters"]
        if p["in"] == "query"
    ]
    body = operation.get("requestBody")
    if body:
        schema = body["content"]["application/json"]["schema"]
        names.append(f"body {schema['$ref'].rpartition('/')[2]}")
    return ", ".join(names)


def _answer_of(operation: dict[str, Any], status: int) -> str:
    content = operation["responses"][str(status)].get("content", {})
    names = [
        each["schema"].get("$ref", "").rpartition("/")[2] or f"`{media}`"
        for media, each in content.items()
    ]
    return f"{status} {', '.join(names)}".strip()


def models_text() -> str:
    """Every model of the API's answers and bodies with its fields."""
    schemas = openapi.document(CALLS, WORKFLOWS)["components"]["schemas"]
    rows = [
        (f"`{name}`", _first_sentence(schema.get("description")), _fields(schema))
        for name, schema in schemas.items()
    ]
    return table(("model", "is", "fields"), rows)


def _fields(schema: dict[str, Any]) -> str:
    return ", ".join(schema.get("properties", {})) or ", ".join(map(str, schema.get("enum", ())))


TABLES: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "events": events_table,
    "workflows": workflows_table,
    "stages": stages_table,
    "errors": errors_table,
    "modules": modules_table,
    "make": make_table,
    "tables": tables_text,
    "diagram": diagram,
    "calls": calls_text,
    "models": models_text,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
