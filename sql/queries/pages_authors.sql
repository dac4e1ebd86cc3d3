-- name: authors
-- Authors, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM authors WHERE user_id = (SELECT app_user())
        AND CASE %(status)s::text WHEN 'missing' THEN audiobooks_missing > 0
            WHEN 'unchecked' THEN last_completion_check IS NULL ELSE true END
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, name, total_audiobooks_found, audiobooks_owned, audiobooks_missing,
        last_completion_check, warning
    FROM matching
    ORDER BY CASE WHEN %(sort)s::text = 'missing' THEN audiobooks_missing END DESC NULLS LAST, name, id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: owned
-- How many owned books some authors have.
SELECT l.author_id AS id, count(*) AS books FROM book_authors AS l
JOIN books AS b ON b.user_id = l.user_id AND b.id = l.book_id
WHERE l.user_id = (SELECT app_user()) AND l.author_id = ANY (%(ids)s::bigint[])
    AND b.abs_id IS NOT NULL AND NOT b.is_missing
GROUP BY l.author_id;

-- name: one
-- One author.
SELECT id, name, total_audiobooks_found, audiobooks_owned, audiobooks_missing,
    last_completion_check, external_ids, warning
FROM authors WHERE user_id = (SELECT app_user()) AND id = %(id)s::bigint;

-- name: works
-- The works of some authors as last compared; a gap's state says how far it is on its way.
SELECT w.author_id AS holder_id, w.title, w.series, w.position, w.status, w.note, w.book_id,
    w.sources, m.reason, m.released_on, m.download_status,
    CASE WHEN w.status NOT IN ('missing', 'unreleased') THEN w.status
        ELSE CASE coalesce(m.download_status, w.status) WHEN 'imported' THEN 'owned'
            WHEN 'queued' THEN 'coming' WHEN 'downloading' THEN 'coming' WHEN 'failed' THEN 'refused'
            ELSE coalesce(m.download_status, w.status) END END AS state
FROM author_works AS w
LEFT JOIN missing_books AS m
    ON m.user_id = w.user_id AND m.author_id = w.author_id AND m.book_id = w.book_id
WHERE w.user_id = (SELECT app_user()) AND w.author_id = ANY (%(ids)s::bigint[])
ORDER BY w.author_id, w.place LIMIT %(most)s::bigint;
