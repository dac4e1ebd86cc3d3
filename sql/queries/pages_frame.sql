-- name: frame
-- What stands around every page: who is signed in, their time zone, and what waits for them.
SELECT u.name, u.time_zone,
    (SELECT count(*) FROM approvals WHERE user_id = (SELECT app_user()) AND status = 'open')
        AS approvals,
    (SELECT count(*) FROM downloads WHERE user_id = (SELECT app_user())
        AND status IN ('queued', 'downloading')) AS downloads,
    (SELECT count(*) FROM tasks WHERE user_id = (SELECT app_user())
        AND status IN ('scheduled', 'running')) AS runs
FROM users AS u WHERE u.id = app_user();
