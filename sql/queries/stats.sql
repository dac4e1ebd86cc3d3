-- name: library
-- How much there is of the current user's, counted along indexes.
SELECT (SELECT count(*) FROM books WHERE user_id = (SELECT app_user())
        AND abs_id IS NOT NULL AND NOT is_missing) AS books_owned,
    (SELECT count(*) FROM missing_books WHERE user_id = (SELECT app_user())
        AND download_status NOT IN ('imported', 'ignored')) AS books_missing,
    (SELECT count(*) FROM series WHERE user_id = (SELECT app_user())) AS series,
    (SELECT count(*) FROM authors WHERE user_id = (SELECT app_user())) AS authors,
    (SELECT count(*) FROM downloads WHERE user_id = (SELECT app_user())
        AND status IN ('queued', 'downloading')) AS downloads_active,
    (SELECT count(*) FROM approvals WHERE user_id = (SELECT app_user()) AND status = 'open')
        AS approvals_open;

-- name: queue
-- How many steps are ready, wait and retry, and how long the oldest ready one has been so, in seconds.
SELECT count(*) FILTER (WHERE s.status = 'ready') AS ready,
    count(*) FILTER (WHERE s.status = 'waiting') AS waiting,
    count(*) FILTER (WHERE s.status = 'retrying') AS retrying,
    coalesce(extract(epoch FROM now() - min(s.queued_at) FILTER (WHERE s.status = 'ready')), 0)::float8
        AS oldest_ready_seconds
FROM tasks AS t JOIN steps AS s ON s.user_id = t.user_id AND s.run_id = t.id
    AND s.status IN ('ready', 'waiting', 'retrying')
WHERE t.user_id = (SELECT app_user()) AND t.status IN ('scheduled', 'running');

-- name: workflows
-- Runs of the last thirty days by workflow, and how many of those that ended failed.
SELECT task_name AS name, count(*) AS total, count(*) FILTER (WHERE status = 'failed') AS failed,
    count(*) FILTER (WHERE status IN ('completed', 'failed')) AS ended, max(actual_end) AS last_end
FROM tasks WHERE user_id = (SELECT app_user()) AND scheduled_time > now() - interval '30 days'
GROUP BY task_name ORDER BY task_name;

-- name: sources
-- Downloads of the last thirty days by the source whose identity of the book found them.
SELECT source AS name, count(*) AS total,
    count(*) FILTER (WHERE status = 'failed' OR abs_import_status IN ('refused', 'failed')) AS failed,
    count(*) FILTER (WHERE status = 'failed' OR abs_import_status IN ('imported', 'refused', 'failed'))
        AS ended, max(last_attempt) AS last_end
FROM downloads WHERE user_id = (SELECT app_user()) AND created_at > now() - interval '30 days'
GROUP BY source ORDER BY source;

-- name: reasons
-- What failed in the last thirty days, by reason code: items, and attempts.
SELECT code, count(*) AS items, sum(attempt_count)::bigint AS attempts, max(last_attempt) AS last_attempt
FROM failed_attempts WHERE user_id = (SELECT app_user()) AND last_attempt > now() - interval '30 days'
GROUP BY code ORDER BY attempts DESC, code;

-- name: services
-- How each remote service has fared with the current user's account, or with everybody's.
SELECT split_part(name, ':', 1) AS name, failures, open_until, last_error, last_failure_at,
    last_success_at, open_until IS NOT NULL AND open_until > now() AS left_alone
FROM circuits WHERE is_own_account(name) ORDER BY name;

-- name: history
-- The newest runs.
SELECT id, task_name AS workflow, status, scheduled_time, actual_start, actual_end, error_message
FROM tasks WHERE user_id = (SELECT app_user()) ORDER BY scheduled_time DESC, id DESC LIMIT 20;

-- name: database
-- The server: version, and the moment on its clock.
SELECT current_setting('server_version') AS version, now() AS at;

-- name: runs_by_status
-- Runs by workflow and status, for metrics.
SELECT task_name AS workflow, status, count(*) AS runs FROM tasks
WHERE user_id = (SELECT app_user()) GROUP BY 1, 2 ORDER BY 1, 2;
