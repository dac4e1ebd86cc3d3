-- name: record
-- Keep one change of a field; the same change of one run is kept once.
INSERT INTO metadata_corrections (user_id, book_id, field, old_value, new_value, source, run_id)
VALUES (app_user(), %(book_id)s, %(field)s, %(old)s::jsonb, %(new)s::jsonb, %(source)s, %(run_id)s)
ON CONFLICT DO NOTHING;
