-- name: mark_alive
-- writes: hold the sign of life of a worker for as long as this session lasts; false while an older
-- session of it still stands.
SELECT pg_try_advisory_lock(28786, (%(worker)s::bigint %% 2147483647)::integer) AS held;

-- name: heartbeat
-- The second sign of life, for peers that vanish without closing their connection.
UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker)s::bigint RETURNING id;

-- name: finish
-- writes: end a job that is still this worker's; a job that was given to another is not ours to end.
SELECT procrastinate_finish_job_v1(id, %(status)s::procrastinate_job_status, %(delete)s::boolean) AS done
FROM procrastinate_jobs
WHERE id = %(job)s::bigint AND worker_id = %(worker)s::bigint AND status = 'doing';

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
-- writes: put back the jobs of workers that show no sign of life; not in the first seconds of a
-- server, in which the living have yet to come back.
WITH alive AS MATERIALIZED (
    SELECT objid::bigint AS worker FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 28786 AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), orphans AS (
    SELECT job.id FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
        AND pg_postmaster_start_time() < clock_timestamp() - interval '5 seconds'
        AND (worker.id IS NULL
            OR worker.last_heartbeat < now() - %(silent)s::double precision * interval '1 second'
            OR NOT EXISTS (SELECT FROM alive WHERE alive.worker = job.worker_id %% 2147483647))
    FOR UPDATE OF job SKIP LOCKED
)
SELECT procrastinate_retry_job_v2(id, NULL::timestamptz, NULL::integer, NULL::varchar, NULL::varchar),
    id FROM orphans;
