-- name: troubles
-- What the listener, the watcher of downloads and the trackers cannot do without the user.
SELECT 'New books are not announced' AS about, message, 'listener' AS what FROM listeners
WHERE user_id = (SELECT app_user()) AND state = 'refused'
UNION ALL
SELECT 'The download client cannot be watched', message, 'watcher' FROM watchers
WHERE user_id = (SELECT app_user()) AND state IN ('down', 'refused')
UNION ALL
SELECT DISTINCT 'A tracker refuses your account', tracker_says, 'tracker' FROM downloads
WHERE user_id = (SELECT app_user()) AND tracker_trouble = 'account'
    AND status IN ('queued', 'downloading');
