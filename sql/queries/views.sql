-- name: find_authors
-- The authors that hold every word (or one that begins so, up to its bound), best first, a page at
-- a time. A bound that were computed here would be applied after the wall, and not by the index.
WITH hits AS (
    SELECT w.id, q.n, bool_or(w.word = q.word) AS exact
    FROM unnest(%(words)s::text[], %(bounds)s::text[]) WITH ORDINALITY AS q (word, upto, n)
    JOIN search_words AS w ON w.user_id = (SELECT app_user()) AND w.kind = 'author'
        AND w.word >= q.word AND w.word < q.upto
    GROUP BY w.id, q.n
), found AS (
    SELECT id, count(*) FILTER (WHERE exact) AS exact FROM hits
    GROUP BY id HAVING count(*) = cardinality(%(words)s::text[])
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM found) AS c
LEFT JOIN LATERAL (
    SELECT a.id, a.name, a.total_audiobooks_found, a.audiobooks_owned, a.audiobooks_missing,
        a.last_completion_check, a.external_ids, a.warning
    FROM found AS f JOIN authors AS a ON a.user_id = (SELECT app_user()) AND a.id = f.id
    ORDER BY a.search_text = %(folded)s::text DESC, f.exact DESC,
        cardinality(ARRAY(SELECT unnest(string_to_array(a.search_text, ' '))
            INTERSECT SELECT unnest(%(others)s::text[]))) DESC,
        starts_with(a.search_text, %(folded)s::text) DESC, length(a.search_text), a.name, a.id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: find_series
-- The series that hold every word (or one that begins so), best first, a page at a time.
WITH hits AS (
    SELECT w.id, q.n, bool_or(w.word = q.word) AS exact
    FROM unnest(%(words)s::text[], %(bounds)s::text[]) WITH ORDINALITY AS q (word, upto, n)
    JOIN search_words AS w ON w.user_id = (SELECT app_user()) AND w.kind = 'series'
        AND w.word >= q.word AND w.word < q.upto
    GROUP BY w.id, q.n
), found AS (
    SELECT id, count(*) FILTER (WHERE exact) AS exact FROM hits
    GROUP BY id HAVING count(*) = cardinality(%(words)s::text[])
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM found) AS c
LEFT JOIN LATERAL (
    SELECT s.id, s.name, s.author, s.total_books, s.books_owned, s.books_missing,
        s.completion_status, s.last_completion_check, s.goodreads_id, s.warning
    FROM found AS f JOIN series AS s ON s.user_id = (SELECT app_user()) AND s.id = f.id
    ORDER BY s.search_text = %(folded)s::text DESC, f.exact DESC,
        cardinality(ARRAY(SELECT unnest(string_to_array(s.search_text, ' '))
            INTERSECT SELECT unnest(%(others)s::text[]))) DESC,
        starts_with(s.search_text, %(folded)s::text) DESC, length(s.search_text), s.name, s.id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: find_books
-- The books that hold every word (or one that begins so), best first, a page at a time.
-- Of very many matches a thousand are ranked; the total counts all of them.
WITH hits AS (
    SELECT w.id, q.n, bool_or(w.word = q.word) AS exact
    FROM unnest(%(words)s::text[], %(bounds)s::text[]) WITH ORDINALITY AS q (word, upto, n)
    JOIN search_words AS w ON w.user_id = (SELECT app_user()) AND w.kind = 'book'
        AND w.word >= q.word AND w.word < q.upto
    GROUP BY w.id, q.n
), found AS (
    SELECT id, count(*) FILTER (WHERE exact) AS exact FROM hits
    GROUP BY id HAVING count(*) = cardinality(%(words)s::text[])
), best AS (
    SELECT id, exact FROM found ORDER BY exact DESC, id LIMIT 1000
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM found) AS c
LEFT JOIN LATERAL (
    SELECT b.id, b.title, b.author, b.series, b.abs_id, b.isbn, b.asin,
        b.abs_id IS NOT NULL AND NOT b.is_missing AS owned, b.metadata_completeness, b.date_added
    FROM best AS f JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = f.id
    ORDER BY starts_with(b.search_text, %(folded)s::text) DESC, f.exact DESC,
        cardinality(ARRAY(SELECT unnest(string_to_array(b.search_text, ' '))
            INTERSECT SELECT unnest(%(others)s::text[]))) DESC,
        length(b.search_text), b.title, b.id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: books_of_authors
-- The owned books of some authors; of a very long list its first part.
SELECT a.author_id AS holder_id, b.id, b.title, b.author, b.series, b.abs_id, b.isbn, b.asin, true AS owned,
    b.metadata_completeness, b.date_added, NULL::text AS sequence
FROM unnest(%(ids)s::bigint[]) AS asked (id),
    LATERAL (SELECT l.author_id, l.book_id FROM book_authors AS l
        WHERE l.user_id = (SELECT app_user()) AND l.author_id = asked.id LIMIT %(most)s::bigint) AS a
JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = a.book_id
WHERE b.abs_id IS NOT NULL AND NOT b.is_missing
ORDER BY a.author_id, b.title, b.id;

-- name: books_of_series
-- The owned books of some series, in the series' order as far as sequences are numbers.
SELECT a.series_id AS holder_id, b.id, b.title, b.author, b.series, b.abs_id, b.isbn, b.asin, true AS owned,
    b.metadata_completeness, b.date_added, a.sequence
FROM unnest(%(ids)s::bigint[]) AS asked (id),
    LATERAL (SELECT l.series_id, l.book_id, l.sequence FROM book_series AS l
        WHERE l.user_id = (SELECT app_user()) AND l.series_id = asked.id LIMIT %(most)s::bigint) AS a
JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = a.book_id
WHERE b.abs_id IS NOT NULL AND NOT b.is_missing
ORDER BY a.series_id, substring(a.sequence FROM '^\d{1,9}(?:\.\d{1,9})?')::numeric NULLS LAST, b.title, b.id;

-- name: missing_of_series
-- What some series still miss, in the order of their positions.
SELECT m.series_id AS holder_id, m.id, m.book_id, m.series_id, m.author_id, m.title, b.author,
    s.name AS series, m.position, m.reason_missing, m.identified_date, m.download_status,
    m.released_on, m.reason
FROM missing_books AS m
JOIN books AS b ON b.user_id = m.user_id AND b.id = m.book_id
JOIN series AS s ON s.user_id = m.user_id AND s.id = m.series_id
WHERE m.user_id = (SELECT app_user()) AND m.series_id = ANY (%(ids)s::bigint[])
    AND m.download_status NOT IN ('imported', 'ignored')
ORDER BY m.series_id, substring(m.position FROM '^\d{1,9}(?:\.\d{1,9})?')::numeric NULLS LAST, m.title, m.id
LIMIT %(most)s::bigint;

-- name: missing_of_authors
-- What some authors' shelves still miss: gaps of the author, and gaps of series in the author's books.
SELECT asked.id AS holder_id, m.id, m.book_id, m.series_id, m.author_id, m.title, b.author,
    s.name AS series, m.position, m.reason_missing, m.identified_date, m.download_status,
    m.released_on, m.reason
FROM unnest(%(ids)s::bigint[]) AS asked (id)
JOIN LATERAL (
    SELECT g.* FROM missing_books AS g
    WHERE g.user_id = (SELECT app_user()) AND g.author_id = asked.id
    UNION
    SELECT g.* FROM book_authors AS l
    JOIN missing_books AS g ON g.user_id = l.user_id AND g.book_id = l.book_id
    WHERE l.user_id = (SELECT app_user()) AND l.author_id = asked.id
) AS m ON m.download_status NOT IN ('imported', 'ignored')
JOIN books AS b ON b.user_id = m.user_id AND b.id = m.book_id
LEFT JOIN series AS s ON s.user_id = m.user_id AND s.id = m.series_id
ORDER BY asked.id, m.title, m.id
LIMIT %(most)s::bigint;

-- name: series_there
-- Whether the current user has such a series.
SELECT EXISTS (SELECT FROM series WHERE user_id = app_user() AND id = %(id)s::bigint);

-- name: author_there
-- Whether the current user has such an author.
SELECT EXISTS (SELECT FROM authors WHERE user_id = app_user() AND id = %(id)s::bigint);

-- name: book_there
-- Whether the current user has such a book.
SELECT EXISTS (SELECT FROM books WHERE user_id = app_user() AND id = %(id)s::bigint);

-- name: missing
-- What the library lacks, a page at a time: of one series or author, or of all of them.
WITH matching AS NOT MATERIALIZED (
    SELECT m.* FROM missing_books AS m
    WHERE m.user_id = (SELECT app_user()) AND m.download_status NOT IN ('imported', 'ignored')
        AND (%(series_id)s::bigint IS NULL OR m.series_id = %(series_id)s::bigint)
        AND (%(author_id)s::bigint IS NULL OR m.author_id = %(author_id)s::bigint
            OR m.book_id IN (SELECT l.book_id FROM book_authors AS l
                WHERE l.user_id = (SELECT app_user()) AND l.author_id = %(author_id)s::bigint))
        AND (m.reason_missing = %(kind)s::text OR %(author_id)s::bigint IS NOT NULL)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT m.id, m.book_id, m.series_id, m.author_id, m.title, b.author, s.name AS series,
        m.position, m.reason_missing, m.identified_date, m.download_status, m.released_on, m.reason
    FROM (SELECT *, row_number() OVER () AS place FROM (SELECT * FROM matching AS m ORDER BY
        CASE WHEN %(sort)s::text = 'position' AND NOT %(descending)s::boolean
            THEN substring(m.position FROM '^\d{1,9}(?:\.\d{1,9})?')::numeric END,
        CASE WHEN %(sort)s::text = 'position' AND %(descending)s::boolean
            THEN substring(m.position FROM '^\d{1,9}(?:\.\d{1,9})?')::numeric END DESC NULLS LAST,
        CASE WHEN %(sort)s::text = 'title' AND NOT %(descending)s::boolean THEN m.title END,
        CASE WHEN %(sort)s::text = 'title' AND %(descending)s::boolean THEN m.title END DESC,
        CASE WHEN NOT %(descending)s::boolean THEN m.identified_date END,
        CASE WHEN %(descending)s::boolean THEN m.identified_date END DESC,
        CASE WHEN NOT %(descending)s::boolean THEN m.id END,
        CASE WHEN %(descending)s::boolean THEN m.id END DESC
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint) AS cut) AS m
    JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = m.book_id
    LEFT JOIN series AS s ON s.user_id = (SELECT app_user()) AND s.id = m.series_id
    ORDER BY m.place
) AS page ON true;

-- name: top10_week
-- The week asked for, or the newest of which there are charts.
SELECT coalesce(%(week)s::date, (SELECT max(week) FROM charts WHERE user_id = app_user())) AS week;

-- name: top10
-- The charts of a week, rank by rank.
SELECT c.genre, c.ranked_by, c.fetched_at, e.rank, e.title, e.authors, e.series, e.narrator,
    e.seeders, e.size_bytes, e.owned, e.decision, e.reason, e.book_id
FROM charts AS c
LEFT JOIN chart_entries AS e ON e.user_id = c.user_id AND e.chart_id = c.id
WHERE c.user_id = (SELECT app_user()) AND c.week = %(week)s::date
ORDER BY c.genre, e.rank;

-- name: fields_filled
-- How many owned books there are, and how many of them hold each of the twelve fields.
WITH masks AS MATERIALIZED (
    SELECT filled, count(*) AS n FROM books
    WHERE user_id = (SELECT app_user()) AND abs_id IS NOT NULL AND NOT is_missing GROUP BY filled
)
SELECT f.field, coalesce(sum(m.n) FILTER (WHERE m.filled & (1 << (f.bit - 1)::integer) <> 0), 0)::bigint
    AS filled, coalesce(sum(m.n), 0)::bigint AS books
FROM unnest(metadata_fields()) WITH ORDINALITY AS f (field, bit) LEFT JOIN masks AS m ON true
GROUP BY f.field, f.bit ORDER BY f.bit;

-- name: completeness
-- Every owned book with its completeness, a page at a time; the total comes from `fields_filled`.
SELECT id, abs_id, title, author, series, metadata_completeness, last_metadata_update,
    metadata_source, filled
FROM books WHERE user_id = (SELECT app_user()) AND abs_id IS NOT NULL AND NOT is_missing
ORDER BY
    CASE WHEN %(sort)s::text = 'title' AND NOT %(descending)s::boolean THEN title END,
    CASE WHEN %(sort)s::text = 'title' AND %(descending)s::boolean THEN title END DESC,
    CASE WHEN %(sort)s::text = 'metadataCompleteness' AND NOT %(descending)s::boolean
        THEN metadata_completeness END,
    CASE WHEN %(sort)s::text = 'metadataCompleteness' AND %(descending)s::boolean
        THEN metadata_completeness END DESC,
    CASE WHEN %(sort)s::text = 'lastMetadataUpdate' AND NOT %(descending)s::boolean
        THEN last_metadata_update END NULLS FIRST,
    CASE WHEN %(sort)s::text = 'lastMetadataUpdate' AND %(descending)s::boolean
        THEN last_metadata_update END DESC NULLS LAST,
    CASE WHEN NOT %(descending)s::boolean THEN id END,
    CASE WHEN %(descending)s::boolean THEN id END DESC
LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint;

-- name: runs
-- Runs, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM tasks WHERE user_id = (SELECT app_user())
        AND (%(status)s::text IS NULL OR status = %(status)s::text)
        AND (%(workflow)s::text IS NULL OR task_name = %(workflow)s::text)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, task_name AS workflow, subject, status, started_by, scheduled_time, actual_start,
        actual_end, error_message, counts
    FROM matching
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN scheduled_time END,
        CASE WHEN %(descending)s::boolean THEN scheduled_time END DESC,
        CASE WHEN NOT %(descending)s::boolean THEN id END, CASE WHEN %(descending)s::boolean THEN id END DESC
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: run
-- One run; the counts of one that is under way are taken from its steps.
SELECT t.id, t.task_name AS workflow, t.subject, t.status, t.started_by, t.scheduled_time,
    t.actual_start, t.actual_end, t.error_message,
    CASE WHEN t.status NOT IN ('scheduled', 'running') THEN t.counts ELSE coalesce((
        SELECT jsonb_object_agg(stage, per) FROM (
            SELECT stage, jsonb_object_agg(status, n) AS per FROM (
                SELECT stage, status, count(*) AS n FROM steps
                WHERE user_id = t.user_id AND run_id = t.id GROUP BY stage, status
            ) AS each_status GROUP BY stage
        ) AS each_stage), '{}') END AS counts
FROM tasks AS t WHERE t.user_id = (SELECT app_user()) AND t.id = %(id)s::bigint;

-- name: steps
-- The steps of a run in their order, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM steps WHERE user_id = (SELECT app_user()) AND run_id = %(run_id)s::bigint
        AND (%(stage)s::text IS NULL OR stage = %(stage)s::text)
        AND (%(status)s::text IS NULL OR status = %(status)s::text)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, parent_id, stage, kind, key, event, status, attempts, outcome, reason, detail, due_at,
        topic, created_at, started_at, finished_at
    FROM matching
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN id END, CASE WHEN %(descending)s::boolean THEN id END DESC
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: log_lines
-- The log of a run as it came, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT id, at, level, line FROM task_log
    WHERE user_id = (SELECT app_user()) AND task_id = %(run_id)s::bigint
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT * FROM matching
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN id END, CASE WHEN %(descending)s::boolean THEN id END DESC
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: run_states
-- Runs as a stream shows them: those asked for; without any, what is open or ended lately.
SELECT t.id, t.task_name AS workflow, t.subject, t.status, t.started_by, t.scheduled_time,
    t.actual_start, t.actual_end, t.error_message,
    CASE WHEN t.status NOT IN ('scheduled', 'running') THEN t.counts ELSE coalesce((
        SELECT jsonb_object_agg(stage, per) FROM (
            SELECT stage, jsonb_object_agg(status, n) AS per FROM (
                SELECT stage, status, count(*) AS n FROM steps
                WHERE user_id = t.user_id AND run_id = t.id GROUP BY stage, status
            ) AS each_status GROUP BY stage
        ) AS each_stage), '{}') END AS counts
FROM tasks AS t WHERE t.user_id = (SELECT app_user())
    AND CASE WHEN %(runs)s::bigint[] IS NOT NULL THEN t.id = ANY (%(runs)s::bigint[])
        ELSE t.status IN ('scheduled', 'running') OR t.actual_end >= %(since)s::timestamptz END
ORDER BY t.id;

-- name: downloads
-- What was handed to the download client, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM downloads WHERE user_id = (SELECT app_user())
        AND (%(status)s::text IS NULL OR status = %(status)s::text)
        AND (%(book_id)s::bigint IS NULL OR book_id = %(book_id)s::bigint)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT d.id, d.book_id, b.title, b.author, d.source, d.magnet_link, d.status, d.retry_count,
        d.last_attempt, d.next_retry, d.abs_import_status, d.run_id, d.infohash, d.release_title,
        d.indexer, d.size_bytes, d.progress, d.speed, d.eta_seconds, d.state, d.reason, d.created_at,
        d.completed_at, d.tracker_says
    FROM (SELECT * FROM matching
        ORDER BY CASE WHEN NOT %(descending)s::boolean THEN id END,
            CASE WHEN %(descending)s::boolean THEN id END DESC
        LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint) AS d
    JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = d.book_id
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN d.id END,
        CASE WHEN %(descending)s::boolean THEN d.id END DESC
) AS page ON true;

-- name: decisions
-- Every release that was looked at for a book, the newest search first, the best release first.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM release_decisions
    WHERE user_id = (SELECT app_user()) AND book_id = %(book_id)s::bigint
        AND (%(verdict)s::text IS NULL OR verdict = %(verdict)s::text)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, run_id, title, indexer, source, verdict, by_hand, refusals, ranking, score, size_bytes,
        seeders, decided_at, (SELECT l.id FROM blocklist AS l
            WHERE l.user_id = (SELECT app_user()) AND l.book_id = matching.book_id
                AND l.guid = matching.guid) AS blocked_as
    FROM matching ORDER BY decided_at DESC, verdict = 'refused', verdict <> 'chosen', score DESC, id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: blocklist
-- Releases that are not to be tried again, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM blocklist WHERE user_id = (SELECT app_user())
        AND (%(book_id)s::bigint IS NULL OR book_id = %(book_id)s::bigint)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT l.id, l.book_id, b.title AS book, l.title, l.infohash, l.reason, l.created_at
    FROM (SELECT * FROM matching
        ORDER BY CASE WHEN NOT %(descending)s::boolean THEN id END,
            CASE WHEN %(descending)s::boolean THEN id END DESC
        LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint) AS l
    JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = l.book_id
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN l.id END,
        CASE WHEN %(descending)s::boolean THEN l.id END DESC
) AS page ON true;

-- name: allow_release
-- Let a release be tried again; no row for one that is not on the user's blocklist.
DELETE FROM blocklist WHERE user_id = app_user() AND id = %(id)s::bigint RETURNING id;

-- name: corrections
-- Changes of metadata, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM metadata_corrections WHERE user_id = (SELECT app_user())
        AND (%(book_id)s::bigint IS NULL OR book_id = %(book_id)s::bigint)
        AND (%(run_id)s::bigint IS NULL OR run_id = %(run_id)s::bigint)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT m.id, m.book_id, b.title AS book, m.field, m.old_value, m.new_value, m.source,
        m.correction_date, m.run_id, m.undoes_id, m.undone_at
    FROM (SELECT * FROM matching
        ORDER BY CASE WHEN NOT %(descending)s::boolean THEN correction_date END,
            CASE WHEN %(descending)s::boolean THEN correction_date END DESC,
            CASE WHEN NOT %(descending)s::boolean THEN id END,
            CASE WHEN %(descending)s::boolean THEN id END DESC
        LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint) AS m
    JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = m.book_id
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN m.correction_date END,
        CASE WHEN %(descending)s::boolean THEN m.correction_date END DESC,
        CASE WHEN NOT %(descending)s::boolean THEN m.id END,
        CASE WHEN %(descending)s::boolean THEN m.id END DESC
) AS page ON true;

