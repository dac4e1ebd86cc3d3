-- name: hold_batch
-- Let one book at a time ask for a place: what is counted next must not change meanwhile.
SELECT id FROM tasks WHERE user_id = app_user() AND id = %(run_id)s FOR UPDATE;

-- name: admit
-- Give a book of a run its place in the current batch; no row means that the batch is full.
-- A book keeps its place; a new batch begins when every place of the last one has settled. A book
-- whose step failed has no open step left and holds nobody up.
WITH place AS (
    SELECT batch FROM batch_places
    WHERE user_id = app_user() AND run_id = %(run_id)s AND book_id = %(book_id)s
), last AS (
    SELECT coalesce(max(batch), 1) AS batch FROM batch_places
    WHERE user_id = app_user() AND run_id = %(run_id)s
), fill AS (
    SELECT l.batch, count(p.*) AS taken,
        count(p.*) FILTER (WHERE p.settled_at IS NULL AND EXISTS (
            SELECT FROM steps s WHERE s.user_id = app_user() AND s.run_id = %(run_id)s
                AND s.status IN ('ready', 'waiting', 'retrying')
                AND (s.event ->> 'book_id')::bigint = p.book_id)) AS open
    FROM last l LEFT JOIN batch_places p
        ON p.user_id = app_user() AND p.run_id = %(run_id)s AND p.batch = l.batch
    GROUP BY l.batch
), next AS (
    SELECT CASE WHEN taken < %(size)s THEN batch WHEN open = 0 THEN batch + 1 END AS batch FROM fill
), taken AS (
    INSERT INTO batch_places (user_id, run_id, book_id, batch)
    SELECT app_user(), %(run_id)s, %(book_id)s, n.batch FROM next n
    WHERE n.batch IS NOT NULL AND NOT EXISTS (SELECT FROM place)
    RETURNING batch
)
SELECT batch FROM place UNION ALL SELECT batch FROM taken;

-- name: settle
-- Note that a book's download has come to its end; answers which runs' batches to wake.
UPDATE batch_places SET settled_at = now()
WHERE user_id = app_user() AND book_id = %(book_id)s AND settled_at IS NULL
RETURNING run_id;

-- name: give_back
-- Give back the place of a book for which no release was fit, so that another book gets it.
DELETE FROM batch_places
WHERE user_id = app_user() AND run_id = %(run_id)s AND book_id = %(book_id)s AND settled_at IS NULL;

-- name: open_for_book
-- The download of a book that is under way or arrived, if any.
SELECT * FROM downloads
WHERE user_id = app_user() AND book_id = %(book_id)s AND status <> 'failed'
    AND abs_import_status NOT IN ('imported', 'refused', 'failed')
ORDER BY id DESC LIMIT 1;

-- name: record
-- Remember a hand-over; saying it twice is fine.
INSERT INTO downloads (user_id, book_id, source, magnet_link, retry_count, run_id, infohash,
    release_guid, release_title, indexer, size_bytes, overruled)
VALUES (app_user(), %(book_id)s, %(source)s, %(magnet_link)s, %(retry_count)s, %(run_id)s,
    %(infohash)s, %(guid)s, %(title)s, %(indexer)s, %(size)s, %(overruled)s::text[])
ON CONFLICT (user_id, infohash, book_id) DO UPDATE
    SET last_attempt = now(), status = 'queued', abs_import_status = 'pending', reason = NULL,
        grew_at = now(), run_id = excluded.run_id, retry_count = excluded.retry_count,
        overruled = excluded.overruled, tracker_trouble = NULL, tracker_says = NULL, tracker_since = NULL
RETURNING id, book_id;

-- name: by_id
-- One download with its book.
SELECT * FROM downloads WHERE user_id = app_user() AND id = %(id)s;

-- name: books_of_torrent
-- Every book that one torrent is to fill, wanted or already imported.
SELECT d.id AS download_id, d.abs_import_status, d.overruled, b.* FROM downloads d
JOIN books b ON b.user_id = d.user_id AND b.id = d.book_id
WHERE d.user_id = app_user() AND d.infohash = %(infohash)s ORDER BY d.id;

-- name: others_of_torrent
-- Downloads that count on the same torrent as this one: a pack fills several books.
SELECT id FROM downloads WHERE user_id = app_user() AND infohash = %(infohash)s AND id <> %(id)s
    AND status <> 'failed';

-- name: watch
-- Keep what the client says of a torrent; `grew_at` moves only when bytes were added.
UPDATE downloads SET
    status = CASE WHEN %(done)s::boolean THEN 'completed'
        WHEN %(progress)s::real > 0 THEN 'downloading' ELSE status END,
    completed_at = CASE WHEN %(done)s::boolean THEN coalesce(completed_at, now()) END,
    progress = %(progress)s, state = %(state)s, speed = %(speed)s, eta_seconds = %(eta)s,
    content_path = coalesce(%(content_path)s, content_path),
    grew_at = CASE WHEN %(bytes)s::bigint > downloaded_bytes THEN now() ELSE grew_at END,
    downloaded_bytes = greatest(downloaded_bytes, %(bytes)s::bigint)
WHERE user_id = app_user() AND infohash = %(infohash)s AND status IN ('queued', 'downloading')
RETURNING id, book_id, status, grew_at, last_attempt;

-- name: object
-- Keep what its tracker has against a torrent, and since when it objects to that; after a trouble
-- of the account the patience begins anew.
UPDATE downloads SET tracker_says = %(says)s, tracker_trouble = %(trouble)s,
    tracker_since = CASE WHEN tracker_trouble = %(trouble)s THEN tracker_since ELSE now() END,
    grew_at = CASE WHEN tracker_trouble = 'account' AND %(trouble)s <> 'account' THEN now()
        ELSE grew_at END
