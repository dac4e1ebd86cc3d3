-- name: owned
-- Every series of which at least one book is owned, the longest unchecked first.
SELECT s.id, s.name, s.author FROM series s
WHERE s.user_id = app_user() AND EXISTS (
    SELECT FROM book_series l JOIN books b ON b.user_id = l.user_id AND b.id = l.book_id
    WHERE l.user_id = s.user_id AND l.series_id = s.id
        AND b.abs_id IS NOT NULL AND NOT b.is_missing)
ORDER BY s.last_completion_check NULLS FIRST, s.id;

-- name: by_id
-- One series.
SELECT id, name, author, goodreads_id FROM series WHERE user_id = app_user() AND id = %(id)s;

-- name: compared
-- Keep the outcome of a comparison.
UPDATE series SET goodreads_id = coalesce(%(goodreads_id)s, goodreads_id),
    total_books = %(total)s, books_owned = %(owned)s, books_missing = %(missing)s,
    completion_status = %(status)s, warning = %(warning)s, last_completion_check = now()
WHERE user_id = app_user() AND id = %(id)s;

-- name: forget_works
-- Forget the list as it was compared before.
DELETE FROM series_works WHERE user_id = app_user() AND series_id = %(series_id)s;

-- name: put_work
-- Keep one entry of the list as it was compared.
INSERT INTO series_works
    (user_id, series_id, place, position, title, kind, status, book_id, note, goodreads_work)
VALUES (app_user(), %(series_id)s, %(place)s, %(position)s, %(title)s, %(kind)s, %(status)s,
    %(book_id)s, %(note)s, %(goodreads_work)s);

-- name: of_book
-- Where a book stands or is missing: series, sequence, and the series' own spelling of its name.
SELECT s.id, s.name, l.sequence, 'library' AS origin
FROM book_series l JOIN series s ON s.user_id = l.user_id AND s.id = l.series_id
WHERE l.user_id = app_user() AND l.book_id = %(book_id)s
UNION ALL
SELECT s.id, s.name, coalesce(m.position, w.position), 'gap'
FROM missing_books m JOIN series s ON s.user_id = m.user_id AND s.id = m.series_id
LEFT JOIN series_works w
    ON w.user_id = m.user_id AND w.series_id = m.series_id AND w.book_id = m.book_id
    AND w.status IN ('owned', 'missing') AND w.kind IN ('primary', 'novella')
WHERE m.user_id = app_user() AND m.book_id = %(book_id)s
UNION ALL
SELECT s.id, s.name, w.position, 'list'
FROM series_works w JOIN series s ON s.user_id = w.user_id AND s.id = w.series_id
WHERE w.user_id = app_user() AND w.book_id = %(book_id)s
    AND w.status IN ('owned', 'missing') AND w.kind IN ('primary', 'novella')
    AND NOT EXISTS (SELECT FROM missing_books m
        WHERE m.user_id = w.user_id AND m.book_id = w.book_id AND m.series_id = w.series_id)
ORDER BY origin, id;

-- name: recount
-- Work out a book's series anew after the book came into the library.
WITH arrived AS (
    UPDATE series_works SET status = 'owned', note = 'in the library'
    WHERE user_id = app_user() AND book_id = %(book_id)s AND status = 'missing'
    RETURNING series_id
), counted AS (
    SELECT s.id,
        count(w.*) FILTER (WHERE w.status IN ('owned', 'covered') OR w.book_id = %(book_id)s) AS owned,
        count(w.*) FILTER (WHERE w.status = 'missing' AND w.book_id <> %(book_id)s) AS missing
    FROM series s
    JOIN series_works w ON w.user_id = s.user_id AND w.series_id = s.id
        AND w.status IN ('owned', 'covered', 'missing') AND w.kind IN ('primary', 'novella')
    WHERE s.user_id = app_user() AND s.id IN (
        SELECT series_id FROM book_series WHERE user_id = app_user() AND book_id = %(book_id)s
        UNION SELECT series_id FROM arrived)
    GROUP BY s.id
)
UPDATE series s SET books_owned = c.owned, books_missing = c.missing,
    total_books = c.owned + c.missing,
    completion_status = CASE WHEN c.missing = 0 THEN 'complete' ELSE 'incomplete' END
FROM counted c WHERE s.user_id = app_user() AND s.id = c.id;

-- name: unlisted
-- No source lists the series; it is asked for again next time.
UPDATE series SET completion_status = 'unlisted', last_completion_check = now()
WHERE user_id = app_user() AND id = %(id)s;

-- name: outcome
-- Each compared series with what became of its gaps.
SELECT s.name AS series, count(*) FILTER (WHERE w.status IN ('owned', 'covered'))::int AS owned,
    count(*) FILTER (WHERE m.download_status NOT IN ('unreleased', 'ignored'))::int AS missing,
    count(*) FILTER (WHERE m.download_status = 'unreleased')::int AS unreleased,
    count(*) FILTER (WHERE m.download_status = 'refused')::int AS refused,
    count(*) FILTER (WHERE EXISTS (SELECT FROM downloads d WHERE d.user_id = s.user_id
        AND d.book_id = m.book_id AND d.status = 'completed'))::int AS downloaded,
    count(*) FILTER (WHERE m.download_status = 'imported' AND b.abs_id IS NOT NULL)::int AS imported,
    count(*) FILTER (WHERE m.download_status = 'imported' AND EXISTS (SELECT FROM book_series l
        WHERE l.user_id = s.user_id AND l.book_id = m.book_id AND l.series_id = s.id))::int AS linked,
    count(*) FILTER (WHERE m.download_status IN ('missing', 'queued', 'downloading', 'failed'))::int
        AS stuck
FROM series s
JOIN series_works w ON w.user_id = s.user_id AND w.series_id = s.id
LEFT JOIN missing_books m
    ON m.user_id = s.user_id AND m.series_id = s.id AND m.book_id = w.book_id
LEFT JOIN books b ON b.user_id = s.user_id AND b.id = m.book_id
WHERE s.user_id = app_user() GROUP BY s.id, s.name ORDER BY s.name;
