-- name: claim
-- writes: lease ready steps to this session; verdict is claimed, taken or over, one row per step.
SELECT id, verdict, user_id, run_id, workflow, stage, kind, key, event, attempts, seen
FROM claim_steps(%(steps)s::bigint[], %(leases)s::bigint[]);

-- name: claim_again
-- writes: take back, on a new connection, the leases that nobody else has taken meanwhile.
SELECT s.id, pg_try_advisory_lock(step_lock(s.id)) AS held
FROM steps AS s JOIN unnest(%(steps)s::bigint[], %(leases)s::bigint[]) AS x (id, lease)
    ON x.id = s.id AND x.lease = s.lease
WHERE s.status = 'ready';

-- name: release
-- writes: give leases free.
SELECT pg_advisory_unlock(step_lock(id)) AS released FROM unnest(%(steps)s::bigint[]) AS x (id);

-- name: ping
-- Whether the connection that holds the leases still lives.
SELECT 1 AS alive;

-- name: close
-- writes: what became of a step, with all that follows; answers lost, ended or open.
SELECT close_step(%(step)s::bigint, %(lease)s::bigint, %(seen)s::pg_snapshot, %(report)s::jsonb);

-- name: wake
-- writes: make the user's steps that wait for this topic ready, in this transaction.
SELECT wake_topics(%(user_id)s::bigint, ARRAY[%(topic)s::text]);

-- name: wake_many
-- writes: make the user's steps that wait for any of these topics ready, in this transaction.
SELECT wake_topics(%(user_id)s::bigint, %(topics)s::text[]);

-- name: sweep_due
-- writes: queue what waits or retries and is due; answers how many.
SELECT sweep_due(%(limit)s::integer);

-- name: sweep_lost
-- writes: queue ready steps again that have had no job for so many seconds; answers how many.
SELECT sweep_lost(%(seconds)s::double precision * interval '1 second', %(limit)s::integer);

-- name: sweep_topics
-- writes: forget old wakes; answers how many.
SELECT sweep_topics(%(limit)s::integer);
