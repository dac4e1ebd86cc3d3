-- name: mark_alive
-- writes: hold the sign of life of a worker for as long as this session lasts; false while an older
-- session of it still stands.
SELECT pg_try_advisory_lock(28786, (%(worker)s::bigint %% 2147483647)::integer) AS held;

-- name: heartbeat
-- The second sign of life, for peers that vanish without closing their connection.
UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker)s::bigint RETURNING id;

-- name: fetch
-- writes: take up to so many jobs for this worker; each call of the function takes one more.
SELECT j.id, j.status, j.task_name, j.priority, j.lock, j.queueing_lock, j.args, j.scheduled_at,
    j.queue_name, j.attempts, j.worker_id
FROM generate_series(1, %(limit)s::integer) AS g (n),
    LATERAL procrastinate_fetch_job_v2(
        CASE WHEN g.n > 0 THEN %(queues)s::varchar[] END, %(worker)s::bigint) AS j
WHERE j.id IS NOT NULL;

-- name: finish
-- writes: end those of these jobs that are still the worker's: one that was given to another
-- meanwhile is not ours to end.
SELECT procrastinate_finish_job_v1(j.id, x.status::procrastinate_job_status, x.gone), j.id
FROM ROWS FROM (unnest(%(jobs)s::bigint[]), unnest(%(workers)s::bigint[]),
    unnest(%(statuses)s::text[]), unnest(%(gone)s::boolean[])) AS x (job, worker, status, gone)
JOIN procrastinate_jobs AS j ON j.id = x.job AND j.worker_id = x.worker AND j.status = 'doing';

-- name: put_back
-- writes: let a job that is still this worker's run again, at a moment or at once.
SELECT procrastinate_retry_job_v2(id, %(at)s::timestamptz, NULL::integer, NULL::varchar, NULL::varchar)
    AS done
FROM procrastinate_jobs
WHERE id = %(job)s::bigint AND worker_id = %(worker)s::bigint AND status = 'doing';

-- name: doing
-- The jobs that are under way in the name of a worker.
SELECT id FROM procrastinate_jobs WHERE worker_id = %(worker)s::bigint AND status = 'doing';

-- name: rescue
-- writes: put back the jobs of workers that show no sign of life; not those of whoever asks, who
-- lives whatever it shows, and not in the first seconds of a server, in which the living have yet
-- to come back.
WITH alive AS MATERIALIZED (
    SELECT objid::bigint AS worker FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 28786 AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), orphans AS (
    SELECT job.id FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
        AND job.worker_id IS DISTINCT FROM coalesce(%(ours)s::bigint, 0)
        AND pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds'
        AND (worker.id IS NULL
            OR worker.last_heartbeat < now() - %(silent)s::double precision * interval '1 second'
            OR NOT EXISTS (SELECT FROM alive WHERE alive.worker = job.worker_id %% 2147483647))
    FOR UPDATE OF job SKIP LOCKED
)
SELECT procrastinate_retry_job_v2(id, NULL::timestamptz, NULL::integer, NULL::varchar, NULL::varchar),
    id FROM orphans;
