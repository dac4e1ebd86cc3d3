"""Load the SQL kept in `sql/queries`: `-- name:` begins a query, the comments below describe it."""

import re
from pathlib import Path
from typing import LiteralString, NamedTuple, cast

SQL = Path(__file__).resolve().parent.parent / "sql"
_HEADER = re.compile(r"^-- name: (\w+)\n((?:-- .*\n)*)", re.MULTILINE)
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b|^-- writes", re.MULTILINE)


class Query(NamedTuple):
    """One statement and what its file says about it.

    `writes` is true when it changes rows or locks them: by its words (INSERT, UPDATE, DELETE,
    MERGE, FOR UPDATE), or, where a function writes, by a description that begins `-- writes`.
    """

    name: str
    about: str
    text: LiteralString
    writes: bool


def load(folder: Path) -> dict[str, Query]:
    """Read every query under *folder*, keyed `file.query`; LookupError for a name used twice."""
    found: dict[str, Query] = {}
    for path in sorted(folder.glob("*.sql")):
        pieces = _HEADER.split(path.read_text(encoding="utf-8"))[1:]
        for name, about, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
            key = f"{path.stem}.{name}"
            if key in found:
                message = f"{key} is defined twice"
                raise LookupError(message)
            writes = bool(_WRITES.search(about) or _WRITES.search(text))
            # These files are ours, so they are as trustworthy as a literal.
            found[key] = Query(key, about, cast("LiteralString", text.strip()), writes)
    return found


QUERIES = load(SQL / "queries")
