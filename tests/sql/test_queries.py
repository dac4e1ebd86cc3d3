"""Every query in sql/queries, held to the migrated schema."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.pq import ExecStatus

from pipeline.queries import QUERIES, SQL, load

PLACEHOLDER = re.compile(r"%\((\w+)\)s")

# Read anew: other tests of this process may have added queries of their own.
OURS = load(SQL / "queries")


@pytest.fixture(scope="module")
def connection(schema_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(schema_url, autocommit=True) as opened:
        yield opened


def numbered(text: str) -> bytes:
    """Turn `%(name)s` into `$1`, one number per name, as psycopg does before it prepares."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(text)))
    text = PLACEHOLDER.sub(lambda found: f"${names.index(found[1]) + 1}", text)
    return text.replace("%%", "%").encode()


def test_there_are_queries_to_prepare():
    assert len(QUERIES) > 10


@pytest.mark.parametrize("query", OURS.values(), ids=OURS)
def test_a_query_fits_the_schema(query, connection):
    prepared = connection.pgconn.prepare(b"", numbered(query.text))

    assert prepared.status == ExecStatus.COMMAND_OK, prepared.error_message.decode()


@pytest.mark.parametrize("query", OURS.values(), ids=OURS)
def test_a_query_says_what_it_is_for(query):
    assert query.about.strip()


def test_a_query_of_a_column_that_is_not_there_is_found_out(connection):
    prepared = connection.pgconn.prepare(b"", b"SELECT colour FROM books WHERE id = $1")

    assert b'column "colour" does not exist' in prepared.error_message


def test_a_name_used_twice_is_refused(tmp_path):
    twice = "-- name: find\n-- One.\nSELECT 1;\n-- name: find\n-- Two.\nSELECT 2;\n"
    (tmp_path / "books.sql").write_text(twice)

    with pytest.raises(LookupError, match=r"books\.find is defined twice"):
        load(tmp_path)
