"""Rows whose text was written to do harm, or is merely very long, wherever pages show any."""

from typing import Any

from psycopg.types.json import Jsonb

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}\u202eesrever " + "é" * 500
)
_STATEMENTS = """
UPDATE books SET title = %(t)s, author = %(t)s, series = %(t)s, path = %(t)s,
    metadata = jsonb_build_object('title', %(t)s::text, 'description', %(t)s::text,
        'authors', jsonb_build_array(%(t)s::text));
UPDATE series SET name = %(t)s, author = %(t)s, warning = %(t)s;
UPDATE authors SET name = %(t)s, warning = %(t)s;
UPDATE missing_books SET title = %(t)s, reason = %(t)s, position = %(t)s, released_on = %(t)s;
UPDATE tasks SET error_message = %(t)s, subject = 's' || %(t)s;
UPDATE steps SET reason = %(t)s, outcome = %(t)s,
    event = jsonb_build_object('title', %(t)s::text);
UPDATE task_log SET line = %(t)s;
UPDATE downloads SET release_title = %(t)s, indexer = %(t)s, reason = %(t)s, state = %(t)s;
INSERT INTO downloads (user_id, book_id, source, status, abs_import_status, infohash,
    release_guid, release_title, reason)
    SELECT user_id, book_id, source, 'completed', 'refused', 'cd', release_guid, release_title,
    reason FROM downloads;
UPDATE release_decisions SET title = %(t)s, indexer = %(t)s,
    refusals = jsonb_build_array(jsonb_build_array('seeded', %(t)s::text));
UPDATE blocklist SET title = %(t)s, reason = %(t)s;
UPDATE failed_attempts SET reason = %(t)s, item_id = %(t)s;
UPDATE metadata_corrections SET old_value = to_jsonb(%(t)s::text),
    new_value = to_jsonb(%(t)s || 'x');
UPDATE approvals SET title = %(t)s, reason = %(t)s, proposal = %(proposal)s;
UPDATE charts SET genre = %(t)s;
UPDATE chart_entries SET title = %(t)s, authors = %(t)s, narrator = %(t)s, reason = %(t)s;
INSERT INTO series_works (user_id, series_id, place, position, title, kind, status, note)
    SELECT user_id, id, 0, %(t)s, %(t)s, 'primary', 'missing', %(t)s FROM series;
INSERT INTO author_works (user_id, author_id, place, title, series, position, status, note)
    SELECT user_id, id, 0, %(t)s, %(t)s, %(t)s, 'missing', %(t)s FROM authors;
"""


async def hostile_rows(connection: Any) -> None:
    """Write the hostile text into every row of the current user."""
    change = {"field": "title", "old": HOSTILE, "new": HOSTILE, "source": "Goodreads"}
    proposal = {"source": "Goodreads", "score": 0.5, "reason": HOSTILE, "changes": [change]}
    for statement in filter(str.strip, _STATEMENTS.split(";\n")):
        await connection.execute(statement, {"t": HOSTILE, "proposal": Jsonb(proposal)})
