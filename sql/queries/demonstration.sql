-- name: of_run
-- What a run did, in numbers, and the last it said.
SELECT
    (SELECT count(*) FROM steps s WHERE s.run_id = t.id AND s.stage = 'compare_library'
        AND s.status IN ('done', 'stopped'))::int AS compared,
    (SELECT count(*) FROM steps s WHERE s.run_id = t.id AND s.stage = 'queue_download'
        AND (s.event ->> 'attempt')::int = 1)::int AS wanted,
    (SELECT count(*) FROM downloads d WHERE d.user_id = t.user_id AND d.run_id = t.id
        AND d.abs_import_status = 'imported')::int AS imported,
    (SELECT count(DISTINCT s.event ->> 'abs_id') FROM steps s WHERE s.run_id = t.id
        AND s.stage = 'fetch_metadata' AND s.status = 'done')::int AS described,
    (SELECT count(*) FROM metadata_corrections c WHERE c.user_id = t.user_id
        AND c.run_id = t.id)::int AS corrected,
    (SELECT count(*) FROM approvals a WHERE a.user_id = t.user_id AND a.run_id = t.id)::int AS asked,
    (SELECT count(*) FROM steps s WHERE s.run_id = t.id AND s.status = 'failed')::int AS failed,
    coalesce((SELECT l.line FROM task_log l WHERE l.user_id = t.user_id AND l.task_id = t.id
        AND l.line NOT LIKE 'completed%%' ORDER BY l.id DESC LIMIT 1), '') AS said
FROM tasks t WHERE t.user_id = app_user() AND t.id = %(run_id)s;

-- name: prefer
-- Set what the demonstration's user wants of genres and authors.
UPDATE users SET settings = settings || %(settings)s WHERE id = app_user();

-- name: refused
-- A wanted book for which no release was fit, by its title.
SELECT b.id FROM books b JOIN missing_books m ON m.user_id = b.user_id AND m.book_id = b.id
WHERE b.user_id = app_user() AND b.title = %(title)s AND m.download_status = 'refused' LIMIT 1;
