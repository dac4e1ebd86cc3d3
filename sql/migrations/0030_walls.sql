-- Walls around what has no user_id but tells of a user: paces, budgets and circuits are named
-- `service:account`, where the account is the user's number; an answer in the cache names what
-- somebody looked for.

CREATE FUNCTION is_own_account(_name text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT split_part(_name, ':', 2) IN ('', (SELECT app_user())::text) $$;
COMMENT ON FUNCTION is_own_account(text) IS
    'Whether a `service:account` is the current user''s, or shared by all of them.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['paces', 'quotas', 'circuits']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_accounts ON %I FOR SELECT TO bookrunner_app '
            'USING (is_own_account(name))', name);
        EXECUTE format('CREATE POLICY every_row ON %I TO bookrunner_system '
            'USING (true) WITH CHECK (true)', name);
    END LOOP;
    ALTER TABLE remote_cache ENABLE ROW LEVEL SECURITY;
    ALTER TABLE remote_cache FORCE ROW LEVEL SECURITY;
    CREATE POLICY every_row ON remote_cache TO bookrunner_system USING (true) WITH CHECK (true);
END $$;

CREATE FUNCTION export_own_rows() RETURNS TABLE (relation text, content jsonb) LANGUAGE plpgsql STABLE
AS $$
BEGIN
    FOR relation IN
        SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND a.attname = 'user_id' AND NOT a.attisdropped
            AND c.relname NOT IN ('search_words', 'topics') AND c.relname NOT LIKE 'procrastinate\_%'
        UNION SELECT 'users' ORDER BY 1
    LOOP
        -- What opens a door stays inside: hashes of keys, and ciphertexts of credentials.
        RETURN QUERY EXECUTE format('SELECT %L, to_jsonb(t) - ''hash'' - ''token'' FROM %I AS t',
            relation, relation);
    END LOOP;
END $$;
COMMENT ON FUNCTION export_own_rows() IS
    'Every row that the current user may see, table by table, without secrets; the walls choose.';