-- name: approvals
-- What waits for the user's yes or no, or was decided, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM approvals WHERE user_id = (SELECT app_user())
        AND (%(status)s::text IS NULL OR status = %(status)s::text)
        AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, kind, subject, book_id, run_id, title, proposal, reason, status, created_at, decided_at
    FROM matching
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN id END, CASE WHEN %(descending)s::boolean THEN id END DESC
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: schedules
-- When the clock starts which workflow.
SELECT task_name AS workflow, cron, time_zone, next_run_at, paused_at, last_run_id
FROM schedules WHERE user_id = (SELECT app_user()) ORDER BY task_name;

-- name: failures
-- The permanent ledger of what failed, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM failed_attempts WHERE user_id = (SELECT app_user())
        AND (%(workflow)s::text IS NULL OR task_name = %(workflow)s::text)
        AND (%(code)s::text IS NULL OR code = %(code)s::text)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, task_name AS workflow, stage, item_id, code, reason, first_attempt, last_attempt,
        attempt_count
    FROM matching
    ORDER BY CASE WHEN NOT %(descending)s::boolean THEN last_attempt END,
        CASE WHEN %(descending)s::boolean THEN last_attempt END DESC,
        CASE WHEN NOT %(descending)s::boolean THEN id END, CASE WHEN %(descending)s::boolean THEN id END DESC
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;
