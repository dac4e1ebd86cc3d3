-- name: start
-- writes: start a run, or find the one under way; no row for a user who is unknown or disabled.
SELECT id, created FROM start_run(%(user_id)s::bigint, %(workflow)s::text, %(subject)s::text,
    %(started_by)s::text, %(scheduled_time)s::timestamptz, %(stage)s::text, %(kind)s::text,
    %(key)s::text, %(event)s::jsonb);

-- name: close
-- writes: end a run of which no step is open; its status, or NULL when there was nothing to end.
SELECT close_run(%(run_id)s::bigint);

-- name: close_many
-- writes: end those of these runs of which no step is open.
SELECT t.id, t.user_id, t.task_name AS workflow, close_run(t.id) AS status
FROM tasks AS t WHERE t.id = ANY (%(runs)s::bigint[]) ORDER BY t.id;

-- name: cancel
-- writes: cancel a run and its open steps; false when it is not under way.
SELECT cancel_run(%(user_id)s::bigint, %(run_id)s::bigint);

-- name: left_open
-- Runs that are under way though no step of them is open: their worker died before it could end them.
SELECT t.user_id, t.id FROM tasks AS t WHERE t.status IN ('scheduled', 'running')
    AND NOT EXISTS (SELECT FROM steps AS s WHERE s.run_id = t.id
        AND s.status IN ('ready', 'waiting', 'retrying'))
ORDER BY t.id LIMIT %(limit)s::bigint;

-- name: progress
-- How many steps of a run stand where: stage, status, count, in the order the stages were reached.
SELECT stage, status, count(*) AS steps, min(id) AS first_step FROM steps
WHERE user_id = %(user_id)s::bigint AND run_id = %(run_id)s::bigint
GROUP BY stage, status ORDER BY min(min(id)) OVER (PARTITION BY stage), status;

-- name: overview
-- One run, as its picture needs it.
SELECT id, task_name, status, scheduled_time, actual_start, actual_end, error_message, counts
FROM tasks WHERE user_id = app_user() AND id = %(id)s;

-- name: recent
-- The runs of late, newest first.
SELECT id, task_name, status, scheduled_time, actual_end, error_message FROM tasks
WHERE user_id = app_user() ORDER BY scheduled_time DESC, id DESC LIMIT %(limit)s::bigint;
