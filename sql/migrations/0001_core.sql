-- The house: users, the eight tables of the product, and what the runner needs.

CREATE FUNCTION app_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.user_id', true), '')::bigint $$;
COMMENT ON FUNCTION app_user() IS 'The user whose rows this transaction may see.';

CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    enabled boolean NOT NULL DEFAULT true,
    is_admin boolean NOT NULL DEFAULT false,
    time_zone text NOT NULL DEFAULT 'UTC',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE users IS 'Who uses this installation; a single-user one has exactly one row.';
COMMENT ON COLUMN users.id IS 'Identity.';
COMMENT ON COLUMN users.name IS 'How the user is called; unique.';
COMMENT ON COLUMN users.enabled IS 'False refuses every key and starts no run.';
COMMENT ON COLUMN users.is_admin IS 'May manage users, keys and the system.';
COMMENT ON COLUMN users.time_zone IS 'IANA zone in which the schedules of the user are read.';
COMMENT ON COLUMN users.settings IS 'Preferences that differ from the defaults.';
COMMENT ON COLUMN users.created_at IS 'When the user was added.';

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    hash bytea NOT NULL,
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'trigger', 'admin']),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_keys_by_user ON api_keys (user_id);
COMMENT ON TABLE api_keys IS 'Keys to the API; the key itself is shown once and never stored.';
COMMENT ON COLUMN api_keys.id IS 'The public part of the key, printed between prefix and secret.';
COMMENT ON COLUMN api_keys.user_id IS 'Whose key it is.';
COMMENT ON COLUMN api_keys.name IS 'What the user calls it.';
COMMENT ON COLUMN api_keys.hash IS 'SHA-256 of the secret part.';
COMMENT ON COLUMN api_keys.scopes IS 'What it may do: read, trigger, admin.';
COMMENT ON COLUMN api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN api_keys.expires_at IS 'From when on it is refused.';
COMMENT ON COLUMN api_keys.revoked_at IS 'When it was revoked.';
COMMENT ON COLUMN api_keys.last_used_at IS 'When it was last accepted, to the minute.';

CREATE TABLE credentials (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    service text NOT NULL,
    field text NOT NULL,
    token bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, service, field)
);
COMMENT ON TABLE credentials IS 'Addresses and secrets of a user''s services, encrypted by the vault.';
COMMENT ON COLUMN credentials.user_id IS 'Whose credential it is.';
COMMENT ON COLUMN credentials.service IS 'Name of the service, as in settings.';
COMMENT ON COLUMN credentials.field IS 'Which value of that service.';
COMMENT ON COLUMN credentials.token IS 'Ciphertext, bound to user, service and field.';
COMMENT ON COLUMN credentials.updated_at IS 'When it was last written.';

CREATE TABLE books (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    abs_id text,
    title text NOT NULL,
    author text NOT NULL DEFAULT '',
    series text NOT NULL DEFAULT '',
    isbn text,
    asin text,
    metadata_completeness numeric(5, 2) NOT NULL DEFAULT 0,
    last_metadata_update timestamptz,
    metadata_source jsonb NOT NULL DEFAULT '{}',
    date_added timestamptz NOT NULL DEFAULT now(),
    date_updated timestamptz NOT NULL DEFAULT now(),
    metadata jsonb NOT NULL DEFAULT '{}',
    last_written jsonb NOT NULL DEFAULT '{}',
    match_key text NOT NULL DEFAULT '',
    identifiers jsonb NOT NULL DEFAULT '{}',
    library_id text,
    path text,
    duration_seconds double precision,
    size_bytes bigint,
    abs_added_at timestamptz,
    abs_updated_at timestamptz,
    is_missing boolean NOT NULL DEFAULT false,
    search_text text NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, abs_id)
);
CREATE UNIQUE INDEX books_wanted_once ON books (user_id, match_key)
    WHERE abs_id IS NULL AND match_key <> '';
