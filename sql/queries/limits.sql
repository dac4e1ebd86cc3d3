-- name: take
-- Take the next slot of a pace (GCRA), or none when it is further away than the caller's patience.
-- Seconds until the slot, and for those sent away the seconds until they may come back: those are
-- spaced like the slots, so that a thousand parked steps do not return in one moment.
WITH locked AS MATERIALIZED (
    SELECT name, next_at, return_at FROM paces WHERE name = %(name)s FOR UPDATE
), clock AS MATERIALIZED (
    SELECT name, next_at, return_at, clock_timestamp() AS at FROM locked
), slot AS MATERIALIZED (
    SELECT name, next_at, at,
           greatest(next_at - %(every)s::interval * (%(burst)s::integer - 1), at) AS go_at,
           CASE WHEN next_at < at - 5 * %(every)s::interval THEN at ELSE return_at END AS return_at
    FROM clock
), judged AS MATERIALIZED (
    SELECT name, next_at, at, go_at, go_at - at <= %(patience)s::interval AS taken,
           greatest(return_at, go_at) AS return_at
    FROM slot
), written AS (
    UPDATE paces
    SET every = %(every)s::interval,
        burst = %(burst)s::integer,
        next_at = CASE WHEN judged.taken
            THEN greatest(judged.next_at, judged.at) + %(every)s::interval ELSE judged.next_at END,
        return_at = CASE WHEN judged.taken
            THEN judged.return_at ELSE judged.return_at + %(every)s::interval END
    FROM judged
    WHERE paces.name = judged.name
)
SELECT taken,
       extract(epoch FROM go_at - at)::float8 AS wait,
       extract(epoch FROM return_at - at)::float8 AS back
FROM judged;

-- name: introduce
-- Make the row of a pace before its first request.
INSERT INTO paces (name, every, burst)
VALUES (%(name)s, %(every)s::interval, %(burst)s::integer)
ON CONFLICT (name) DO NOTHING;

-- name: circuit
-- How a service has behaved: failures in a row, whether left alone and for how many seconds more.
-- `stale` when its last success is worth writing down again.
SELECT failures,
       open_until IS NOT NULL AS opened,
       greatest(0, extract(epoch FROM open_until - clock_timestamp()))::float8 AS wait,
       coalesce(last_error, '') AS last_error,
       last_success_at IS NULL OR last_success_at < clock_timestamp() - interval '1 minute' AS stale
FROM circuits
WHERE name = %(name)s;

-- name: circuits
-- Every service that was ever asked and how it fares, for health and pages.
SELECT name, failures, opened_at, open_until, last_error, last_failure_at, last_success_at
FROM circuits
ORDER BY name;

-- name: probe
-- Be the one who tries again after an open circuit's time; the others wait until it is known.
UPDATE circuits
SET probing = true, open_until = clock_timestamp() + %(lasting)s::interval
WHERE name = %(name)s AND open_until <= clock_timestamp()
RETURNING name;

