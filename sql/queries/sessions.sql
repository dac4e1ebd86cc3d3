-- name: put_address
-- Keep what recognises a new one-time address; the ones before it open nothing any more.
WITH former AS (
    DELETE FROM sign_in_addresses
    WHERE user_id = %(user_id)s::bigint OR expires_at <= now()
)
INSERT INTO sign_in_addresses (hash, user_id, expires_at)
VALUES (%(hash)s, %(user_id)s::bigint, now() + %(lasting)s::interval);

-- name: use_address
-- Use up a one-time address: of several who try it at once, one gets the row.
DELETE FROM sign_in_addresses AS a USING users AS u
WHERE a.hash = %(hash)s::bytea AND a.expires_at > now() AND u.id = a.user_id AND u.enabled
RETURNING a.user_id, u.is_admin;

-- name: open
-- Open a session; those that ended a while ago are swept out on the occasion.
WITH ended AS (
    DELETE FROM sessions WHERE user_id = %(user_id)s::bigint
        AND (expires_at < now() OR revoked_at < now() - interval '30 days')
)
INSERT INTO sessions (user_id, hash, scopes, key_id, browser, address, expires_at)
VALUES (%(user_id)s::bigint, %(hash)s, %(scopes)s::text[], %(key_id)s::text, %(browser)s, %(address)s,
    now() + %(lasting)s::interval)
RETURNING id;

-- name: recognise
-- The session of a cookie, if it is still open; `stale` when its use is worth writing down.
SELECT s.id, s.user_id, u.name AS user_name, u.is_admin, u.time_zone, s.scopes,
    s.last_seen_at < now() - interval '5 minutes' AS stale
FROM sessions AS s JOIN users AS u ON u.id = s.user_id AND u.enabled
LEFT JOIN api_keys AS k ON k.id = s.key_id
WHERE s.hash = %(hash)s::bytea AND s.revoked_at IS NULL AND s.expires_at > now()
    AND (s.key_id IS NULL
        OR k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()));

-- name: seen
-- Note that a session was used, and let it live on.
UPDATE sessions SET last_seen_at = now(), expires_at = now() + %(lasting)s::interval
WHERE id = %(id)s::bigint AND revoked_at IS NULL;

-- name: revoke
-- End a session of the user; no row for one that there is not, or is another user's.
UPDATE sessions SET revoked_at = coalesce(revoked_at, now())
WHERE id = %(id)s::bigint AND user_id = %(user_id)s::bigint RETURNING id;

-- name: revoke_others
-- End every session of the user but one.
UPDATE sessions SET revoked_at = now()
WHERE user_id = %(user_id)s::bigint AND id <> %(id)s::bigint AND revoked_at IS NULL;

-- name: open_ones
-- The browsers in which a user is signed in, the one used last first.
SELECT s.id, s.browser, s.address, s.created_at, s.last_seen_at, s.expires_at, s.scopes,
    k.name AS key_name
FROM sessions AS s LEFT JOIN api_keys AS k ON k.id = s.key_id
WHERE s.user_id = %(user_id)s::bigint AND s.revoked_at IS NULL AND s.expires_at > now()
    AND (s.key_id IS NULL
        OR k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()))
ORDER BY s.last_seen_at DESC, s.id DESC;
