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
