-- The Events page reads the newest lines of all runs of a user, and those that are not mere news.
CREATE INDEX task_log_by_time ON task_log (user_id, id);
CREATE INDEX task_log_troubles ON task_log (user_id, id) WHERE level <> 'info';
