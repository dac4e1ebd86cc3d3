-- name: make_first_user
-- Make the first user, once, however many processes start at the same time.
INSERT INTO users (name, is_admin, time_zone)
SELECT 'admin', true, %(time_zone)s WHERE NOT EXISTS (SELECT FROM users)
ON CONFLICT DO NOTHING RETURNING id;

-- name: first_user
-- The user of a single-user installation.
SELECT id FROM users ORDER BY id LIMIT 1;

-- name: enabled
-- Every user for whom work is done.
SELECT id, name, time_zone, settings FROM users WHERE enabled ORDER BY id;

-- name: put_key
-- Store what is needed to recognise a new key.
INSERT INTO api_keys (id, user_id, name, hash, scopes, expires_at)
VALUES (%(id)s, %(user_id)s, %(name)s, %(hash)s, %(scopes)s, %(expires_at)s);

-- name: key
-- A key with all that decides whether it opens; `stale` when its last use is worth writing down.
SELECT k.id, k.hash, k.scopes, k.user_id, u.name AS user_name, u.enabled, u.is_admin,
    k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AS valid,
    k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS stale
FROM api_keys AS k JOIN users AS u ON u.id = k.user_id WHERE k.id = %(id)s;

-- name: used_key
-- Note that a key was used, to the minute.
UPDATE api_keys SET last_used_at = now()
WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');

-- name: keys
-- Every key of a user, never what opens.
SELECT id, name, scopes, created_at, expires_at, revoked_at, last_used_at,
    revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS valid
FROM api_keys WHERE user_id = %(user_id)s::bigint ORDER BY created_at, id;

-- name: revoke_key
-- Refuse a key from now on; no row for a key that there is not, or is another user's.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
WHERE id = %(id)s AND user_id = %(user_id)s::bigint RETURNING id;

-- name: users
-- Every user, for an administrator.
SELECT u.id, u.name, u.enabled, u.is_admin, u.time_zone, u.created_at,
    (SELECT max(last_used_at) FROM api_keys AS k WHERE k.user_id = u.id) AS last_used_at
FROM users AS u ORDER BY u.id;

-- name: user_named
-- One user, by name.
SELECT id, name, enabled, is_admin FROM users WHERE name = %(name)s;

-- name: add_user
-- Add a user; no row when the name is taken.
INSERT INTO users (name, is_admin, time_zone) VALUES (%(name)s, %(is_admin)s, %(time_zone)s)
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: enable_user
-- Let a user in again, or refuse every key of theirs.
UPDATE users SET enabled = %(enabled)s WHERE id = %(id)s RETURNING id;

-- name: other_admin
-- Whether an administrator stays who can sign in; the rows are held, so that two cannot both leave.
WITH others AS (
    SELECT id FROM users WHERE is_admin AND enabled ORDER BY id FOR UPDATE
)
SELECT EXISTS (SELECT FROM others WHERE id <> %(id)s) AS stays;

-- name: delete_user
-- Delete a user and all that is theirs, except the permanent ledger of failures.
DELETE FROM users WHERE id = %(id)s RETURNING id;

-- name: export
-- Every row of the current user, table by table, without secrets.
SELECT relation, content FROM export_own_rows();

-- name: runs_of
-- The runs of a user that are under way.
SELECT id FROM tasks WHERE user_id = %(user_id)s::bigint AND status IN ('scheduled', 'running');

-- name: is_admin
-- Whether a user is an administrator who may sign in.
SELECT is_admin AND enabled AS is_admin FROM users WHERE id = %(id)s;

-- name: own_settings
-- What the user set for themselves.
SELECT settings FROM users WHERE id = app_user();
