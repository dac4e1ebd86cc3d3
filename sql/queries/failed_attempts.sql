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