CREATE INDEX books_by_title ON books (user_id, title, id);
CREATE INDEX books_by_added ON books (user_id, abs_added_at);
COMMENT ON TABLE books IS 'Every book that we know of: owned (abs_id is set) or wanted.';
COMMENT ON COLUMN books.id IS 'Identity.';
COMMENT ON COLUMN books.user_id IS 'Whose book it is.';
COMMENT ON COLUMN books.abs_id IS 'Its item in Audiobookshelf; NULL while it is wanted.';
COMMENT ON COLUMN books.title IS 'Title as the library shows it.';
COMMENT ON COLUMN books.author IS 'Authors, joined with commas, for reading.';
COMMENT ON COLUMN books.series IS 'Series and sequence, for reading: "Mistborn #1".';
COMMENT ON COLUMN books.isbn IS 'ISBN-13 without hyphens.';
COMMENT ON COLUMN books.asin IS 'Audible''s or Amazon''s identifier.';
COMMENT ON COLUMN books.metadata_completeness IS 'Percent, by the weights in domain/metadata.py.';
COMMENT ON COLUMN books.last_metadata_update IS 'When its sources were last asked to the end.';
COMMENT ON COLUMN books.metadata_source IS 'Field -> source: GoogleBooks, Goodreads, Library, Manual.';
COMMENT ON COLUMN books.date_added IS 'When we first knew of it.';
COMMENT ON COLUMN books.date_updated IS 'When this row last changed.';
COMMENT ON COLUMN books.metadata IS 'The twelve fields as the library shows them.';
COMMENT ON COLUMN books.last_written IS 'Field -> the value that we last wrote to the library.';
COMMENT ON COLUMN books.match_key IS 'Folded author and title; keeps a wanted book from being listed twice.';
COMMENT ON COLUMN books.identifiers IS 'Ids elsewhere: goodreads_work, goodreads_book, google_id.';
COMMENT ON COLUMN books.library_id IS 'Library in Audiobookshelf.';
COMMENT ON COLUMN books.path IS 'Folder, as Audiobookshelf sees it.';
COMMENT ON COLUMN books.duration_seconds IS 'Playing time: measured when owned, expected when wanted.';
COMMENT ON COLUMN books.size_bytes IS 'Size of the files.';
COMMENT ON COLUMN books.abs_added_at IS 'When Audiobookshelf added the item.';
COMMENT ON COLUMN books.abs_updated_at IS 'When Audiobookshelf last changed the item.';
COMMENT ON COLUMN books.is_missing IS 'True when Audiobookshelf no longer finds its files.';
COMMENT ON COLUMN books.search_text IS 'Folded title, authors and series, for searching.';

CREATE TABLE series (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    author text NOT NULL DEFAULT '',
    total_books integer NOT NULL DEFAULT 0,
    books_owned integer NOT NULL DEFAULT 0,
    books_missing integer NOT NULL DEFAULT 0,
    last_completion_check timestamptz,
    completion_status text NOT NULL DEFAULT 'unknown'
        CHECK (completion_status IN ('unknown', 'complete', 'incomplete', 'unlisted')),
    goodreads_id text,
    match_key text NOT NULL,
    warning text,
    search_text text NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, match_key)
);
CREATE INDEX series_by_name ON series (user_id, name, id);
COMMENT ON TABLE series IS 'Series of which at least one book is owned.';
COMMENT ON COLUMN series.id IS 'Identity.';
COMMENT ON COLUMN series.user_id IS 'Whose series it is.';
COMMENT ON COLUMN series.name IS 'Name as the library shows it.';
COMMENT ON COLUMN series.author IS 'Main author, for reading and for telling namesakes apart.';
COMMENT ON COLUMN series.total_books IS 'Books that count towards completion.';
COMMENT ON COLUMN series.books_owned IS 'How many of them are owned or covered by an owned omnibus.';
COMMENT ON COLUMN series.books_missing IS 'How many of them are missing.';
COMMENT ON COLUMN series.last_completion_check IS 'When the whole list was last compared.';
COMMENT ON COLUMN series.completion_status IS 'unknown, complete, incomplete, or unlisted by every source.';
COMMENT ON COLUMN series.goodreads_id IS 'Series id at Goodreads.';
COMMENT ON COLUMN series.match_key IS 'Folded name; keeps spellings of one series together.';
COMMENT ON COLUMN series.warning IS 'What is doubtful about the list, in words.';
COMMENT ON COLUMN series.search_text IS 'Folded name and author, for searching.';

CREATE TABLE authors (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    total_audiobooks_found integer NOT NULL DEFAULT 0,
    audiobooks_owned integer NOT NULL DEFAULT 0,
    audiobooks_missing integer NOT NULL DEFAULT 0,
    last_completion_check timestamptz,
    external_ids jsonb NOT NULL DEFAULT '{}',
    match_key text NOT NULL,
    warning text,
    search_text text NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, match_key)
);
CREATE INDEX authors_by_name ON authors (user_id, name, id);
COMMENT ON TABLE authors IS 'Authors of whom at least one book is owned.';
COMMENT ON COLUMN authors.id IS 'Identity.';
COMMENT ON COLUMN authors.user_id IS 'Whose author row it is.';
COMMENT ON COLUMN authors.name IS 'Name as the library shows it.';
COMMENT ON COLUMN authors.total_audiobooks_found IS 'Works found over all sources.';
COMMENT ON COLUMN authors.audiobooks_owned IS 'How many of them are owned.';
COMMENT ON COLUMN authors.audiobooks_missing IS 'How many of them are missing.';
COMMENT ON COLUMN authors.last_completion_check IS 'When the works were last compared.';
COMMENT ON COLUMN authors.external_ids IS 'Ids at MAM, Google Books and Goodreads.';
COMMENT ON COLUMN authors.match_key IS 'Folded name; keeps spellings of one author together.';
COMMENT ON COLUMN authors.warning IS 'What is doubtful about the list, in words.';
COMMENT ON COLUMN authors.search_text IS 'Folded name, for searching.';

