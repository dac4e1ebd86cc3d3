-- name: of_item
-- What has failed for one item of a workflow, newest first.
SELECT id, task_name, stage, item_id, code, reason, first_attempt, last_attempt, attempt_count
FROM failed_attempts
WHERE user_id = %(user_id)s::bigint AND task_name = %(task_name)s::text AND item_id = %(item_id)s::text
ORDER BY last_attempt DESC;

-- name: page
-- The ledger, newest first, a page at a time.
SELECT id, task_name, stage, item_id, code, reason, first_attempt, last_attempt, attempt_count,
    count(*) OVER () AS total
FROM failed_attempts WHERE user_id = %(user_id)s::bigint
ORDER BY last_attempt DESC, id DESC LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint;

-- name: note
-- Write down what failed without failing its step: a source that could not answer.
INSERT INTO failed_attempts (user_id, task_name, stage, item_id, code, reason, attempt_count)
VALUES (app_user(), %(task_name)s, %(stage)s, %(item_id)s, %(code)s, %(reason)s, %(attempts)s)
ON CONFLICT (user_id, task_name, stage, item_id, code) DO UPDATE
    SET reason = excluded.reason, last_attempt = now(),
        attempt_count = failed_attempts.attempt_count + excluded.attempt_count;
