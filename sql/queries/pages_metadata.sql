-- name: spread
-- How many owned books there are in each tenth of completeness.
SELECT least(9, floor(c.percent / 10))::int AS tenth, sum(c.books)::bigint AS books
FROM (SELECT metadata_completeness AS percent, count(*) AS books FROM books
    WHERE user_id = (SELECT app_user()) AND abs_id IS NOT NULL AND NOT is_missing
    GROUP BY metadata_completeness) AS c
GROUP BY 1 ORDER BY 1;

-- name: approval
-- One question with the book that it is about, as the library shows it now.
SELECT a.id, a.kind, a.subject, a.book_id, a.run_id, a.title, a.proposal, a.reason, a.status,
    a.created_at, a.decided_at, b.title AS book, b.author, b.metadata
FROM approvals AS a LEFT JOIN books AS b ON b.user_id = a.user_id AND b.id = a.book_id
WHERE a.user_id = (SELECT app_user()) AND a.id = %(id)s::bigint;
