-- What the listener knows: books that came into a library, how it hears of them, and who listens.

CREATE TABLE arrivals (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    abs_id text NOT NULL,
    path text NOT NULL DEFAULT '',
    title text NOT NULL DEFAULT '',
    added_at timestamptz,
    source text NOT NULL CHECK (source IN ('socket', 'listing', 'request')),
    heard_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    status text NOT NULL DEFAULT 'waiting'
        CHECK (status IN ('waiting', 'started', 'covered', 'known', 'gone')),
    reason text,
    run_id bigint,
    settled_at timestamptz,
    PRIMARY KEY (user_id, abs_id)
);
CREATE INDEX arrivals_waiting ON arrivals (user_id, heard_at) WHERE status = 'waiting';
CREATE INDEX arrivals_by_time ON arrivals (user_id, heard_at DESC);
COMMENT ON TABLE arrivals IS
    'Every item that came into a library, once however often it was announced, and what became of it.';
COMMENT ON COLUMN arrivals.user_id IS 'Whose library it is.';
COMMENT ON COLUMN arrivals.abs_id IS 'The item in Audiobookshelf; an item deleted and found again gets another.';
COMMENT ON COLUMN arrivals.path IS 'Its folder as the server sees it; empty when the sender did not say.';
COMMENT ON COLUMN arrivals.title IS 'Its title, for reading.';
COMMENT ON COLUMN arrivals.added_at IS 'When the server added it, by the server''s clock.';
COMMENT ON COLUMN arrivals.source IS 'How we heard of it: socket, listing (a look at the newest items) or request.';
COMMENT ON COLUMN arrivals.heard_at IS 'When we heard of it first.';
COMMENT ON COLUMN arrivals.status IS
    'waiting (for its files to settle), started (its run), covered (by another run), known (there'
    ' before we listened) or gone.';
COMMENT ON COLUMN arrivals.reason IS 'What it waits for, or why it has no run of its own, in words.';
COMMENT ON COLUMN arrivals.run_id IS 'The run that describes it.';
COMMENT ON COLUMN arrivals.settled_at IS 'When it stopped waiting.';

CREATE TABLE listeners (
    user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'connecting'
        CHECK (state IN ('off', 'connecting', 'listening', 'polling', 'refused')),
    message text NOT NULL DEFAULT '',
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    connected_at timestamptz,
    last_seen timestamptz,
    listed_at timestamptz,
    trouble text
);
COMMENT ON TABLE listeners IS 'How we hear of new items of each user''s library.';
COMMENT ON COLUMN listeners.user_id IS 'Whose library it is.';
COMMENT ON COLUMN listeners.state IS
    'off (no server set up), connecting, listening (socket), polling (no socket possible) or refused'
    ' (the socket does not accept our token; polling goes on).';
COMMENT ON COLUMN listeners.message IS 'The same in words, with what to do.';
COMMENT ON COLUMN listeners.since IS 'Since when state and message are so.';
COMMENT ON COLUMN listeners.connected_at IS 'When the socket was last signed in.';
COMMENT ON COLUMN listeners.last_seen IS
    'When the newest item that we know of was added, by the server''s clock; catching up starts there.';
COMMENT ON COLUMN listeners.listed_at IS 'When the newest items were last listed.';
COMMENT ON COLUMN listeners.trouble IS 'Why the last listing failed; NULL when it did not.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['arrivals', 'listeners'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I TO bookrunner_app '
            'USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()))', name);
        EXECUTE format('CREATE POLICY every_row ON %I TO bookrunner_system '
            'USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;

-- Whether an item that has just arrived is described by some run already: one look-up per arrival.
CREATE INDEX steps_describing ON steps (user_id, key) WHERE stage = 'fetch_metadata';
