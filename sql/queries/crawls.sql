-- name: lease
-- The token under which a step is worked on, to notice later that it no longer is.
SELECT lease FROM steps WHERE user_id = app_user() AND id = %(step)s::bigint AND status = 'ready';

-- name: note
-- Write lines [level, line] of a run at once, for those who watch.
-- writes: into task_log
SELECT note_lines(app_user(), %(run_id)s::bigint, %(lines)s::jsonb);

-- name: record
-- Keep what came of a crawl.
INSERT INTO crawls (user_id, run_id, script, sha256, started_at, ended_at, exit_code, verdict, reason,
    new_guides, failed_guides)
VALUES (app_user(), %(run_id)s, %(script)s, %(sha256)s, %(started_at)s, %(ended_at)s, %(exit_code)s,
    %(verdict)s, %(reason)s, %(new)s, %(failed)s)
RETURNING id;

-- name: indexed
-- Which files are in the index, and as of when.
SELECT path, max(modified_at) AS modified_at FROM guides WHERE user_id = app_user() GROUP BY path;

-- name: index
-- Put guides into the index, or bring them up to date; answers how many were not there before.
WITH put AS (
    INSERT INTO guides (user_id, url, title, category, description, path, crawled_at, modified_at)
    SELECT app_user(), g.url, g.title, g.category, g.description, g.path, g.crawled_at, g.modified_at
    FROM jsonb_to_recordset(%(guides)s::jsonb) AS g (url text, title text, category text,
        description text, path text, crawled_at timestamptz, modified_at timestamptz)
    ON CONFLICT (user_id, url) DO UPDATE SET title = excluded.title, category = excluded.category,
        description = excluded.description, path = excluded.path,
        crawled_at = excluded.crawled_at, modified_at = excluded.modified_at, indexed_at = now()
    RETURNING xmax = 0 AS fresh
)
SELECT count(*) FILTER (WHERE fresh) AS fresh FROM put;

-- name: guides
-- The guides of the user, a page at a time, by title.
SELECT url, title, category, description, path, crawled_at FROM guides
WHERE user_id = app_user() ORDER BY title, url
LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint;

-- name: recent
-- The crawls of late, newest first.
SELECT run_id, script, sha256, started_at, ended_at, exit_code, verdict, reason, new_guides,
    failed_guides
FROM crawls WHERE user_id = app_user() ORDER BY started_at DESC LIMIT %(limit)s::bigint;
