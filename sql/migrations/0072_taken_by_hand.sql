-- A person may take a release that the rules did not choose, or refused.

ALTER TABLE release_decisions ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN release_decisions.by_hand IS
    'Whether a person took it; refusals then says what the rules had against it.';

ALTER TABLE downloads ADD COLUMN overruled text[];
COMMENT ON COLUMN downloads.overruled IS
    'The release rules that a person set aside by taking this release; NULL when the rules chose it.';

-- A book's page shows how the last search for it went, or goes.
CREATE INDEX tasks_about_a_book ON tasks (user_id, subject, id)
    WHERE task_name IN ('SEARCH', 'REDOWNLOAD');
