-- name: owned
-- Authors of whom at least one book is owned, the longest unchecked first; with a series owned, too,
-- when only those are meant.
SELECT a.id, a.name FROM authors a
WHERE a.user_id = app_user() AND EXISTS (
    SELECT FROM book_authors l JOIN books b ON b.user_id = l.user_id AND b.id = l.book_id
    WHERE l.user_id = a.user_id AND l.author_id = a.id AND b.abs_id IS NOT NULL AND NOT b.is_missing
        AND (NOT %(in_series)s::boolean OR EXISTS (
            SELECT FROM book_series s WHERE s.user_id = b.user_id AND s.book_id = b.id)))
ORDER BY a.last_completion_check NULLS FIRST, a.id LIMIT %(limit)s::bigint;

-- name: by_id
-- One author.
SELECT id, name, external_ids FROM authors WHERE user_id = app_user() AND id = %(id)s;

-- name: best_known
-- Owned books of an author, by which a catalogue finds them.
SELECT b.title FROM book_authors l JOIN books b ON b.user_id = l.user_id AND b.id = l.book_id
WHERE l.user_id = app_user() AND l.author_id = %(author_id)s
    AND b.abs_id IS NOT NULL AND NOT b.is_missing ORDER BY b.id LIMIT 3;

-- name: books
-- The owned books of an author: what a list is compared with.
SELECT b.id, b.title, b.metadata, b.identifiers, b.isbn, b.asin
FROM book_authors l JOIN books b ON b.user_id = l.user_id AND b.id = l.book_id
WHERE l.user_id = app_user() AND l.author_id = %(author_id)s
    AND b.abs_id IS NOT NULL AND NOT b.is_missing ORDER BY b.id;

-- name: forget_works
-- Forget the list as it was compared before.
DELETE FROM author_works WHERE user_id = app_user() AND author_id = %(author_id)s;

-- name: put_work
-- Keep one work as it was compared.
INSERT INTO author_works
    (user_id, author_id, place, title, series, position, status, book_id, note, sources)
VALUES (app_user(), %(author_id)s, %(place)s, %(title)s, %(series)s, %(position)s, %(status)s,
    %(book_id)s, %(note)s, %(sources)s::text[]);

-- name: close_others
-- Drop the gaps of an author that are none any more.
DELETE FROM missing_books
WHERE user_id = app_user() AND author_id = %(author_id)s AND book_id <> ALL(%(books)s::bigint[])
    AND download_status NOT IN ('queued', 'downloading', 'imported', 'ignored');

-- name: compared
-- Keep the outcome of a comparison.
UPDATE authors SET external_ids = external_ids || %(external_ids)s,
    total_audiobooks_found = %(total)s, audiobooks_owned = %(owned)s,
    audiobooks_missing = %(missing)s, warning = %(warning)s, last_completion_check = now()
WHERE user_id = app_user() AND id = %(id)s;

-- name: wishes
-- What the user set for authors: scope, and the caps.
SELECT settings -> 'authors' AS authors FROM users WHERE id = app_user();

-- name: hold_run
-- Let one author of a run at a time pass books on: what is counted next must not change meanwhile.
SELECT id FROM tasks WHERE user_id = app_user() AND id = %(run_id)s FOR NO KEY UPDATE;

-- name: passed_on
-- How many books a run has passed on to the search for releases.
SELECT count(*)::int FROM steps
WHERE user_id = app_user() AND run_id = %(run_id)s AND stage = 'queue_download';
