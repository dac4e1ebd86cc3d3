"""Call the API as a user: an app in this process, a key, and a house full of rows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from psycopg.types.json import Jsonb

from api.app import create_app
from pipeline import library
from pipeline.accounts import add_key
from pipeline.db import Pool
from pipeline.domain import metadata as describing
from pipeline.domain.keys import search_text
from pipeline.domain.models import Metadata, SeriesPlace
from pipeline.settings import Settings
from pipeline.vault import Vault

VAULT = Vault(["a key that is made for tests and opens nothing"])
SECRET = "correct-horse-battery-staple"  # what must never be seen again


def app(pool: Pool, folder: Path, parts: Mapping[str, Any] | None = None, **settings: Any) -> Any:
    """The app; *parts* go to it as they are, the rest are settings."""
    own = Settings(_env_file=None, data_dir=folder, **settings)
    return create_app(pool, own, vault=VAULT, **(parts or {}))


@asynccontextmanager
async def calling(
    served: Any, key: str | None = None, *, address: str = "127.0.0.1"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app in this process."""
    headers = {"X-Api-Key": key} if key else {}
    transport = httpx.ASGITransport(served, raise_app_exceptions=False, client=(address, 50000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bookrunner", headers=headers
    ) as client:
        yield client


@dataclass
class Owner:
    """A user with a key of every scope and one row of every kind; `ids` by name of the path."""

    user_id: int
    key: str
    ids: dict[str, Any] = field(default_factory=dict)
    mark: str = ""


async def furnished(pool: Pool, user_id: int, mark: str) -> Owner:
    """Give a user a key and a row of every kind; every text of theirs holds *mark*."""
    owner = Owner(user_id, await add_key(pool, user_id, f"{mark} key"), mark=mark)
    async with pool.user(user_id) as db:

        async def put(statement: str, *values: Any) -> Any:
            cursor = await db.connection.execute(statement, values)  # type: ignore[call-overload]
            row = await cursor.fetchone() if cursor.description else None
            return row[0] if row else None

        owned = await shelve(db, f"The {mark} Owl", (f"J. R. R. {mark}",), f"{mark} Saga", "1")
        wanted = await put(
            "INSERT INTO books (user_id, title, author, match_key, search_text)"
            " VALUES (app_user(), %s, %s, %s, %s) RETURNING id",
            f"{mark} Wanted",
            f"{mark} Author",
            f"{mark}|wanted",
            search_text(f"{mark} Wanted"),
        )
        series = await put("SELECT id FROM series LIMIT 1")
        author = await put("SELECT id FROM authors LIMIT 1")
        await put(
            "INSERT INTO missing_books (user_id, book_id, series_id, title, reason_missing,"
            " position) VALUES (app_user(), %s, %s, %s, 'series_gap', '2')",
            wanted,
            series,
            f"{mark} Wanted",
        )
        await put(
            "INSERT INTO missing_books (user_id, book_id, author_id, title, reason_missing)"
            " VALUES (app_user(), %s, %s, %s, 'author_gap')",
            wanted,
            author,
            f"{mark} Wanted",
        )
        run = await put(
            "INSERT INTO tasks (user_id, task_name, status, actual_start)"
            " VALUES (app_user(), 'SERIES', 'running', now()) RETURNING id"
        )
        await put(
            "INSERT INTO steps (user_id, run_id, stage, kind, key, event, reason, status,"
            " due_at) VALUES (app_user(), %s, 'compare_library', 'collection_found', 'k',"
            " '{}', %s, 'waiting', now() + interval '1 day')",
            run,
            f"{mark} reason",
        )
        await put(
            "INSERT INTO task_log (user_id, task_id, line) VALUES (app_user(), %s, %s)",
            run,
            f"{mark} line",
        )
        await put(
            "INSERT INTO downloads (user_id, book_id, source, infohash, release_guid,"
            " release_title) VALUES (app_user(), %s, 'MAM', %s, 'g', %s)",
            wanted,
            "ab" * 20,
            f"{mark} release",
        )
        release = await put(
            "INSERT INTO release_decisions (user_id, book_id, guid, title, verdict, refusals)"
            " VALUES (app_user(), %s, 'g', %s, 'refused', %s) RETURNING id",
            wanted,
            f"{mark} release",
            Jsonb([{"rule": "seeded", "reason": "nobody"}]),
        )
        blocked = await put(
            "INSERT INTO blocklist (user_id, book_id, guid, title, reason)"
            " VALUES (app_user(), %s, 'g', %s, 'r') RETURNING id",
            wanted,
            f"{mark} release",
        )
        await put(
            "INSERT INTO failed_attempts (user_id, task_name, stage, item_id, reason, code)"
            " VALUES (app_user(), 'SERIES', 'queue_download', '1', %s, 'service_down')",
            f"{mark} failure",
        )
        ended = await put(
            "INSERT INTO tasks (user_id, task_name, status, actual_end, error_message)"
            " VALUES (app_user(), 'METADATA_NEW', 'failed', now(), %s) RETURNING id",
            f"{mark} end",
        )
        await put(
            "INSERT INTO metadata_corrections (user_id, book_id, field, old_value, new_value,"
            " source, run_id) VALUES (app_user(), %s, 'title', %s, %s, 'Goodreads', %s)",
            owned,
            Jsonb(f"{mark} old"),
            Jsonb(f"{mark} new"),
            ended,
        )
        approval = await put(
            "INSERT INTO approvals (user_id, kind, subject, book_id, title, proposal, reason)"
            " VALUES (app_user(), 'metadata', 's', %s, %s, '{}', 'r') RETURNING id",
            owned,
            f"{mark} question",
        )
        await put(
            "INSERT INTO schedules (user_id, task_name, cron, time_zone)"
            " VALUES (app_user(), 'SERIES', '0 3 2 * *', %s)",
            "Europe/Vienna",
        )
        chart = await put(
            "INSERT INTO charts (user_id, genre, week, ranked_by)"
            " VALUES (app_user(), %s, '2026-11-09', 'grabs') RETURNING id",
            f"{mark} genre",
        )
        await put(
            "INSERT INTO chart_entries (user_id, chart_id, rank, title, decision)"
            " VALUES (app_user(), %s, 1, %s, 'listed')",
            chart,
            f"{mark} hit",
        )
        await put(
            "INSERT INTO credentials (user_id, service, field, token)"
            " VALUES (app_user(), 'prowlarr', 'prowlarr_key', %s)",
            VAULT.seal(user_id, "prowlarr", "prowlarr_key", SECRET),
        )
    other = await add_key(pool, user_id, f"{mark} other key")
    async with pool.system() as system:
        await system.connection.execute(
            "INSERT INTO circuits (name, failures, last_error, last_failure_at)"
            " VALUES (%s, 2, %s, now())",
            [f"prowlarr:{user_id}", f"{mark} error"],
        )
    owner.ids = {
        "id": run,
        "book": wanted,
        "owned": owned,
        "run": run,
        "release": release,
        "series": series,
        "author": author,
        "blocked": blocked,
        "key": other[4:12],
        "approval": approval,
        "ended": ended,
    }
    return owner


async def shelve(
    db: Any, title: str, authors: tuple[str, ...], series: str = "", sequence: str | None = None
) -> int:
    """Put an owned book on the shelf, as the library itself writes it; return its id."""
    about = Metadata(
        title=title,
        authors=authors,
        series=(SeriesPlace(series, sequence),) if series else (),
        language="en",
    )
    shown = library.display(about)
    cursor = await db.connection.execute(
        "INSERT INTO books (user_id, abs_id, title, author, series, search_text, match_key,"
        " metadata, metadata_completeness) VALUES (app_user(), %s, %s, %s, %s, %s, %s, %s, %s)"
        " RETURNING id",
        [
            f"li_{title}",
            shown["title"],
            shown["author"],
            shown["series"],
            shown["search_text"],
            shown["match_key"],
            Jsonb(describing.to_json(about)),
            describing.completeness(about),
        ],
    )
    (book,) = await cursor.fetchone()
    await library.link(db, [(book, about)])
    return int(book)


def json_of(answer: httpx.Response, status: int = 200) -> Mapping[str, Any]:
    """The body of an answer of that status."""
    assert answer.status_code == status, answer.text
    body: Mapping[str, Any] = answer.json()
    return body
