-- name: record
-- Keep one change of a field. A run that changes a field twice has changed it once: from what stood
-- there before the run to what stands there after it.
INSERT INTO metadata_corrections (user_id, book_id, field, old_value, new_value, source, run_id)
VALUES (app_user(), %(book_id)s, %(field)s, %(old)s::jsonb, %(new)s::jsonb, %(source)s, %(run_id)s)
ON CONFLICT (user_id, run_id, book_id, field) WHERE run_id IS NOT NULL AND undoes_id IS NULL
DO UPDATE SET new_value = excluded.new_value, source = excluded.source;

-- name: undo
-- Keep one change that takes an earlier one back, and mark that one as taken back.
WITH undone AS (
    UPDATE metadata_corrections SET undone_at = now()
    WHERE user_id = app_user() AND id = %(undoes)s AND undone_at IS NULL
    RETURNING id
)
INSERT INTO metadata_corrections
    (user_id, book_id, field, old_value, new_value, source, run_id, undoes_id)
SELECT app_user(), %(book_id)s, %(field)s, %(old)s::jsonb, %(new)s::jsonb, %(source)s, %(run_id)s, id
FROM undone;

-- name: of_book
-- The corrections of a book, the newest first: all, or those of one run, or of one field. What took
-- another one back counts only where its own run is meant.
SELECT id, field, old_value, new_value, source, undone_at IS NOT NULL AS undone
FROM metadata_corrections
WHERE user_id = app_user() AND book_id = %(book_id)s
    AND (run_id = %(run_id)s::bigint OR (%(run_id)s::bigint IS NULL AND undoes_id IS NULL))
    AND (%(field)s::text IS NULL OR field = %(field)s::text)
ORDER BY id DESC;

-- name: books_of_run
-- The books that a run corrected, with how many of its corrections still stand.
SELECT b.id, b.title, count(*)::int AS corrections
FROM metadata_corrections c JOIN books b ON b.user_id = c.user_id AND b.id = c.book_id
WHERE c.user_id = app_user() AND c.run_id = %(run_id)s AND c.undone_at IS NULL
GROUP BY b.id, b.title ORDER BY b.id;