CREATE TABLE book_series (
    user_id bigint NOT NULL,
    book_id bigint NOT NULL,
    series_id bigint NOT NULL,
    sequence text,
    PRIMARY KEY (user_id, book_id, series_id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE,
    FOREIGN KEY (user_id, series_id) REFERENCES series ON DELETE CASCADE
);
CREATE INDEX book_series_by_series ON book_series (user_id, series_id);
COMMENT ON TABLE book_series IS 'Which book stands where in which series; a book may be in several.';
COMMENT ON COLUMN book_series.user_id IS 'Whose rows these are.';
COMMENT ON COLUMN book_series.book_id IS 'The book.';
COMMENT ON COLUMN book_series.series_id IS 'The series.';
COMMENT ON COLUMN book_series.sequence IS 'Place as printed: "2", "2.5", "1-3".';

CREATE TABLE book_authors (
    user_id bigint NOT NULL,
    book_id bigint NOT NULL,
    author_id bigint NOT NULL,
    PRIMARY KEY (user_id, book_id, author_id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE,
    FOREIGN KEY (user_id, author_id) REFERENCES authors ON DELETE CASCADE
);
CREATE INDEX book_authors_by_author ON book_authors (user_id, author_id);
COMMENT ON TABLE book_authors IS 'Who wrote which book.';
COMMENT ON COLUMN book_authors.user_id IS 'Whose rows these are.';
COMMENT ON COLUMN book_authors.book_id IS 'The book.';
COMMENT ON COLUMN book_authors.author_id IS 'The author.';

CREATE TABLE tasks (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    task_name text NOT NULL,
    scheduled_time timestamptz NOT NULL DEFAULT now(),
    actual_start timestamptz,
    actual_end timestamptz,
    status text NOT NULL DEFAULT 'scheduled'
        CHECK (status IN ('scheduled', 'running', 'completed', 'failed', 'cancelled')),
    log_output text NOT NULL DEFAULT '',
    error_message text,
    subject text NOT NULL DEFAULT '',
    started_by text NOT NULL DEFAULT 'request' CHECK (started_by IN ('schedule', 'event', 'request')),
    counts jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, id),
    UNIQUE (id)
);
CREATE UNIQUE INDEX tasks_one_at_a_time ON tasks (user_id, task_name, subject)
    WHERE status IN ('scheduled', 'running');
CREATE INDEX tasks_by_time ON tasks (user_id, scheduled_time DESC);
COMMENT ON TABLE tasks IS 'Every run of a workflow.';
COMMENT ON COLUMN tasks.id IS 'Identity; the run''s number.';
COMMENT ON COLUMN tasks.user_id IS 'Whose run it is.';
COMMENT ON COLUMN tasks.task_name IS 'Name of the workflow, as in pipeline/workflows.py.';
COMMENT ON COLUMN tasks.scheduled_time IS 'When it was due or asked for.';
COMMENT ON COLUMN tasks.actual_start IS 'When its first step started.';
COMMENT ON COLUMN tasks.actual_end IS 'When its last step ended.';
COMMENT ON COLUMN tasks.status IS 'scheduled, running, completed, failed or cancelled.';
COMMENT ON COLUMN tasks.log_output IS 'Its log, written together when it ends; live lines are in task_log.';
COMMENT ON COLUMN tasks.error_message IS 'Why it failed, in one line.';
COMMENT ON COLUMN tasks.subject IS 'What it is about when not everything: an item, a book.';
COMMENT ON COLUMN tasks.started_by IS 'schedule, event or request.';
COMMENT ON COLUMN tasks.counts IS 'Stage -> steps by status, written when it ends.';

CREATE TABLE task_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL,
    task_id bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    level text NOT NULL DEFAULT 'info',
    line text NOT NULL,
    PRIMARY KEY (user_id, task_id, id),
    FOREIGN KEY (user_id, task_id) REFERENCES tasks ON DELETE CASCADE
);
COMMENT ON TABLE task_log IS 'Log lines of runs, as they come.';
COMMENT ON COLUMN task_log.id IS 'Order of the lines.';
COMMENT ON COLUMN task_log.user_id IS 'Whose run it is.';
COMMENT ON COLUMN task_log.task_id IS 'The run.';
COMMENT ON COLUMN task_log.at IS 'When the line was written.';
COMMENT ON COLUMN task_log.level IS 'info, warning or error.';
COMMENT ON COLUMN task_log.line IS 'What happened, in words.';

