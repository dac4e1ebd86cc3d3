-- The weekly top ten of each genre, as it was seen and what was decided about it.

CREATE TABLE charts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    genre text NOT NULL,
    week date NOT NULL CHECK (extract(isodow FROM week) = 1),
    ranked_by text NOT NULL CHECK (ranked_by IN ('snatches', 'grabs')),
    fetched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, week, genre)
);
COMMENT ON TABLE charts IS 'The ten most popular audiobooks of a genre in a week.';
COMMENT ON COLUMN charts.id IS 'Identity.';
COMMENT ON COLUMN charts.user_id IS 'Whose genre it is.';
COMMENT ON COLUMN charts.genre IS 'Name of the genre, as in the user''s settings.';
COMMENT ON COLUMN charts.week IS 'Monday of the week.';
COMMENT ON COLUMN charts.ranked_by IS 'snatches: the tracker''s own order; grabs: by what Prowlarr''s search returned.';
COMMENT ON COLUMN charts.fetched_at IS 'When it was read.';

CREATE TABLE chart_entries (
    user_id bigint NOT NULL,
    chart_id bigint NOT NULL,
    rank integer NOT NULL CHECK (rank >= 1),
    title text NOT NULL,
    authors text NOT NULL DEFAULT '',
    series text NOT NULL DEFAULT '',
    narrator text NOT NULL DEFAULT '',
    seeders integer,
    size_bytes bigint NOT NULL DEFAULT 0,
    owned boolean NOT NULL DEFAULT false,
    decision text NOT NULL CHECK (decision IN ('owned', 'listed', 'asked', 'fetched', 'refused')),
    reason text,
    guid text NOT NULL DEFAULT '',
    book_id bigint,
    PRIMARY KEY (user_id, chart_id, rank),
    FOREIGN KEY (user_id, chart_id) REFERENCES charts ON DELETE CASCADE,
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE SET NULL (book_id)
);
COMMENT ON TABLE chart_entries IS 'One place of a chart, and what was decided about it.';
COMMENT ON COLUMN chart_entries.user_id IS 'Whose chart it is.';
COMMENT ON COLUMN chart_entries.chart_id IS 'The chart.';
COMMENT ON COLUMN chart_entries.rank IS 'Place, from 1.';
COMMENT ON COLUMN chart_entries.title IS 'Title as the tracker lists it.';
COMMENT ON COLUMN chart_entries.authors IS 'Authors, joined with commas.';
COMMENT ON COLUMN chart_entries.series IS 'Series and sequence, for reading.';
COMMENT ON COLUMN chart_entries.narrator IS 'Narrators, joined with commas.';
COMMENT ON COLUMN chart_entries.seeders IS 'Seeders at that moment.';
COMMENT ON COLUMN chart_entries.size_bytes IS 'Size of the release.';
COMMENT ON COLUMN chart_entries.owned IS 'Whether the library held it at that moment.';
COMMENT ON COLUMN chart_entries.decision IS 'owned, listed, asked, fetched or refused.';
COMMENT ON COLUMN chart_entries.reason IS 'Why, in words.';
COMMENT ON COLUMN chart_entries.guid IS 'The release at the tracker.';
COMMENT ON COLUMN chart_entries.book_id IS 'The owned or wanted book.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['charts', 'chart_entries']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I TO bookrunner_app '
            'USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()))', name);
    END LOOP;
END $$;
