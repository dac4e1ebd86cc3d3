-- name: queue
-- Downloads that are not settled, a page at a time, the oldest first.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM downloads WHERE user_id = (SELECT app_user())
        AND (status IN ('queued', 'downloading')
            OR (status = 'completed' AND abs_import_status IN ('pending', 'importing')))
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT d.id, d.book_id, b.title, b.author, d.source, d.status, d.abs_import_status, d.run_id,
        d.release_title, d.indexer, d.size_bytes, d.progress, d.speed, d.eta_seconds, d.state,
        d.retry_count, d.created_at, d.tracker_says, d.tracker_trouble
    FROM matching AS d JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = d.book_id
    ORDER BY d.id LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: history
-- Downloads that are settled, a page at a time, the newest first.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM downloads WHERE user_id = (SELECT app_user())
        AND (status = 'failed' OR abs_import_status IN ('imported', 'refused', 'failed'))
        AND CASE %(outcome)s::text WHEN 'imported' THEN abs_import_status = 'imported'
            WHEN 'refused' THEN abs_import_status = 'refused'
            WHEN 'failed' THEN abs_import_status = 'failed' OR status = 'failed' ELSE true END
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT d.id, d.book_id, b.title, b.author, d.source, d.run_id, d.release_title, d.indexer,
        d.size_bytes, d.retry_count, d.created_at, d.completed_at, d.reason,
        CASE WHEN d.abs_import_status IN ('imported', 'refused') THEN d.abs_import_status
            ELSE 'failed' END AS outcome
    FROM matching AS d JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = d.book_id
    ORDER BY d.id DESC LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: reasons
-- The whole ledger by reason code: items, and attempts.
SELECT code, count(*) AS items, sum(attempt_count)::bigint AS attempts, max(last_attempt) AS last_attempt
FROM failed_attempts WHERE user_id = (SELECT app_user()) GROUP BY code ORDER BY items DESC, code;

-- name: names
-- What the items of the ledger are called: books by number, books by item, series and authors.
SELECT 'book' AS kind, id::text AS key, id, title AS name FROM books
WHERE user_id = (SELECT app_user()) AND id = ANY (%(books)s::bigint[])
UNION ALL SELECT 'item', abs_id, id, title FROM books
WHERE user_id = (SELECT app_user()) AND abs_id = ANY (%(items)s::text[])
UNION ALL SELECT 'series', id::text, id, name FROM series
WHERE user_id = (SELECT app_user()) AND id = ANY (%(series)s::bigint[])
UNION ALL SELECT 'author', id::text, id, name FROM authors
WHERE user_id = (SELECT app_user()) AND id = ANY (%(authors)s::bigint[]);
