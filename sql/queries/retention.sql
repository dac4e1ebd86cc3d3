-- name: old_log_lines
-- Delete log lines of runs that ended long ago; so many at once.
DELETE FROM task_log WHERE user_id = app_user() AND (task_id, id) IN (
    SELECT l.task_id, l.id FROM tasks AS t JOIN task_log AS l ON l.user_id = t.user_id AND l.task_id = t.id
    WHERE t.user_id = app_user() AND t.status IN ('completed', 'failed', 'cancelled')
        AND t.actual_end < %(before)s::timestamptz
    LIMIT %(limit)s::bigint);

-- name: old_steps
-- Delete steps of runs that ended long ago; so many at once.
DELETE FROM steps WHERE user_id = app_user() AND id IN (
    SELECT s.id FROM tasks AS t JOIN steps AS s ON s.run_id = t.id AND s.user_id = t.user_id
    WHERE t.user_id = app_user() AND t.status IN ('completed', 'failed', 'cancelled')
        AND t.actual_end < %(before)s::timestamptz
    LIMIT %(limit)s::bigint);

-- name: old_runs
-- Delete runs that ended long ago, once their steps and lines are gone.
DELETE FROM tasks WHERE user_id = app_user() AND id IN (
    SELECT id FROM tasks AS t WHERE user_id = app_user()
        AND status IN ('completed', 'failed', 'cancelled') AND actual_end < %(before)s::timestamptz
        AND NOT EXISTS (SELECT FROM steps AS s WHERE s.run_id = t.id)
    ORDER BY id LIMIT %(limit)s::bigint);

-- name: settled_downloads
-- Infohashes of downloads that came to an end long ago, whatever the download client still owes.
SELECT DISTINCT infohash FROM downloads AS d WHERE user_id = app_user()
    AND greatest(created_at, completed_at, last_attempt) < %(before)s::timestamptz
    AND (status = 'failed' OR abs_import_status IN ('imported', 'refused', 'failed'))
ORDER BY infohash;

-- name: old_downloads
-- Delete downloads that came to an end long ago: none that a run under way still follows, none
-- whose torrent still owes the tracker something.
DELETE FROM downloads WHERE user_id = app_user() AND id IN (
    SELECT id FROM downloads AS d WHERE user_id = app_user()
        AND greatest(created_at, completed_at, last_attempt) < %(before)s::timestamptz
        AND (status = 'failed' OR abs_import_status IN ('imported', 'refused', 'failed'))
        AND NOT infohash = ANY (%(owed)s::text[])
        AND NOT EXISTS (SELECT FROM tasks AS t WHERE t.user_id = d.user_id AND t.id = d.run_id
            AND t.status IN ('scheduled', 'running'))
    ORDER BY id LIMIT %(limit)s::bigint);

-- name: old_corrections
-- Delete old corrections that explain nothing any more: undone ones, and those that a later one
-- replaced. The last writer of a field stays, and so does what a rollback has brought back to life.
DELETE FROM metadata_corrections WHERE user_id = app_user() AND id IN (
    SELECT c.id FROM metadata_corrections AS c WHERE c.user_id = app_user()
        AND c.correction_date < %(before)s::timestamptz
        AND (c.undone_at < %(before)s::timestamptz OR EXISTS (
            SELECT FROM metadata_corrections AS later
            WHERE later.user_id = c.user_id AND later.book_id = c.book_id AND later.field = c.field
                AND later.id > c.id AND later.undone_at IS NULL
                AND (c.undoes_id IS NOT NULL OR later.undoes_id IS NULL)))
        AND NOT EXISTS (SELECT FROM tasks AS t WHERE t.user_id = c.user_id AND t.id = c.run_id
            AND t.status IN ('scheduled', 'running'))
    ORDER BY c.id LIMIT %(limit)s::bigint);

-- name: old_decisions
-- Delete old judgements of releases, except the one by which a download that is kept was chosen, and
-- the one that a run is still to take by hand.
DELETE FROM release_decisions WHERE user_id = app_user() AND id IN (
    SELECT id FROM release_decisions AS r WHERE user_id = app_user()
        AND decided_at < %(before)s::timestamptz
        AND NOT EXISTS (SELECT FROM downloads AS d WHERE d.user_id = r.user_id
            AND d.book_id = r.book_id AND d.release_guid = r.guid)
        AND NOT EXISTS (SELECT FROM steps AS s WHERE s.user_id = r.user_id
            AND s.status IN ('ready', 'waiting', 'retrying') AND s.event ? 'release_id'
            AND (s.event ->> 'release_id')::bigint = r.id)
    ORDER BY id LIMIT %(limit)s::bigint);

-- name: old_approvals
-- Delete questions that were answered long ago.
DELETE FROM approvals WHERE user_id = app_user() AND id IN (
    SELECT id FROM approvals AS a WHERE user_id = app_user() AND status <> 'open'
        AND coalesce(decided_at, created_at) < %(before)s::timestamptz
    ORDER BY id LIMIT %(limit)s::bigint);

-- name: old_crawls
-- Delete what came of crawls long ago; the guides stay.
DELETE FROM crawls WHERE user_id = app_user() AND id IN (
    SELECT id FROM crawls WHERE user_id = app_user() AND ended_at < %(before)s::timestamptz
    ORDER BY id LIMIT %(limit)s::bigint);

-- name: old_jobs
-- Delete jobs of the queue that ended long ago.
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT j.id FROM procrastinate_jobs AS j
    WHERE j.status IN ('succeeded', 'failed', 'cancelled', 'aborted')
        AND NOT EXISTS (SELECT FROM procrastinate_events AS e
            WHERE e.job_id = j.id AND e.at >= %(before)s::timestamptz)
    ORDER BY j.id LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED);

-- name: expired_answers
-- Delete answers of catalogues that are not used any more.
DELETE FROM remote_cache WHERE (name, key) IN (
    SELECT name, key FROM remote_cache WHERE expires_at < %(now)s::timestamptz
    LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED);

-- name: old_quotas
-- Delete the accounts of days long past.
DELETE FROM quotas WHERE (name, day) IN (
    SELECT name, day FROM quotas WHERE day < (%(before)s::timestamptz)::date
        AND coalesce(spent_until, '-infinity') < %(now)s::timestamptz
    LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED);

-- name: old_topics
-- Delete wakes that no step in progress can have missed.
DELETE FROM topics WHERE (user_id, name) IN (
    SELECT user_id, name FROM topics WHERE woken_at < %(before)s::timestamptz
    LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED);

-- name: staged
-- What an import that is under way may have staged.
SELECT infohash || '-' || book_id AS key FROM downloads WHERE user_id = app_user()
    AND status <> 'failed' AND abs_import_status IN ('pending', 'importing');
