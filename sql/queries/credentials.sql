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
