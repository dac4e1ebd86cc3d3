-- name: services
-- How each service fares with the user's account: circuit, pace, and what is left of today's budget.
SELECT s.service, coalesce(c.failures, 0) AS failures, c.open_until, c.last_error, c.last_failure_at,
    c.last_success_at, coalesce(c.open_until > now(), false) AS left_alone,
    extract(epoch FROM p.every)::float8 AS every_seconds, p.burst,
    greatest(0, extract(epoch FROM p.next_at - now()))::float8 AS busy_seconds,
    q.used, q.spent_until
FROM unnest(%(services)s::text[]) WITH ORDINALITY AS s (service, place)
LEFT JOIN LATERAL (
    SELECT * FROM circuits WHERE split_part(name, ':', 1) = s.service AND is_own_account(name)
    ORDER BY name DESC LIMIT 1
) AS c ON true
LEFT JOIN LATERAL (
    SELECT * FROM paces WHERE split_part(name, ':', 1) = s.service AND is_own_account(name)
    ORDER BY name DESC LIMIT 1
) AS p ON true
LEFT JOIN LATERAL (
    SELECT * FROM quotas WHERE split_part(name, ':', 1) = s.service AND is_own_account(name)
        AND day >= (now() - interval '1 day')::date
    ORDER BY day DESC LIMIT 1
) AS q ON true
ORDER BY s.place;

-- name: workers
-- How many workers have shown a sign of life lately.
SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute';

-- name: events
-- Lines of the logs of all runs, the newest first, from one line on backwards.
SELECT l.id, l.at, l.level, l.line, l.task_id AS run_id, t.task_name AS workflow
FROM task_log AS l JOIN tasks AS t ON t.user_id = l.user_id AND t.id = l.task_id
WHERE l.user_id = (SELECT app_user()) AND l.id < %(before)s::bigint
ORDER BY l.id DESC LIMIT %(limit)s::bigint;

-- name: troubles
-- Lines that are warnings or errors, the newest first, from one line on backwards.
SELECT l.id, l.at, l.level, l.line, l.task_id AS run_id, t.task_name AS workflow
FROM task_log AS l JOIN tasks AS t ON t.user_id = l.user_id AND t.id = l.task_id
WHERE l.user_id = (SELECT app_user()) AND l.id < %(before)s::bigint AND l.level <> 'info'
    AND (%(level)s::text IS NULL OR l.level = %(level)s::text)
ORDER BY l.id DESC LIMIT %(limit)s::bigint;

-- name: set_time_zone
-- Show times, and read schedules, in another zone.
UPDATE users SET time_zone = %(time_zone)s::text WHERE id = app_user();
