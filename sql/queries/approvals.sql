-- name: ask
-- Ask the user; a question about the same subject that is still open is replaced.
INSERT INTO approvals (user_id, kind, subject, book_id, run_id, title, proposal, reason)
VALUES (app_user(), %(kind)s, %(subject)s, %(book_id)s, %(run_id)s, %(title)s, %(proposal)s, %(reason)s)
ON CONFLICT (user_id, kind, subject) WHERE status = 'open' DO UPDATE
    SET title = excluded.title, proposal = excluded.proposal, reason = excluded.reason,
        run_id = excluded.run_id;

-- name: by_id
-- One question, with its book's item where it has one.
SELECT a.*, b.abs_id FROM approvals a
LEFT JOIN books b ON b.user_id = a.user_id AND b.id = a.book_id
WHERE a.user_id = app_user() AND a.id = %(id)s;

-- name: decide
-- Write down a yes or no to a question that is still open; no row when it is not.
UPDATE approvals SET status = %(status)s, decided_at = now()
WHERE user_id = app_user() AND id = %(id)s AND status = 'open'
RETURNING id, kind, title, proposal;

-- name: listed
-- The questions of one status (all without one), the newest first, a page at a time.
SELECT id, kind, subject, book_id, run_id, title, proposal, reason, status, created_at, decided_at,
    count(*) OVER ()::int AS total
FROM approvals
WHERE user_id = app_user() AND (%(status)s::text IS NULL OR status = %(status)s::text)
ORDER BY created_at DESC, id DESC LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint;

-- name: ignore_gaps
-- The user does not want these books: they are never fetched for a gap again.
UPDATE missing_books SET download_status = 'ignored', reason = 'declined by the user'
WHERE user_id = app_user() AND book_id = ANY(%(books)s::bigint[])
    AND download_status NOT IN ('queued', 'downloading', 'imported');

-- name: answer_charts
-- Write the user's answer beside the books of charts that were asked about.
UPDATE chart_entries SET decision = %(decision)s, reason = %(reason)s
WHERE user_id = app_user() AND book_id = ANY(%(books)s::bigint[]) AND decision = 'asked';
