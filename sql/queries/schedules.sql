-- name: introduce
-- Give every enabled user a schedule for each workflow that the clock starts by default.
INSERT INTO schedules (user_id, task_name, cron, time_zone)
SELECT u.id, w.name, w.cron, u.time_zone
FROM users AS u, unnest(%(names)s::text[], %(crons)s::text[]) AS w (name, cron)
WHERE u.enabled AND NOT EXISTS (
    SELECT FROM schedules AS s WHERE s.user_id = u.id AND s.task_name = w.name)
ON CONFLICT DO NOTHING;

-- name: follow_zones
-- Read the schedules of a user who moved in the new zone; their due times are worked out anew.
UPDATE schedules AS s SET time_zone = u.time_zone, next_run_at = NULL
FROM users AS u WHERE u.id = s.user_id AND NOT s.zone_is_set AND s.time_zone <> u.time_zone;

-- name: unplanned
-- Schedules whose next due time is to be worked out.
SELECT user_id, task_name, cron, time_zone, next_run_at FROM schedules
WHERE next_run_at IS NULL AND paused_at IS NULL AND task_name = ANY (%(names)s::text[])
ORDER BY user_id, task_name LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED;

-- name: claim
-- The schedule that has been due for longest, held until this transaction ends.
SELECT s.user_id, s.task_name, s.cron, s.time_zone, s.next_run_at
FROM schedules AS s JOIN users AS u ON u.id = s.user_id AND u.enabled
WHERE s.paused_at IS NULL AND s.next_run_at <= %(now)s::timestamptz
    AND s.task_name = ANY (%(names)s::text[])
ORDER BY s.next_run_at, s.user_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;

-- name: plan
-- Write the next due time, and the run that the last one started.
UPDATE schedules SET next_run_at = %(next_run_at)s::timestamptz,
    last_run_id = coalesce(%(run_id)s::bigint, last_run_id)
WHERE user_id = %(user_id)s::bigint AND task_name = %(task_name)s;

-- name: pause
-- Start this workflow by the clock no more.
UPDATE schedules SET paused_at = coalesce(paused_at, %(now)s::timestamptz), next_run_at = NULL
WHERE user_id = app_user() AND task_name = %(task_name)s;

-- name: resume
-- Start this workflow by the clock again; what was due meanwhile is not made up for.
UPDATE schedules SET paused_at = NULL, next_run_at = %(next_run_at)s::timestamptz
WHERE user_id = app_user() AND task_name = %(task_name)s;

-- name: set
-- Change when the clock starts a workflow; it stays paused when it is.
INSERT INTO schedules (user_id, task_name, cron, time_zone, zone_is_set, next_run_at)
VALUES (app_user(), %(task_name)s, %(cron)s, %(time_zone)s, %(zone_is_set)s,
    %(next_run_at)s::timestamptz)
ON CONFLICT (user_id, task_name) DO UPDATE SET cron = excluded.cron,
    time_zone = excluded.time_zone, zone_is_set = excluded.zone_is_set,
    next_run_at = CASE WHEN schedules.paused_at IS NULL THEN excluded.next_run_at END;

-- name: one
-- One schedule of the user, held until this transaction ends.
SELECT task_name, cron, time_zone, zone_is_set, next_run_at, paused_at, last_run_id FROM schedules
WHERE user_id = app_user() AND task_name = %(task_name)s FOR UPDATE;

-- name: overview
-- Every schedule of the user, in the order in which they are due.
SELECT task_name, cron, time_zone, zone_is_set, next_run_at, paused_at, last_run_id FROM schedules
WHERE user_id = app_user() ORDER BY next_run_at NULLS LAST, task_name;

-- name: zone_of_user
-- The zone in which a user lives.
SELECT time_zone FROM users WHERE id = app_user();

-- name: pause_unreadable
-- Take a schedule that cannot be read out of the way; its user sees that it is paused.
UPDATE schedules SET paused_at = %(now)s::timestamptz, next_run_at = NULL
WHERE user_id = %(user_id)s::bigint AND task_name = %(task_name)s;
