-- name: hear
-- Remember items that arrived; answers those that are news. What a first look took for old is news
-- when it is announced: it came while that look was taken.
INSERT INTO arrivals AS a (user_id, abs_id, path, title, added_at, source, status)
SELECT app_user(), abs_id, path, title, added_at, %(source)s::text, %(status)s::text
FROM jsonb_to_recordset(%(items)s::jsonb)
    AS i (abs_id text, path text, title text, added_at timestamptz)
ORDER BY abs_id
ON CONFLICT (user_id, abs_id) DO UPDATE
    SET status = excluded.status, source = excluded.source, heard_at = excluded.heard_at
    WHERE a.status = 'known' AND excluded.source <> 'listing'
RETURNING abs_id;

-- name: waiting
-- Items whose files have not settled yet, longest heard first.
SELECT abs_id, path, title, added_at, heard_at FROM arrivals
WHERE user_id = app_user() AND status = 'waiting' ORDER BY heard_at LIMIT %(limit)s::bigint;

-- name: describing
-- Which of these items some run describes or has described.
SELECT s.key AS abs_id, max(s.run_id) AS run_id FROM steps s
WHERE s.user_id = app_user() AND s.stage = 'fetch_metadata' AND s.key = ANY(%(items)s::text[])
    AND s.status <> 'cancelled'
GROUP BY s.key;

-- name: importing
-- Imports of ours that are bringing files into the library at this moment, or have and wait to see
-- them shown: any of them may be what an arriving item is.
SELECT s.id, CASE WHEN s.topic LIKE 'item:%%' THEN substr(s.topic, 6) END AS path
FROM steps s JOIN tasks t ON t.user_id = s.user_id AND t.id = s.run_id
WHERE s.user_id = app_user() AND t.status IN ('scheduled', 'running') AND s.stage = 'import_files'
    AND ((s.status IN ('ready', 'retrying') AND s.started_at IS NOT NULL)
        OR (s.status = 'waiting' AND s.topic LIKE 'item:%%'));

-- name: settle
-- Say what became of items that waited.
UPDATE arrivals SET status = %(status)s::text, reason = %(reason)s::text,
    run_id = coalesce(%(run_id)s::bigint, run_id), settled_at = clock_timestamp()
WHERE user_id = app_user() AND abs_id = ANY(%(items)s::text[]) AND status = 'waiting'
RETURNING abs_id;

-- name: delay
-- Say what an item waits for.
UPDATE arrivals SET reason = %(reason)s::text
WHERE user_id = app_user() AND abs_id = ANY(%(items)s::text[]) AND status = 'waiting'
    AND reason IS DISTINCT FROM %(reason)s::text;

-- name: health
-- How we hear of the user's new items.
SELECT * FROM listeners WHERE user_id = app_user();

-- name: say
-- Write how we hear of new items.
INSERT INTO listeners AS l (user_id, state, message, connected_at)
VALUES (app_user(), %(state)s::text, %(message)s::text,
    CASE WHEN %(state)s::text = 'listening' THEN clock_timestamp() END)
ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, message = excluded.message,
    since = CASE WHEN (l.state, l.message) = (excluded.state, excluded.message)
        THEN l.since ELSE clock_timestamp() END,
    connected_at = coalesce(excluded.connected_at, l.connected_at);

-- name: listed
-- Note a look at the newest items: how far it saw, or what went wrong.
INSERT INTO listeners AS l (user_id, last_seen, listed_at, trouble)
VALUES (app_user(), %(last_seen)s::timestamptz, clock_timestamp(), %(trouble)s::text)
ON CONFLICT (user_id) DO UPDATE SET trouble = excluded.trouble,
    last_seen = greatest(l.last_seen, excluded.last_seen),
    listed_at = CASE WHEN excluded.trouble IS NULL THEN excluded.listed_at ELSE l.listed_at END;
