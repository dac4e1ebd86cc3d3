-- name: wanted
-- Wanted books, each once however many gaps it fills, a page at a time.
WITH hits AS (
    SELECT w.id FROM unnest(%(words)s::text[], %(bounds)s::text[]) WITH ORDINALITY AS q (word, upto, n)
    JOIN search_words AS w ON w.user_id = (SELECT app_user()) AND w.kind = 'book'
        AND w.word >= q.word AND w.word < q.upto
    GROUP BY w.id HAVING count(DISTINCT q.n) = cardinality(%(words)s::text[])
), matching AS MATERIALIZED (
    SELECT m.book_id, min(m.id) AS id, min(m.identified_date) AS identified_date
    FROM missing_books AS m
    WHERE m.user_id = (SELECT app_user())
        AND CASE %(state)s::text
            WHEN 'open' THEN m.download_status NOT IN ('imported', 'ignored', 'unreleased')
            WHEN 'coming' THEN m.download_status IN ('queued', 'downloading')
            ELSE m.download_status = %(state)s::text END
        AND (cardinality(%(words)s::text[]) = 0 OR m.book_id IN (SELECT id FROM hits))
    GROUP BY m.book_id
)
SELECT c.total, page.* FROM (SELECT count(*) AS total FROM matching) AS c
LEFT JOIN LATERAL (
    SELECT m.id, m.book_id, b.title, b.author, g.download_status, g.reason, g.reason_missing,
        g.released_on, g.position, m.identified_date, s.id AS series_id, s.name AS series,
        a.id AS author_id, a.name AS author_gap
    FROM (SELECT * FROM matching ORDER BY identified_date DESC, id DESC
        LIMIT %(limit)s::bigint OFFSET %(offset)s::bigint) AS m
    JOIN missing_books AS g ON g.user_id = (SELECT app_user()) AND g.id = m.id
    JOIN books AS b ON b.user_id = (SELECT app_user()) AND b.id = m.book_id
    LEFT JOIN series AS s ON s.user_id = (SELECT app_user()) AND s.id = g.series_id
    LEFT JOIN authors AS a ON a.user_id = (SELECT app_user()) AND a.id = g.author_id
    ORDER BY m.identified_date DESC, m.id DESC
) AS page ON true;

-- name: counts
-- How many wanted books there are of each status.
SELECT download_status AS status, count(DISTINCT book_id) AS books FROM missing_books
WHERE user_id = (SELECT app_user()) GROUP BY download_status;

-- name: refusals
-- What speaks against the releases that the newest search for some books found, most often first.
SELECT d.book_id, count(*) AS releases, count(*) FILTER (WHERE d.verdict <> 'refused') AS fit,
    jsonb_agg(d.refusals) AS refusals
FROM release_decisions AS d
WHERE d.user_id = (SELECT app_user()) AND d.book_id = ANY (%(books)s::bigint[])
    AND d.run_id IS NOT DISTINCT FROM (SELECT n.run_id FROM release_decisions AS n
        WHERE n.user_id = d.user_id AND n.book_id = d.book_id ORDER BY n.decided_at DESC LIMIT 1)
GROUP BY d.book_id;