CREATE TABLE steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL,
    run_id bigint NOT NULL,
    parent_id bigint,
    stage text NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    event jsonb NOT NULL,
    status text NOT NULL DEFAULT 'ready' CHECK (status IN
        ('ready', 'waiting', 'retrying', 'done', 'stopped', 'failed', 'cancelled')),
    attempts integer NOT NULL DEFAULT 0,
    outcome text,
    reason text,
    detail jsonb NOT NULL DEFAULT '{}',
    due_at timestamptz,
    deadline_at timestamptz,
    topic text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    UNIQUE (run_id, stage, key),
    FOREIGN KEY (user_id, run_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
);
CREATE INDEX steps_open ON steps (run_id) WHERE status IN ('ready', 'waiting', 'retrying');
CREATE INDEX steps_due ON steps (due_at) WHERE status IN ('waiting', 'retrying');
CREATE INDEX steps_by_topic ON steps (user_id, topic) WHERE status = 'waiting' AND topic IS NOT NULL;
COMMENT ON TABLE steps IS 'One event of one run at one stage, and what became of it.';
COMMENT ON COLUMN steps.id IS 'Identity; what a job carries.';
COMMENT ON COLUMN steps.user_id IS 'Whose step it is.';
COMMENT ON COLUMN steps.run_id IS 'The run.';
COMMENT ON COLUMN steps.parent_id IS 'The step that passed this event on.';
COMMENT ON COLUMN steps.stage IS 'Name of the stage, as the file in stages/.';
COMMENT ON COLUMN steps.kind IS 'Kind of the event.';
COMMENT ON COLUMN steps.key IS 'What makes the event the same fact within its run and stage.';
COMMENT ON COLUMN steps.event IS 'The event''s fields.';
COMMENT ON COLUMN steps.status IS 'ready, waiting, retrying, done, stopped, failed or cancelled.';
COMMENT ON COLUMN steps.attempts IS 'Times it was tried and asked to be tried again.';
COMMENT ON COLUMN steps.outcome IS 'What the stage answered, in a few words.';
COMMENT ON COLUMN steps.reason IS 'Why it waits, stopped or failed, in words for the user.';
COMMENT ON COLUMN steps.detail IS 'What a Stop or a failure has to add, for machines.';
COMMENT ON COLUMN steps.due_at IS 'When a waiting or retrying step runs again.';
COMMENT ON COLUMN steps.deadline_at IS 'When a waiting step gives up.';
COMMENT ON COLUMN steps.topic IS 'What wakes a waiting step before it is due.';
COMMENT ON COLUMN steps.created_at IS 'When the event was passed on.';
COMMENT ON COLUMN steps.started_at IS 'When the stage last began.';
COMMENT ON COLUMN steps.finished_at IS 'When it came to its end.';

CREATE TABLE schedules (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    task_name text NOT NULL,
    cron text NOT NULL,
    time_zone text NOT NULL,
    next_run_at timestamptz,
    paused_at timestamptz,
    last_run_id bigint,
    PRIMARY KEY (user_id, task_name)
);
CREATE INDEX schedules_due ON schedules (next_run_at) WHERE paused_at IS NULL;
COMMENT ON TABLE schedules IS 'When the clock starts which workflow for whom.';
COMMENT ON COLUMN schedules.user_id IS 'Whose schedule it is.';
COMMENT ON COLUMN schedules.task_name IS 'Name of the workflow.';
COMMENT ON COLUMN schedules.cron IS 'Five cron fields.';
COMMENT ON COLUMN schedules.time_zone IS 'IANA zone in which the cron fields are read.';
COMMENT ON COLUMN schedules.next_run_at IS 'The next due time.';
COMMENT ON COLUMN schedules.paused_at IS 'Since when it is paused; NULL when it is not.';
COMMENT ON COLUMN schedules.last_run_id IS 'The run that it started last.';

