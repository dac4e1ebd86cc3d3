-- name: books
-- Books of one state, a page at a time.
WITH matching AS NOT MATERIALIZED (
    SELECT * FROM books WHERE user_id = (SELECT app_user())
        AND CASE %(state)s::text WHEN 'owned' THEN abs_id IS NOT NULL AND NOT is_missing
            WHEN 'wanted' THEN abs_id IS NULL
            WHEN 'gone' THEN abs_id IS NOT NULL AND is_missing ELSE true END
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT id, title, author, series, abs_id, metadata_completeness, duration_seconds, size_bytes,
        coalesce(abs_added_at, date_added) AS added, abs_id IS NOT NULL AND NOT is_missing AS owned
    FROM matching
    ORDER BY CASE WHEN %(sort)s::text = 'title' THEN title END,
        CASE WHEN %(sort)s::text = 'newest' THEN abs_added_at END DESC NULLS LAST,
        CASE WHEN %(sort)s::text = 'least' THEN metadata_completeness END, id
    LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint
) AS page ON true;

-- name: book
-- One book with everything that its row says.
SELECT id, abs_id, title, author, series, isbn, asin, metadata_completeness, last_metadata_update,
    metadata_source, metadata, last_written, date_added, abs_added_at, path, duration_seconds,
    size_bytes, is_missing, identifiers, abs_id IS NOT NULL AND NOT is_missing AS owned
FROM books WHERE user_id = (SELECT app_user()) AND id = %(id)s::bigint;

-- name: places_of_book
-- The series and authors that a book belongs to.
SELECT 'series' AS kind, s.id, s.name, l.sequence FROM book_series AS l
JOIN series AS s ON s.user_id = l.user_id AND s.id = l.series_id
WHERE l.user_id = (SELECT app_user()) AND l.book_id = %(id)s::bigint
UNION
SELECT 'series', s.id, s.name, m.position FROM missing_books AS m
JOIN series AS s ON s.user_id = m.user_id AND s.id = m.series_id
WHERE m.user_id = (SELECT app_user()) AND m.book_id = %(id)s::bigint
UNION
SELECT 'author', a.id, a.name, NULL FROM book_authors AS l
JOIN authors AS a ON a.user_id = l.user_id AND a.id = l.author_id
WHERE l.user_id = (SELECT app_user()) AND l.book_id = %(id)s::bigint
ORDER BY 1, 3;

-- name: gaps_of_book
-- Why a book is wanted, and how far it is on its way.
SELECT download_status, reason, reason_missing, position, released_on, identified_date
FROM missing_books WHERE user_id = (SELECT app_user()) AND book_id = %(id)s::bigint ORDER BY id;

-- name: last_search_of_book
-- The newest run that looked for a book's releases, and where it stands.
SELECT t.id, t.task_name AS workflow, t.status, t.scheduled_time, t.actual_end, s.stage, s.reason
FROM tasks AS t LEFT JOIN LATERAL (
    SELECT stage, reason FROM steps
    WHERE user_id = t.user_id AND run_id = t.id ORDER BY id DESC LIMIT 1
) AS s ON true
WHERE t.user_id = (SELECT app_user()) AND t.task_name IN ('SEARCH', 'REDOWNLOAD')
    AND t.subject = (%(id)s::bigint)::text
ORDER BY t.id DESC LIMIT 1;
