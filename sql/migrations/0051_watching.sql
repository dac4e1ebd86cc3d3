-- What the watcher of downloads knows: its own health, and finished torrents that nobody had imported.

CREATE TABLE watchers (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('off', 'watching', 'down', 'refused')),
    message text NOT NULL DEFAULT '',
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_at timestamptz,
    torrents integer NOT NULL DEFAULT 0,
    open_downloads integer NOT NULL DEFAULT 0,
    free_bytes bigint
);
COMMENT ON TABLE watchers IS 'How the watch over each user''s download client goes.';
COMMENT ON COLUMN watchers.user_id IS 'Whose client it is.';
COMMENT ON COLUMN watchers.state IS 'off (no client set up), watching, down (no answer) or refused (sign-in).';
COMMENT ON COLUMN watchers.message IS 'The same in words, with what to do.';
COMMENT ON COLUMN watchers.since IS 'Since when state and message are so.';
COMMENT ON COLUMN watchers.asked_at IS 'When the client last answered, to ten seconds.';
COMMENT ON COLUMN watchers.torrents IS 'Torrents of our category in the client.';
COMMENT ON COLUMN watchers.open_downloads IS 'Downloads of ours that are not settled.';
COMMENT ON COLUMN watchers.free_bytes IS 'Bytes free on the disk of the client''s default folder.';

CREATE TABLE adoptions (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    infohash text NOT NULL,
    book_id bigint,
    name text NOT NULL,
    size_bytes bigint NOT NULL DEFAULT 0,
    verdict text NOT NULL CHECK (verdict IN ('adopted', 'unknown')),
    reason text NOT NULL,
    run_id bigint,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE NULLS NOT DISTINCT (user_id, infohash, book_id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE
);
COMMENT ON TABLE adoptions IS
    'Finished torrents of our category that nobody had imported: taken in once, or unknown to us and'
    ' left alone.';
COMMENT ON COLUMN adoptions.user_id IS 'Whose client holds it.';
COMMENT ON COLUMN adoptions.infohash IS 'Its infohash.';
COMMENT ON COLUMN adoptions.book_id IS 'The wanted book that it is taken for; NULL when unknown.';
COMMENT ON COLUMN adoptions.name IS 'Its name in the client.';
COMMENT ON COLUMN adoptions.size_bytes IS 'Size of its selected files.';
COMMENT ON COLUMN adoptions.verdict IS 'adopted, or unknown (listed, never touched).';
COMMENT ON COLUMN adoptions.reason IS 'Why, in words.';
COMMENT ON COLUMN adoptions.run_id IS 'The run that imports it.';
COMMENT ON COLUMN adoptions.decided_at IS 'When it was last judged.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['watchers', 'adoptions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I TO bookrunner_app '
            'USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()))', name);
        EXECUTE format('CREATE POLICY every_row ON %I TO bookrunner_system '
            'USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;

CREATE INDEX downloads_unsettled ON downloads (user_id, infohash)
    WHERE status IN ('queued', 'downloading') OR (status = 'completed' AND abs_import_status = 'pending');
