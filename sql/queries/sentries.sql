-- name: enabled
-- Every user for whom something may be done.
SELECT id FROM users WHERE enabled ORDER BY id;

-- name: take
-- Take the posts of this name that are free, of these users, for this session; answers whose.
WITH wanted AS MATERIALIZED (SELECT unnest(%(users)s::bigint[]) AS id)
SELECT id FROM wanted
WHERE pg_try_advisory_lock(hashtextextended('sentry:' || %(name)s::text || ':' || id, 0));

-- name: leave
-- Give posts of this session free.
SELECT pg_advisory_unlock(hashtextextended('sentry:' || %(name)s::text || ':' || id, 0)) AS held
FROM unnest(%(users)s::bigint[]) AS u (id);
