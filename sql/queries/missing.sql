-- name: put
-- Write a gap, or refresh what is known of it; a book on its way stays on its way.
INSERT INTO missing_books (user_id, book_id, series_id, author_id, title, reason_missing,
    download_status, position, released_on, reason)
VALUES (app_user(), %(book_id)s, %(series_id)s, %(author_id)s, %(title)s, %(reason_missing)s,
    %(status)s, %(position)s, %(released_on)s, %(reason)s)
ON CONFLICT (user_id, book_id, series_id, author_id) DO UPDATE
    SET title = excluded.title, position = excluded.position, released_on = excluded.released_on,
        reason = excluded.reason,
        download_status = CASE
            WHEN missing_books.download_status IN ('queued', 'downloading', 'ignored')
            THEN missing_books.download_status ELSE excluded.download_status END
RETURNING download_status;

-- name: close_others
-- Drop the gaps of a series that are none any more.
DELETE FROM missing_books
WHERE user_id = app_user() AND series_id = %(series_id)s AND book_id <> ALL(%(books)s::bigint[])
    AND download_status NOT IN ('queued', 'downloading', 'imported', 'ignored');

-- name: mark
-- Say how far a wanted book is on its way.
UPDATE missing_books SET download_status = %(status)s, reason = %(reason)s
WHERE user_id = app_user() AND book_id = %(book_id)s AND download_status <> 'ignored';

-- name: want_again
-- A person wants the book, whatever was decided of it before.
UPDATE missing_books SET download_status = 'queued', reason = 'asked for again'
WHERE user_id = app_user() AND book_id = %(book_id)s AND download_status <> 'downloading';

-- name: still_wanted
-- Whether a book is wanted and not owned: a person may have added or ignored it meanwhile.
SELECT b.abs_id IS NULL OR b.is_missing AS wanted,
    coalesce(bool_and(m.download_status = 'ignored'), false) AS ignored
FROM books b LEFT JOIN missing_books m ON m.user_id = b.user_id AND m.book_id = b.id
WHERE b.user_id = app_user() AND b.id = %(book_id)s
GROUP BY b.abs_id, b.is_missing;

-- name: others_of_series
-- The other missing books of the same series: what a pack may fill besides.
SELECT DISTINCT b.* FROM missing_books m
JOIN missing_books o ON o.user_id = m.user_id AND o.series_id = m.series_id AND o.book_id <> m.book_id
JOIN books b ON b.user_id = o.user_id AND b.id = o.book_id
WHERE m.user_id = app_user() AND m.book_id = %(book_id)s AND b.abs_id IS NULL
    AND o.download_status IN ('missing', 'refused', 'failed', 'queued');
