"""A library of any size, made by the database itself, for measurements of the API."""

from pipeline.db import Pool

WORDS = """
amber anchor apple arrow ash autumn badge bay bell birch blade blossom boat bone book
border bridge bright bronze brook candle castle chain charm cinder city clay cliff clock
cloud coast copper coral crane crow crown crystal dark dawn deep desert dragon dream drift
dust eagle east echo ember empire fable falcon feather fern field final fire first flame
forest forge fox frost garden gate ghost giant glass gold grave green grey hammer harbor
hawk heart hidden hill hollow honey hunter ice iron island ivory jade key king knife lake
lantern last leaf light lily lion lost marble mask meadow mirror mist moon mountain needle
night north oak ocean olive onyx orchard owl paper pearl phoenix pine prince queen quiet
rain raven red reed ring river road robin rose ruby sable salt sand sea secret shadow
silent silver sky smoke snow song south spark spider spring star steel stone storm summer
sun swan sword thorn thunder tide tiger time tower tree valley veil violet voice wander
water wave west whisper white wild willow wind winter witch wolf wood world wren
""".split()  # noqa: SIM905  # a list of words reads better as words


async def fill(pool: Pool, user_id: int, books: int, series: int, authors: int) -> None:
    """Give a user so many of each: a fifth of the books wanted, two runs a day, and their steps."""
    async with pool.user(user_id) as db:
        sizes = {"books": books, "series": series, "authors": authors, "words": list(WORDS)}
        for statement in _STATEMENTS:
            await db.connection.execute(statement, sizes)
    connection = await pool.dedicated()
    async with connection:
        await connection.execute("VACUUM ANALYZE")


_WORD = "(%(words)s::text[])[1 + ({0}) %% cardinality(%(words)s::text[])]"
_NAME = f"{_WORD.format('n * 7')} || ' ' || {_WORD.format('n / 11')} || ' ' || n"
# ruff: noqa: S608  # these statements are put together from literals of this file
_STATEMENTS = [
    f"""INSERT INTO authors (user_id, name, match_key, search_text, audiobooks_owned)
        SELECT app_user(), initcap({_NAME}), 'author ' || n, {_NAME}, 5
        FROM generate_series(1, %(authors)s) AS n""",
    f"""INSERT INTO series (user_id, name, author, match_key, search_text, books_owned, total_books)
        SELECT app_user(), initcap({_NAME}) || ' Saga', 'Somebody', 'series ' || n,
            {_NAME} || ' saga', 16, 20 FROM generate_series(1, %(series)s) AS n""",
    f"""INSERT INTO books (user_id, abs_id, title, author, series, search_text, match_key, metadata,
            metadata_completeness, last_metadata_update)
        SELECT app_user(), CASE WHEN n %% 5 > 0 THEN 'li_' || n END, initcap({_NAME}), 'Somebody',
            '', {_NAME} || ' the ' || {_WORD.format("n * 13")}, 'book ' || n,
            jsonb_build_object('title', 'x', 'authors', '["x"]'::jsonb, 'description',
                repeat('words ', 50), 'asin', CASE WHEN n %% 3 = 0 THEN 'B0' END),
            n %% 101, now() - n * interval '1 minute'
        FROM generate_series(1, %(books)s) AS n""",
    """INSERT INTO book_series (user_id, book_id, series_id, sequence)
        SELECT app_user(), b.id, s.id, (b.n / %(series)s)::text
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM books WHERE abs_id IS NOT NULL) b
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM series) s
            ON s.n = 1 + b.n %% %(series)s""",
    """INSERT INTO book_authors (user_id, book_id, author_id)
        SELECT app_user(), b.id, a.id
        FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM books WHERE abs_id IS NOT NULL) b
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM authors) a
            ON a.n = 1 + b.n %% %(authors)s""",
    """INSERT INTO missing_books (user_id, book_id, series_id, title, reason_missing, position)
        SELECT app_user(), b.id, s.id, b.title, 'series_gap', (b.n %% 30)::text
        FROM (SELECT id, title, row_number() OVER (ORDER BY id) AS n FROM books
            WHERE abs_id IS NULL) b
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM series) s
            ON s.n = 1 + b.n %% %(series)s""",
    """INSERT INTO tasks (user_id, task_name, status, scheduled_time, actual_end)
        SELECT app_user(), 'SERIES', CASE WHEN n %% 9 = 0 THEN 'failed' ELSE 'completed' END,
            now() - n * interval '12 hours', now() - n * interval '12 hours'
        FROM generate_series(1, 60) AS n""",
    """INSERT INTO tasks (user_id, task_name, status, actual_start)
        VALUES (app_user(), 'METADATA_FULL', 'running', now())""",
    """INSERT INTO steps (user_id, run_id, stage, kind, key, event, status, due_at)
        SELECT app_user(), t.id, 'fetch_metadata', 'book_shelved', n::text, '{}',
            CASE WHEN n %% 20 = 0 THEN 'waiting' ELSE 'done' END, now() + interval '1 day'
        FROM tasks AS t, generate_series(1, least(5000, %(books)s / 10)) AS n
        WHERE t.status = 'running'""",
    """INSERT INTO downloads (user_id, book_id, source, infohash, release_guid, release_title,
            status)
        SELECT app_user(), id, 'MAM', md5(id::text) || '00000000', 'g', title, 'completed'
        FROM books WHERE abs_id IS NULL LIMIT %(books)s / 20""",
    """INSERT INTO metadata_corrections (user_id, book_id, field, new_value, source,
            correction_date)
        SELECT app_user(), id, 'title', '"x"', 'Goodreads', now() - id * interval '20 seconds'
        FROM books LIMIT %(books)s / 4""",
    """INSERT INTO failed_attempts (user_id, task_name, item_id, reason, code, last_attempt)
        SELECT app_user(), 'SERIES', n::text, 'nobody answered',
            (ARRAY['service_down', 'rate_limited', 'unsafe'])[1 + n %% 3], now() - n * interval '1h'
        FROM generate_series(1, %(books)s / 50) AS n""",
]
