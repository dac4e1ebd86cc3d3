-- name: claim
-- writes: lease ready steps to this session, one row per step with the verdict claimed, taken or
-- over; and give leases free that nobody wants any more.
SELECT id, verdict, user_id, run_id, workflow, stage, kind, key, event, attempts, seen
FROM claim_steps(%(steps)s::bigint[], %(leases)s::bigint[], %(unwanted)s::bigint[]);

-- name: claim_again
-- writes: take back, on a new connection, the leases that nobody else has taken meanwhile.
SELECT s.id, pg_try_advisory_lock(step_lock(s.id)) AS held
FROM steps AS s JOIN unnest(%(steps)s::bigint[], %(leases)s::bigint[]) AS x (id, lease)
    ON x.id = s.id AND x.lease = s.lease
WHERE s.status = 'ready';

-- name: ping
-- Whether the connection that holds the leases still lives.
SELECT 1 AS alive;

-- name: close
-- writes: what became of a step, with all that follows; answers lost, ended or open.
SELECT close_step(%(step)s::bigint, %(lease)s::bigint, %(seen)s::pg_snapshot, %(report)s::jsonb) AS fate;

-- name: close_many
-- writes: what became of several steps; answers lost, ended or open for each, in their order.
SELECT close_step(c.step, c.lease, c.seen::pg_snapshot, c.report) AS fate
FROM ROWS FROM (unnest(%(steps)s::bigint[]), unnest(%(leases)s::bigint[]), unnest(%(seen)s::text[]),
    unnest(%(reports)s::jsonb[])) WITH ORDINALITY AS c (step, lease, seen, report, n)
ORDER BY c.n;

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

-- name: counts
-- How many steps of a run stand where.
SELECT stage, status, count(*)::int AS steps FROM steps
WHERE user_id = app_user() AND run_id = %(run_id)s GROUP BY stage, status;

-- name: waiting_reasons
-- What open steps wait for, most first.
SELECT stage, coalesce(reason, status) AS reason, count(*)::int AS steps FROM steps
WHERE user_id = app_user() AND status IN ('waiting', 'retrying')
GROUP BY 1, 2 ORDER BY steps DESC LIMIT %(limit)s::bigint;

-- name: listen
-- Hear, on this connection, which runs move: a JSON object with `user` and `run` each time.
LISTEN bookrunner_events;