WHERE user_id = app_user() AND infohash = %(infohash)s AND status IN ('queued', 'downloading')
RETURNING id, grew_at, tracker_trouble, tracker_says, tracker_since;

-- name: tracker_well
-- The tracker objects no more; after a trouble of the account the patience begins anew.
UPDATE downloads SET tracker_trouble = NULL, tracker_says = NULL, tracker_since = NULL,
    grew_at = CASE WHEN tracker_trouble = 'account' THEN now() ELSE grew_at END
WHERE user_id = app_user() AND infohash = %(infohash)s AND tracker_trouble IS NOT NULL
RETURNING id, grew_at, tracker_trouble, tracker_says, tracker_since;

-- name: account_refused
-- What a tracker said that refuses the account, with a download under way from this indexer.
SELECT tracker_says FROM downloads
WHERE user_id = app_user() AND tracker_trouble = 'account' AND status IN ('queued', 'downloading')
    AND (lower(indexer) = lower(%(indexer)s)
        OR %(of_mam)s::boolean AND indexer ILIKE '%%myanonamouse%%')
ORDER BY id DESC LIMIT 1;

-- name: give_up
-- A download has failed; the reason is kept.
UPDATE downloads SET status = 'failed', abs_import_status = 'failed', reason = %(reason)s
WHERE user_id = app_user() AND id = %(id)s;

-- name: refuse
-- What was downloaded is not what was wanted; it stays with the client and never nears the library.
UPDATE downloads SET status = 'completed', abs_import_status = 'refused', reason = %(reason)s
WHERE user_id = app_user() AND id = %(id)s;

-- name: importing
-- The files stand in the library and wait for Audiobookshelf to see them.
UPDATE downloads SET status = 'completed', completed_at = coalesce(completed_at, now()),
    progress = 1, abs_import_status = 'importing', imported_path = %(path)s
WHERE user_id = app_user() AND id = %(id)s
RETURNING id;

-- name: imported
-- Audiobookshelf shows the item: the download has done its work.
UPDATE downloads SET status = 'completed', abs_import_status = 'imported',
    imported_path = %(path)s, reason = NULL
WHERE user_id = app_user() AND id = %(id)s;

-- name: blocked
-- Releases that are not to be tried again for a book.
SELECT guid, infohash FROM blocklist WHERE user_id = app_user() AND book_id = %(book_id)s;

-- name: block
-- Never try this release again for this book.
INSERT INTO blocklist (user_id, book_id, guid, infohash, title, reason)
VALUES (app_user(), %(book_id)s, %(guid)s, %(infohash)s, %(title)s, %(reason)s)
ON CONFLICT (user_id, book_id, guid) DO UPDATE SET reason = excluded.reason;

-- name: unblock
-- Let every release be tried again for a book.
DELETE FROM blocklist WHERE user_id = app_user() AND book_id = %(book_id)s;

-- name: forget_decisions
-- Forget what was decided for a book earlier in the same run.
DELETE FROM release_decisions
WHERE user_id = app_user() AND book_id = %(book_id)s AND run_id = %(run_id)s;

-- name: decide
-- Keep one release that was looked at, and what was decided.
INSERT INTO release_decisions (user_id, book_id, run_id, guid, title, indexer, source, verdict,
    by_hand, refusals, ranking, score, size_bytes, seeders)
VALUES (app_user(), %(book_id)s, %(run_id)s, %(guid)s, %(title)s, %(indexer)s, %(source)s,
    %(verdict)s, %(by_hand)s, %(refusals)s::jsonb, %(ranking)s::jsonb, %(score)s, %(size)s, %(seeders)s);

-- name: decision
-- One release that was looked at.
SELECT id, book_id, guid, title FROM release_decisions
WHERE user_id = (SELECT app_user()) AND id = %(id)s::bigint;

-- name: block_on
-- The entry of the blocklist that keeps a release from being tried for a book, if any.
SELECT id, reason FROM blocklist
WHERE user_id = app_user() AND book_id = %(book_id)s AND guid = %(guid)s;

-- name: looked_after
-- Downloads of a book that a run looks after: it waits for them, or imports them.
SELECT d.release_guid AS guid, d.release_title AS title, s.run_id FROM steps s
JOIN downloads d ON d.user_id = s.user_id AND d.id = (s.event ->> 'download_id')::bigint
WHERE s.user_id = app_user() AND s.stage = 'import_files' AND d.book_id = %(book_id)s
    AND s.status IN ('ready', 'waiting', 'retrying') AND d.status <> 'failed'
ORDER BY d.id DESC LIMIT 1;

-- name: run_takes
-- Whether a run was asked to take this release by hand.
SELECT EXISTS (SELECT FROM steps s JOIN release_decisions r
    ON r.user_id = s.user_id AND r.id = (s.event ->> 'release_id')::bigint
    WHERE s.user_id = app_user() AND s.run_id = %(run_id)s AND s.kind = 'book_missing'
        AND r.guid = %(guid)s);

-- name: today
-- How many torrents were handed over since midnight, and how many are under way.
SELECT count(DISTINCT infohash) FILTER (WHERE created_at >= %(midnight)s) AS grabbed,
    count(DISTINCT infohash) FILTER (WHERE status IN ('queued', 'downloading')) AS active
FROM downloads WHERE user_id = app_user();