CREATE TABLE missing_books (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    book_id bigint NOT NULL,
    series_id bigint,
    author_id bigint,
    title text NOT NULL,
    reason_missing text NOT NULL CHECK (reason_missing IN ('series_gap', 'author_gap')),
    identified_date timestamptz NOT NULL DEFAULT now(),
    download_status text NOT NULL DEFAULT 'missing' CHECK (download_status IN
        ('missing', 'unreleased', 'queued', 'downloading', 'refused', 'failed', 'imported', 'ignored')),
    position text,
    released_on text,
    reason text,
    PRIMARY KEY (user_id, id),
    UNIQUE NULLS NOT DISTINCT (user_id, book_id, series_id, author_id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE,
    FOREIGN KEY (user_id, series_id) REFERENCES series ON DELETE CASCADE,
    FOREIGN KEY (user_id, author_id) REFERENCES authors ON DELETE CASCADE
);
CREATE INDEX missing_books_by_series ON missing_books (user_id, series_id);
CREATE INDEX missing_books_by_author ON missing_books (user_id, author_id);
COMMENT ON TABLE missing_books IS 'What the library lacks, and why we say so.';
COMMENT ON COLUMN missing_books.id IS 'Identity.';
COMMENT ON COLUMN missing_books.user_id IS 'Whose library lacks it.';
COMMENT ON COLUMN missing_books.book_id IS 'The wanted book.';
COMMENT ON COLUMN missing_books.series_id IS 'The series whose gap it is.';
COMMENT ON COLUMN missing_books.author_id IS 'The author whose gap it is.';
COMMENT ON COLUMN missing_books.title IS 'Title as the catalogue lists it.';
COMMENT ON COLUMN missing_books.reason_missing IS 'series_gap or author_gap.';
COMMENT ON COLUMN missing_books.identified_date IS 'When the gap was first seen.';
COMMENT ON COLUMN missing_books.download_status IS 'How far it is on its way into the library.';
COMMENT ON COLUMN missing_books.position IS 'Place in the series as printed.';
COMMENT ON COLUMN missing_books.released_on IS 'Date of release, as exact as the catalogue says.';
COMMENT ON COLUMN missing_books.reason IS 'Why it is where it is, in words.';

CREATE TABLE series_works (
    user_id bigint NOT NULL,
    series_id bigint NOT NULL,
    place integer NOT NULL,
    position text,
    title text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    book_id bigint,
    note text,
    goodreads_work text,
    PRIMARY KEY (user_id, series_id, place),
    FOREIGN KEY (user_id, series_id) REFERENCES series ON DELETE CASCADE
);
COMMENT ON TABLE series_works IS 'The whole list of a series as last compared, in order.';
COMMENT ON COLUMN series_works.user_id IS 'Whose comparison it is.';
COMMENT ON COLUMN series_works.series_id IS 'The series.';
COMMENT ON COLUMN series_works.place IS 'Order in the list, from 0.';
COMMENT ON COLUMN series_works.position IS 'Position as printed.';
COMMENT ON COLUMN series_works.title IS 'Title as the catalogue lists it.';
COMMENT ON COLUMN series_works.kind IS 'primary, novella, omnibus, part, unnumbered or other.';
COMMENT ON COLUMN series_works.status IS 'owned, covered, missing, unreleased or ignored.';
COMMENT ON COLUMN series_works.book_id IS 'The owned or wanted book.';
COMMENT ON COLUMN series_works.note IS 'Why it has this status, in words.';
COMMENT ON COLUMN series_works.goodreads_work IS 'Work id at Goodreads.';

CREATE TABLE downloads (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    book_id bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('MAM', 'Google', 'Goodreads')),
    magnet_link text,
    status text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'downloading', 'completed', 'failed')),
    retry_count integer NOT NULL DEFAULT 0,
    last_attempt timestamptz NOT NULL DEFAULT now(),
    next_retry timestamptz,
    abs_import_status text NOT NULL DEFAULT 'pending'
        CHECK (abs_import_status IN ('pending', 'importing', 'imported', 'refused', 'failed')),
    run_id bigint,
    infohash text NOT NULL,
    release_guid text NOT NULL,
    release_title text NOT NULL,
    indexer text NOT NULL DEFAULT '',
    size_bytes bigint NOT NULL DEFAULT 0,
    progress real NOT NULL DEFAULT 0,
    downloaded_bytes bigint NOT NULL DEFAULT 0,
    grew_at timestamptz NOT NULL DEFAULT now(),
    speed bigint NOT NULL DEFAULT 0,
    eta_seconds bigint,
    state text NOT NULL DEFAULT '',
    content_path text,
    imported_path text,
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, infohash, book_id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE
);
CREATE INDEX downloads_open ON downloads (user_id, infohash) WHERE status IN ('queued', 'downloading');
CREATE INDEX downloads_by_book ON downloads (user_id, book_id);
COMMENT ON TABLE downloads IS 'Every release that was handed to the download client for a book.';
COMMENT ON COLUMN downloads.id IS 'Identity.';
COMMENT ON COLUMN downloads.user_id IS 'Whose download it is.';
COMMENT ON COLUMN downloads.book_id IS 'The wanted book.';
COMMENT ON COLUMN downloads.source IS 'Whose identity of the book found the release: MAM, Google or Goodreads.';
COMMENT ON COLUMN downloads.magnet_link IS 'Infohash and name as a magnet link; holds no passkey.';
COMMENT ON COLUMN downloads.status IS 'queued, downloading, completed or failed.';
COMMENT ON COLUMN downloads.retry_count IS 'Releases tried before this one for the same book.';
COMMENT ON COLUMN downloads.last_attempt IS 'When it was last handed over.';
COMMENT ON COLUMN downloads.next_retry IS 'When the next release may be tried.';
COMMENT ON COLUMN downloads.abs_import_status IS 'pending, importing, imported, refused or failed.';
COMMENT ON COLUMN downloads.run_id IS 'The run that asked for it.';
COMMENT ON COLUMN downloads.infohash IS 'Infohash in lower-case hexadecimal.';
COMMENT ON COLUMN downloads.release_guid IS 'The release at its indexer.';
COMMENT ON COLUMN downloads.release_title IS 'Title of the release.';
COMMENT ON COLUMN downloads.indexer IS 'Name of the indexer.';
COMMENT ON COLUMN downloads.size_bytes IS 'Size of the selected files.';
COMMENT ON COLUMN downloads.progress IS 'Share that is downloaded, 0 to 1; not monotonic.';
COMMENT ON COLUMN downloads.downloaded_bytes IS 'Bytes that are complete.';
COMMENT ON COLUMN downloads.grew_at IS 'When downloaded_bytes last grew; what the stall deadline counts from.';
COMMENT ON COLUMN downloads.speed IS 'Bytes per second.';
COMMENT ON COLUMN downloads.eta_seconds IS 'Seconds to go, when the client knows.';
COMMENT ON COLUMN downloads.state IS 'State as the client calls it.';
COMMENT ON COLUMN downloads.content_path IS 'Where the client keeps the data, in its own paths.';
COMMENT ON COLUMN downloads.imported_path IS 'Folder in the library, in our own paths.';
COMMENT ON COLUMN downloads.reason IS 'Why it failed or was refused, in words.';
COMMENT ON COLUMN downloads.created_at IS 'When it was handed over.';
COMMENT ON COLUMN downloads.completed_at IS 'When all data had arrived.';

