-- What the user's crawler did, and the guides that it has written.

CREATE TABLE crawls (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    run_id bigint NOT NULL,
    script text NOT NULL,
    sha256 text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    exit_code integer,
    verdict text NOT NULL CHECK (verdict IN ('completed', 'nothing new', 'failed', 'unknown')),
    reason text NOT NULL,
    new_guides integer NOT NULL DEFAULT 0,
    failed_guides integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX crawls_by_time ON crawls (user_id, started_at DESC);
COMMENT ON TABLE crawls IS 'Every time the user''s crawler ran, and what the evidence says came of it.';
COMMENT ON COLUMN crawls.id IS 'Identity.';
COMMENT ON COLUMN crawls.user_id IS 'Whose crawler it was.';
COMMENT ON COLUMN crawls.run_id IS 'The run of MAM.';
COMMENT ON COLUMN crawls.script IS 'Name of the script''s file.';
COMMENT ON COLUMN crawls.sha256 IS 'Checksum of the script as it ran: proof that nobody changed it.';
COMMENT ON COLUMN crawls.started_at IS 'When it was started.';
COMMENT ON COLUMN crawls.ended_at IS 'When it had ended.';
COMMENT ON COLUMN crawls.exit_code IS 'Its exit code, negative for a signal; NULL when we ended it.';
COMMENT ON COLUMN crawls.verdict IS 'completed, nothing new, failed or unknown.';
COMMENT ON COLUMN crawls.reason IS 'Why, in words.';
COMMENT ON COLUMN crawls.new_guides IS 'Guides that it had not read before.';
COMMENT ON COLUMN crawls.failed_guides IS 'Guides that it could not read.';

CREATE TABLE guides (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    url text NOT NULL CHECK (url <> ''),
    title text NOT NULL,
    category text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    path text NOT NULL,
    crawled_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    indexed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, url)
);
CREATE INDEX guides_by_title ON guides (user_id, title, url);
COMMENT ON TABLE guides IS 'The guides that the user''s crawler has written, by the address in their head.';
COMMENT ON COLUMN guides.user_id IS 'Whose guide it is.';
COMMENT ON COLUMN guides.url IS 'Address of the page; what makes a guide the same one.';
COMMENT ON COLUMN guides.title IS 'Title, from the first line.';
COMMENT ON COLUMN guides.category IS 'Category, as the crawler noted it.';
COMMENT ON COLUMN guides.description IS 'Description, as the crawler noted it.';
COMMENT ON COLUMN guides.path IS 'Name of the file in guides_output; two guides of one title share it.';
COMMENT ON COLUMN guides.crawled_at IS 'When it was read, as its head says, else when its file was written.';
COMMENT ON COLUMN guides.modified_at IS 'When the file was last written, to notice what has changed.';
COMMENT ON COLUMN guides.indexed_at IS 'When this row was last written.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['crawls', 'guides']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I TO bookrunner_app '
            'USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()))', name);
    END LOOP;
END $$;
