-- name: ask
-- Ask the user; a question about the same subject that is still open is replaced.
INSERT INTO approvals (user_id, kind, subject, book_id, run_id, title, proposal, reason)
VALUES (app_user(), %(kind)s, %(subject)s, %(book_id)s, %(run_id)s, %(title)s, %(proposal)s, %(reason)s)
ON CONFLICT (user_id, kind, subject) WHERE status = 'open' DO UPDATE
    SET title = excluded.title, proposal = excluded.proposal, reason = excluded.reason,
        run_id = excluded.run_id;