CREATE TABLE batch_places (
    user_id bigint NOT NULL,
    run_id bigint NOT NULL,
    book_id bigint NOT NULL,
    batch integer NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (user_id, run_id, book_id),
    FOREIGN KEY (user_id, run_id) REFERENCES tasks (user_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE batch_places IS 'Which book of a run downloads in which batch of ten.';
COMMENT ON COLUMN batch_places.user_id IS 'Whose run it is.';
COMMENT ON COLUMN batch_places.run_id IS 'The run.';
COMMENT ON COLUMN batch_places.book_id IS 'The book.';
COMMENT ON COLUMN batch_places.batch IS 'Number of the batch, from 1.';
COMMENT ON COLUMN batch_places.settled_at IS 'When its download had come to an end, good or bad.';

CREATE TABLE release_decisions (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL,
    book_id bigint NOT NULL,
    run_id bigint,
    guid text NOT NULL,
    title text NOT NULL,
    indexer text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT '',
    verdict text NOT NULL CHECK (verdict IN ('chosen', 'fit', 'refused')),
    refusals jsonb NOT NULL DEFAULT '[]',
    ranking jsonb NOT NULL DEFAULT '[]',
    score double precision NOT NULL DEFAULT 0,
    size_bytes bigint NOT NULL DEFAULT 0,
    seeders integer,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE
);
CREATE INDEX release_decisions_by_book ON release_decisions (user_id, book_id, decided_at DESC);
COMMENT ON TABLE release_decisions IS 'Every release that was looked at for a book, and what was decided.';
COMMENT ON COLUMN release_decisions.id IS 'Identity.';
COMMENT ON COLUMN release_decisions.user_id IS 'Whose decision it is.';
COMMENT ON COLUMN release_decisions.book_id IS 'The wanted book.';
COMMENT ON COLUMN release_decisions.run_id IS 'The run in which it was decided.';
COMMENT ON COLUMN release_decisions.guid IS 'The release at its indexer.';
COMMENT ON COLUMN release_decisions.title IS 'Title of the release.';
COMMENT ON COLUMN release_decisions.indexer IS 'Name of the indexer.';
COMMENT ON COLUMN release_decisions.source IS 'Under whose identity of the book it was found.';
COMMENT ON COLUMN release_decisions.verdict IS 'chosen, fit (but another was better) or refused.';
COMMENT ON COLUMN release_decisions.refusals IS 'Each rule that refused it, with its reason in words.';
COMMENT ON COLUMN release_decisions.ranking IS 'The arithmetic of its score: name, points, why.';
COMMENT ON COLUMN release_decisions.score IS 'Sum of the ranking.';
COMMENT ON COLUMN release_decisions.size_bytes IS 'Size as the indexer states it.';
COMMENT ON COLUMN release_decisions.seeders IS 'Seeders as the indexer states them.';
COMMENT ON COLUMN release_decisions.decided_at IS 'When.';

CREATE TABLE blocklist (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL,
    book_id bigint NOT NULL,
    guid text NOT NULL,
    infohash text,
    title text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, book_id, guid),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE
);
COMMENT ON TABLE blocklist IS 'Releases that are not to be tried again for a book.';
COMMENT ON COLUMN blocklist.id IS 'Identity.';
COMMENT ON COLUMN blocklist.user_id IS 'Whose blocklist it is.';
COMMENT ON COLUMN blocklist.book_id IS 'The book.';
COMMENT ON COLUMN blocklist.guid IS 'The release at its indexer.';
COMMENT ON COLUMN blocklist.infohash IS 'Its infohash, when it got so far.';
COMMENT ON COLUMN blocklist.title IS 'Title of the release.';
COMMENT ON COLUMN blocklist.reason IS 'Why, in words.';
COMMENT ON COLUMN blocklist.created_at IS 'When.';

CREATE TABLE failed_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL,
    task_name text NOT NULL,
    item_id text NOT NULL,
    reason text NOT NULL,
    first_attempt timestamptz NOT NULL DEFAULT now(),
    last_attempt timestamptz NOT NULL DEFAULT now(),
    attempt_count integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    code text NOT NULL DEFAULT 'error',
    stage text NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, task_name, stage, item_id, code)
);
CREATE INDEX failed_attempts_by_time ON failed_attempts (user_id, last_attempt DESC);
CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'failed_attempts is a permanent ledger: its rows are never deleted'; END $$;
CREATE TRIGGER failed_attempts_stay BEFORE DELETE ON failed_attempts
    FOR EACH ROW EXECUTE FUNCTION refuse_to_forget();
