-- name: troubles
-- What the listener and the watcher of downloads cannot do without the user.
SELECT 'New books are not announced' AS about, message FROM listeners
WHERE user_id = (SELECT app_user()) AND state = 'refused'
UNION ALL
SELECT 'The download client cannot be watched', message FROM watchers
WHERE user_id = (SELECT app_user()) AND state IN ('down', 'refused');
