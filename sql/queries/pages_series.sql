-- name: series
-- Series of one status, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM series WHERE user_id = (SELECT app_user())
        AND (%(status)s::text IS NULL OR completion_status = %(status)s::text)
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, name, author, total_books, books_owned, books_missing, completion_status,
        last_completion_check, warning
    FROM matching
    ORDER BY CASE WHEN %(sort)s::text = 'missing' THEN books_missing END DESC NULLS LAST, name, id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: one
-- One series.
SELECT id, name, author, total_books, books_owned, books_missing, completion_status,
    last_completion_check, goodreads_id, warning
FROM series WHERE user_id = (SELECT app_user()) AND id = %(id)s::bigint;

-- name: works
-- The lists of some series as last compared; a gap's state says how far it is on its way.
SELECT w.series_id AS holder_id, w.position, w.title, w.kind, w.status, w.note, w.book_id,
    m.reason, m.released_on, m.download_status,
    CASE WHEN w.status NOT IN ('missing', 'unreleased') THEN w.status
        ELSE CASE coalesce(m.download_status, w.status) WHEN 'imported' THEN 'owned'
            WHEN 'queued' THEN 'coming' WHEN 'downloading' THEN 'coming' WHEN 'failed' THEN 'refused'
            ELSE coalesce(m.download_status, w.status) END END AS state
FROM series_works AS w
LEFT JOIN missing_books AS m
    ON m.user_id = w.user_id AND m.series_id = w.series_id AND m.book_id = w.book_id
WHERE w.user_id = (SELECT app_user()) AND w.series_id = ANY (%(ids)s::bigint[])
ORDER BY w.series_id, w.place LIMIT %(most)s::bigint;