CREATE TRIGGER failed_attempts_stay_whole BEFORE TRUNCATE ON failed_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();
COMMENT ON TABLE failed_attempts IS 'The permanent ledger of what failed; the database refuses to delete from it.';
COMMENT ON COLUMN failed_attempts.id IS 'Identity.';
COMMENT ON COLUMN failed_attempts.user_id IS 'Whose failure it was; kept when the user is deleted.';
COMMENT ON COLUMN failed_attempts.task_name IS 'Name of the workflow.';
COMMENT ON COLUMN failed_attempts.item_id IS 'What failed: the key of the event.';
COMMENT ON COLUMN failed_attempts.reason IS 'Why it last failed, in words.';
COMMENT ON COLUMN failed_attempts.first_attempt IS 'When it first failed.';
COMMENT ON COLUMN failed_attempts.last_attempt IS 'When it last failed.';
COMMENT ON COLUMN failed_attempts.attempt_count IS 'How often it failed.';
COMMENT ON COLUMN failed_attempts.created_at IS 'When this row was written.';
COMMENT ON COLUMN failed_attempts.code IS 'Reason code, as in pipeline/errors.py.';
COMMENT ON COLUMN failed_attempts.stage IS 'The stage in which it failed.';

CREATE TABLE metadata_corrections (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL,
    book_id bigint NOT NULL,
    field text NOT NULL,
    old_value jsonb,
    new_value jsonb,
    source text NOT NULL CHECK (source IN ('GoogleBooks', 'Goodreads', 'Manual')),
    correction_date timestamptz NOT NULL DEFAULT now(),
    run_id bigint,
    undoes_id bigint,
    undone_at timestamptz,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE
);
CREATE UNIQUE INDEX metadata_corrections_once ON metadata_corrections (user_id, run_id, book_id, field)
    WHERE run_id IS NOT NULL AND undoes_id IS NULL;
CREATE INDEX metadata_corrections_by_book ON metadata_corrections (user_id, book_id, correction_date DESC);
CREATE INDEX metadata_corrections_by_time ON metadata_corrections (user_id, correction_date DESC);
COMMENT ON TABLE metadata_corrections IS 'Every change of a field, with what it replaced.';
COMMENT ON COLUMN metadata_corrections.id IS 'Identity.';
COMMENT ON COLUMN metadata_corrections.user_id IS 'Whose book it is.';
COMMENT ON COLUMN metadata_corrections.book_id IS 'The book.';
COMMENT ON COLUMN metadata_corrections.field IS 'Name of the field.';
COMMENT ON COLUMN metadata_corrections.old_value IS 'Value before, as JSON.';
COMMENT ON COLUMN metadata_corrections.new_value IS 'Value after, as JSON.';
COMMENT ON COLUMN metadata_corrections.source IS 'GoogleBooks, Goodreads or Manual.';
COMMENT ON COLUMN metadata_corrections.correction_date IS 'When it was written.';
COMMENT ON COLUMN metadata_corrections.run_id IS 'The run that made it.';
COMMENT ON COLUMN metadata_corrections.undoes_id IS 'The correction that this one rolls back.';
COMMENT ON COLUMN metadata_corrections.undone_at IS 'When this one was rolled back.';

CREATE TABLE approvals (
    id bigint GENERATED ALWAYS AS IDENTITY,
    user_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('metadata', 'top10', 'author')),
    subject text NOT NULL,
    book_id bigint,
    run_id bigint,
    title text NOT NULL,
    proposal jsonb NOT NULL,
    reason text NOT NULL,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'approved', 'rejected', 'expired')),
    created_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, book_id) REFERENCES books ON DELETE CASCADE
);
CREATE UNIQUE INDEX approvals_open_once ON approvals (user_id, kind, subject) WHERE status = 'open';
COMMENT ON TABLE approvals IS 'What waits for the user''s yes or no.';
COMMENT ON COLUMN approvals.id IS 'Identity.';
COMMENT ON COLUMN approvals.user_id IS 'Who is asked.';
COMMENT ON COLUMN approvals.kind IS 'metadata, top10 or author.';
COMMENT ON COLUMN approvals.subject IS 'What it is about; asked once while open.';
COMMENT ON COLUMN approvals.book_id IS 'The book, where there is one.';
COMMENT ON COLUMN approvals.run_id IS 'The run that asks.';
COMMENT ON COLUMN approvals.title IS 'The question in a few words.';
COMMENT ON COLUMN approvals.proposal IS 'What would be done, field by field.';
COMMENT ON COLUMN approvals.reason IS 'Why it was not done without asking.';
COMMENT ON COLUMN approvals.status IS 'open, approved, rejected or expired.';
COMMENT ON COLUMN approvals.created_at IS 'When it was asked.';
COMMENT ON COLUMN approvals.decided_at IS 'When it was decided.';

