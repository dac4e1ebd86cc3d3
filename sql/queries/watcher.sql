-- name: unsettled
-- Downloads that have not come to an end, or arrived and wait for their import.
SELECT id, book_id, infohash, status, state, grew_at, last_attempt, tracker_trouble FROM downloads
WHERE user_id = app_user() AND (status IN ('queued', 'downloading')
    OR (status = 'completed' AND abs_import_status = 'pending'))
ORDER BY id;

-- name: keep
-- Keep what one poll of the client says of all torrents; `grew_at` moves only when bytes were added.
UPDATE downloads d SET
    status = CASE WHEN t.done THEN 'completed' WHEN t.progress > 0 THEN 'downloading' ELSE d.status END,
    completed_at = CASE WHEN t.done THEN coalesce(d.completed_at, now()) END,
    progress = t.progress, state = t.state, speed = t.speed, eta_seconds = t.eta,
    content_path = coalesce(t.content_path, d.content_path),
    grew_at = CASE WHEN t.bytes > d.downloaded_bytes THEN now() ELSE d.grew_at END,
    downloaded_bytes = greatest(d.downloaded_bytes, t.bytes)
FROM jsonb_to_recordset(%(torrents)s::jsonb) AS t (infohash text, done boolean, progress real,
    bytes bigint, state text, speed bigint, eta bigint, content_path text)
WHERE d.user_id = app_user() AND d.infohash = t.infohash AND d.status IN ('queued', 'downloading')
RETURNING d.id, d.status, d.grew_at;

-- name: say
-- Write how the watch goes; the numbers stay when none are given.
INSERT INTO watchers AS w (user_id, state, message, asked_at, torrents, open_downloads, free_bytes)
VALUES (app_user(), %(state)s::text, %(message)s::text,
    CASE WHEN %(torrents)s::integer IS NOT NULL THEN clock_timestamp() END,
    coalesce(%(torrents)s::integer, 0), coalesce(%(open)s::integer, 0), %(free)s::bigint)
ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, message = excluded.message,
    since = CASE WHEN (w.state, w.message) = (excluded.state, excluded.message)
        THEN w.since ELSE clock_timestamp() END,
    asked_at = coalesce(excluded.asked_at, w.asked_at),
    torrents = coalesce(%(torrents)s::integer, w.torrents),
    open_downloads = coalesce(%(open)s::integer, w.open_downloads),
    free_bytes = coalesce(excluded.free_bytes, w.free_bytes);

-- name: health
-- How the watch over the user's client goes.
SELECT * FROM watchers WHERE user_id = app_user();

-- name: standing
-- What we know of torrents: each download of theirs, and whether a step of a run looks after it.
SELECT d.infohash, d.id, d.book_id, b.title, d.status, d.abs_import_status, d.retry_count,
    b.abs_id IS NOT NULL AND NOT b.is_missing AS owned,
    EXISTS (SELECT FROM steps s WHERE s.user_id = d.user_id
        AND s.status IN ('ready', 'waiting', 'retrying')
        AND s.stage IN ('queue_download', 'import_files')
        AND (s.event ->> 'book_id')::bigint = d.book_id) AS looked_after,
    EXISTS (SELECT FROM adoptions a WHERE a.user_id = d.user_id AND a.infohash = d.infohash
        AND a.book_id = d.book_id) AS adopted
FROM downloads d JOIN books b ON b.user_id = d.user_id AND b.id = d.book_id
WHERE d.user_id = app_user() AND d.infohash = ANY(%(infohashes)s::text[]) ORDER BY d.id;

-- name: wanted
-- The wanted books, as a torrent that nobody knows is compared with them.
SELECT b.* FROM books b
WHERE b.user_id = app_user() AND (b.abs_id IS NULL OR b.is_missing)
    AND NOT EXISTS (SELECT FROM missing_books m WHERE m.user_id = b.user_id AND m.book_id = b.id
        AND m.download_status = 'ignored')
ORDER BY b.id;

-- name: adopted_before
-- Which of these torrents were judged before, and for which book.
SELECT infohash, book_id, verdict FROM adoptions
WHERE user_id = app_user() AND infohash = ANY(%(infohashes)s::text[]);

-- name: adopt
-- Give a finished torrent that the client holds for a wanted book the download row that it lacks.
INSERT INTO downloads (user_id, book_id, source, magnet_link, status, run_id, infohash, release_guid,
    release_title, size_bytes, progress, downloaded_bytes, completed_at)
VALUES (app_user(), %(book_id)s, 'MAM', %(magnet_link)s, 'completed', NULL, %(infohash)s,
    'adopted:' || %(infohash)s::text, %(title)s, %(size)s, 1, %(size)s, now())
ON CONFLICT (user_id, infohash, book_id) DO NOTHING;

-- name: judge
-- Keep what was decided about a finished torrent that nobody had imported.
INSERT INTO adoptions (user_id, infohash, book_id, name, size_bytes, verdict, reason, run_id)
VALUES (app_user(), %(infohash)s, %(book_id)s::bigint, %(name)s, %(size)s, %(verdict)s, %(reason)s,
    %(run_id)s::bigint)
ON CONFLICT (user_id, infohash, book_id) DO UPDATE SET verdict = excluded.verdict,
    reason = excluded.reason, run_id = excluded.run_id, decided_at = excluded.decided_at,
    name = excluded.name, size_bytes = excluded.size_bytes;

-- name: known_now
-- Forget that a torrent was unknown: it has found its book, or has gone from the client.
DELETE FROM adoptions
WHERE user_id = app_user() AND verdict = 'unknown' AND infohash = ANY(%(infohashes)s::text[]);

-- name: unknown
-- Finished torrents of our category that are none of ours as far as we can tell.
SELECT infohash, name, size_bytes, reason, decided_at FROM adoptions
WHERE user_id = app_user() AND verdict = 'unknown' ORDER BY name;
