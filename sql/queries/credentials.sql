-- name: get
-- One encrypted value.
SELECT token FROM credentials
WHERE user_id = app_user() AND service = %(service)s AND field = %(field)s;

-- name: put
-- Keep an encrypted value.
INSERT INTO credentials (user_id, service, field, token)
VALUES (app_user(), %(service)s, %(field)s, %(token)s)
ON CONFLICT (user_id, service, field) DO UPDATE SET token = excluded.token, updated_at = now();

-- name: all
-- Every encrypted value of a user.
SELECT service, field, token FROM credentials WHERE user_id = app_user() ORDER BY service, field;

-- name: set
-- Which values a user has set, and when; not the values.
SELECT service, field, updated_at FROM credentials
WHERE user_id = app_user() AND field <> 'rotated' ORDER BY service, field;

-- name: version
-- Changes whenever a user sets or removes a value, or wishes something else; a session that a
-- service rotated is no change.
SELECT md5((SELECT settings::text FROM users WHERE id = app_user()) || coalesce(
    string_agg(service || field || updated_at, ' ' ORDER BY service, field), ''))
FROM credentials WHERE user_id = app_user() AND field <> 'rotated';

-- name: remove
-- Forget a value.
DELETE FROM credentials
WHERE user_id = app_user() AND service = %(service)s AND field = %(field)s RETURNING field;

-- name: next_to_rotate
-- The next values of all users in the order of their keys, from one on; each row is held until it
-- is written again, so that no newer value is lost.
SELECT user_id, service, field, token FROM credentials
WHERE (user_id, service, field) > (%(user_id)s::bigint, %(service)s::text, %(field)s::text)
ORDER BY user_id, service, field LIMIT %(limit)s::bigint FOR UPDATE;

-- name: rotated
-- Write a value under another key; for the user it is the same value, so its moment stays.
UPDATE credentials SET token = %(token)s
WHERE user_id = %(user_id)s AND service = %(service)s AND field = %(field)s;