CREATE TABLE paces (
    name text PRIMARY KEY,
    every interval NOT NULL,
    burst integer NOT NULL DEFAULT 1 CHECK (burst >= 1),
    next_at timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 50);
COMMENT ON TABLE paces IS 'How fast each remote service may be asked, by all workers together.';
COMMENT ON COLUMN paces.name IS 'Service, or service and account.';
COMMENT ON COLUMN paces.every IS 'Time between requests.';
COMMENT ON COLUMN paces.burst IS 'Requests that may go at once after a rest.';
COMMENT ON COLUMN paces.next_at IS 'Theoretical arrival time of the next request (GCRA).';

CREATE TABLE quotas (
    name text NOT NULL,
    day date NOT NULL,
    used integer NOT NULL DEFAULT 0,
    spent_until timestamptz,
    PRIMARY KEY (name, day)
);
COMMENT ON TABLE quotas IS 'Requests counted against a service''s daily budget.';
COMMENT ON COLUMN quotas.name IS 'Service and account.';
COMMENT ON COLUMN quotas.day IS 'The day in the service''s own time zone.';
COMMENT ON COLUMN quotas.used IS 'Requests made on that day.';
COMMENT ON COLUMN quotas.spent_until IS 'Until when the service itself said that the day is spent.';

CREATE TABLE circuits (
    name text PRIMARY KEY,
    failures integer NOT NULL DEFAULT 0,
    opened_at timestamptz,
    open_until timestamptz,
    last_error text,
    last_failure_at timestamptz,
    last_success_at timestamptz
);
COMMENT ON TABLE circuits IS 'Which remote services are left alone for a while, and why.';
COMMENT ON COLUMN circuits.name IS 'Service, or service and account.';
COMMENT ON COLUMN circuits.failures IS 'Failures in a row.';
COMMENT ON COLUMN circuits.opened_at IS 'When it opened; NULL while closed.';
COMMENT ON COLUMN circuits.open_until IS 'When the next request may be tried.';
COMMENT ON COLUMN circuits.last_error IS 'What the service last answered, without secrets.';
COMMENT ON COLUMN circuits.last_failure_at IS 'When it last failed.';
COMMENT ON COLUMN circuits.last_success_at IS 'When it last answered well, to the minute.';

CREATE TABLE remote_cache (
    name text NOT NULL,
    key text NOT NULL,
    body bytea NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (name, key)
);
CREATE INDEX remote_cache_by_expiry ON remote_cache (expires_at);
COMMENT ON TABLE remote_cache IS 'Answers of public catalogues, kept so that they are asked once.';
COMMENT ON COLUMN remote_cache.name IS 'Service.';
COMMENT ON COLUMN remote_cache.key IS 'What was asked.';
COMMENT ON COLUMN remote_cache.body IS 'The answer, compressed.';
COMMENT ON COLUMN remote_cache.fetched_at IS 'When it was fetched.';
COMMENT ON COLUMN remote_cache.expires_at IS 'Until when it is used.';

-- The walls between users. FORCE holds them also against the owner of the tables.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['api_keys', 'credentials', 'books', 'series', 'authors', 'book_series',
        'book_authors', 'tasks', 'task_log', 'steps', 'schedules', 'missing_books', 'series_works',
        'downloads', 'batch_places', 'release_decisions', 'blocklist', 'failed_attempts',
        'metadata_corrections', 'approvals']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I TO bookrunner_app '
            'USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['api_keys', 'credentials', 'tasks', 'task_log', 'steps', 'schedules',
        'downloads', 'batch_places', 'failed_attempts']
    LOOP
        EXECUTE format('CREATE POLICY every_row ON %I TO bookrunner_system '
            'USING (true) WITH CHECK (true)', name);
    END LOOP;
    ALTER TABLE users ENABLE ROW LEVEL SECURITY;
    ALTER TABLE users FORCE ROW LEVEL SECURITY;
    CREATE POLICY own_rows ON users TO bookrunner_app USING (id = (SELECT app_user()));
    CREATE POLICY every_row ON users TO bookrunner_system USING (true) WITH CHECK (true);
END $$;
