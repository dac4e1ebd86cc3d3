-- What the whole installation remembers, whoever uses it: whether the sandbox was left.

CREATE TABLE installation (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    sandbox_leave_asked_at timestamptz,
    sandbox_left_at timestamptz
);
ALTER TABLE installation ENABLE ROW LEVEL SECURITY;
ALTER TABLE installation FORCE ROW LEVEL SECURITY;
CREATE POLICY every_row ON installation TO bookrunner_system USING (true) WITH CHECK (true);
COMMENT ON TABLE installation IS 'One row: what belongs to no user.';
COMMENT ON COLUMN installation.single IS 'Keeps it at one row.';
COMMENT ON COLUMN installation.sandbox_leave_asked_at IS
    'When it was asked to leave the sandbox; done at the next start.';
COMMENT ON COLUMN installation.sandbox_left_at IS
    'When the sandbox was left; from then on no stand-in takes a service''s place by itself.';

CREATE FUNCTION forget_own_library() RETURNS void LANGUAGE plpgsql AS $$
DECLARE relation text;
BEGIN
    FOR relation IN
        SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND a.attname = 'user_id' AND NOT a.attisdropped
            AND c.relname NOT LIKE 'procrastinate\_%'
            -- Who the user is and how to sign in; when the clock starts what; the permanent ledger.
            AND c.relname NOT IN ('api_keys', 'credentials', 'sessions', 'sign_in_addresses',
                'schedules', 'failed_attempts')
    LOOP
        EXECUTE format('DELETE FROM %I WHERE user_id = app_user()', relation);
    END LOOP;
    UPDATE schedules SET last_run_id = NULL WHERE user_id = app_user();
END $$;
COMMENT ON FUNCTION forget_own_library() IS
    'Delete what the current user''s library, runs and downloads have left, as before the first run.';
