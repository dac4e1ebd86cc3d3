-- name: wishes
-- The genres that the user follows, as they wrote them: a list of {genre, mode}.
SELECT settings -> 'genres' AS genres FROM users WHERE id = app_user();

-- name: put
-- Make the chart of a genre and week, or find it.
INSERT INTO charts (user_id, genre, week, ranked_by)
VALUES (app_user(), %(genre)s, %(week)s, 'snatches')
ON CONFLICT (user_id, week, genre) DO UPDATE SET genre = excluded.genre
RETURNING id;

-- name: by_id
-- One chart.
SELECT id, genre, week, ranked_by, fetched_at FROM charts
WHERE user_id = app_user() AND id = %(id)s;

-- name: fill
-- Note how and when a chart was read; its entries follow.
UPDATE charts SET ranked_by = %(ranked_by)s, fetched_at = now()
WHERE user_id = app_user() AND id = %(id)s;

-- name: clear
-- Forget the entries that a chart had before.
DELETE FROM chart_entries WHERE user_id = app_user() AND chart_id = %(chart_id)s;

-- name: put_entry
-- Keep one place of a chart.
INSERT INTO chart_entries (user_id, chart_id, rank, title, authors, series, narrator, seeders,
    size_bytes, owned, decision, reason, guid, book_id)
VALUES (app_user(), %(chart_id)s, %(rank)s, %(title)s, %(authors)s, %(series)s, %(narrator)s,
    %(seeders)s, %(size)s, %(owned)s, %(decision)s, %(reason)s, %(guid)s, %(book_id)s);

-- name: declined
-- Which of these books the user has declined when a chart asked.
SELECT DISTINCT book_id FROM chart_entries
WHERE user_id = app_user() AND book_id = ANY(%(books)s::bigint[])
    AND reason = 'declined by the user';