-- name: fail
-- Count a failure; enough of them in a row open the circuit, each probe that fails doubles the time.
INSERT INTO circuits AS c (name, failures, last_error, last_failure_at)
VALUES (%(name)s, 1, %(error)s, clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET failures = c.failures + 1,
    probing = false,
    last_error = EXCLUDED.last_error,
    last_failure_at = EXCLUDED.last_failure_at,
    opened_at = CASE WHEN c.probing OR c.failures + 1 >= %(threshold)s::integer
        THEN coalesce(c.opened_at, clock_timestamp()) END,
    open_until = CASE WHEN c.probing OR c.failures + 1 >= %(threshold)s::integer
        THEN clock_timestamp() + least(%(longest)s::interval, %(shortest)s::interval
            * power(2, least(10, greatest(0, c.failures + 1 - %(threshold)s::integer)))) END
WHERE c.open_until IS NULL OR c.open_until <= clock_timestamp() OR c.probing;

-- name: succeed
-- Close the circuit, unless it was opened after this request had begun.
INSERT INTO circuits AS c (name, last_success_at)
VALUES (%(name)s, clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET failures = 0, probing = false, opened_at = NULL, open_until = NULL,
    last_success_at = EXCLUDED.last_success_at
WHERE c.open_until IS NULL OR c.open_until <= clock_timestamp() OR c.probing;

-- name: trip
-- Open the circuit at once because the service blocks us; twice as long when it did so a day ago.
INSERT INTO circuits AS c (name, trips, opened_at, open_until, tripped_until, last_error, last_failure_at)
VALUES (%(name)s, 1, clock_timestamp(), clock_timestamp() + %(lasting)s::interval,
        clock_timestamp() + %(lasting)s::interval, %(error)s, clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET trips = CASE WHEN c.tripped_until > clock_timestamp() - interval '1 day'
        THEN c.trips + 1 ELSE 1 END,
    probing = false,
    opened_at = coalesce(c.opened_at, clock_timestamp()),
    open_until = clock_timestamp() + least(%(longest)s::interval, %(lasting)s::interval
        * CASE WHEN c.tripped_until > clock_timestamp() - interval '1 day'
            THEN power(2, least(10, c.trips)) ELSE 1 END),
    tripped_until = clock_timestamp() + least(%(longest)s::interval, %(lasting)s::interval
        * CASE WHEN c.tripped_until > clock_timestamp() - interval '1 day'
            THEN power(2, least(10, c.trips)) ELSE 1 END),
    last_error = EXCLUDED.last_error,
    last_failure_at = EXCLUDED.last_failure_at
WHERE c.tripped_until IS NULL OR c.tripped_until <= clock_timestamp();

-- name: hold
-- Leave a service alone for as long as it asked, without calling that a failure.
INSERT INTO circuits AS c (name, opened_at, open_until, last_error, last_failure_at)
VALUES (%(name)s, clock_timestamp(), clock_timestamp() + %(lasting)s::interval, %(error)s,
        clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET probing = false,
    opened_at = coalesce(c.opened_at, EXCLUDED.opened_at),
    open_until = CASE WHEN c.probing
        THEN EXCLUDED.open_until ELSE greatest(c.open_until, EXCLUDED.open_until) END,
    last_error = EXCLUDED.last_error,
    last_failure_at = EXCLUDED.last_failure_at;

-- name: spend
-- Count requests against a day's budget; no row when they do not fit into it any more.
INSERT INTO quotas AS q (name, day, used)
VALUES (%(name)s, %(day)s::date, %(cost)s::integer)
ON CONFLICT (name, day) DO UPDATE
SET used = q.used + EXCLUDED.used
WHERE q.used + EXCLUDED.used <= %(limit)s::integer
  AND (q.spent_until IS NULL OR q.spent_until <= clock_timestamp())
RETURNING used;

-- name: declare_spent
-- The service itself said that the day's budget is gone.
INSERT INTO quotas AS q (name, day, spent_until)
VALUES (%(name)s, %(day)s::date, %(until)s::timestamptz)
ON CONFLICT (name, day) DO UPDATE
SET spent_until = EXCLUDED.spent_until;

-- name: used
-- How much of a day's budget is used.
SELECT used FROM quotas WHERE name = %(name)s AND day = %(day)s::date;

-- name: cached
-- An answer that was kept and is still fresh.
SELECT body FROM remote_cache
WHERE name = %(name)s AND key = %(key)s AND expires_at > clock_timestamp();

-- name: keep
-- Keep an answer; a newer one takes its place.
INSERT INTO remote_cache (name, key, body, fetched_at, expires_at)
VALUES (%(name)s, %(key)s, %(body)s::bytea, clock_timestamp(),
        clock_timestamp() + %(lasting)s::interval)
ON CONFLICT (name, key) DO UPDATE
SET body = EXCLUDED.body, fetched_at = EXCLUDED.fetched_at, expires_at = EXCLUDED.expires_at;

-- name: forget_expired
-- Delete answers that are too old to be used.
DELETE FROM remote_cache WHERE expires_at <= clock_timestamp();

-- name: lock
-- Wait for a lock that lasts as long as the connection; errs when lock_timeout has passed.
SELECT pg_advisory_lock(hashtextextended('exclusive:' || %(name)s::text, 0));

-- name: patience
-- How long this connection waits for a lock.
SELECT set_config('lock_timeout', %(milliseconds)s::text, false);

-- name: unlock
-- Give the lock back; false when this connection does not hold it.
SELECT pg_advisory_unlock(hashtextextended('exclusive:' || %(name)s::text, 0));
