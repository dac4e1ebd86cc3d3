-- Who may do what. Runs after every change before it, so that new tables are covered.

GRANT USAGE ON SCHEMA public TO bookrunner_app, bookrunner_system;

DO $$
DECLARE ours record;
BEGIN
    FOR ours IN
        SELECT relname AS name, relkind AS kind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
            AND pg_has_role(relowner, 'USAGE')
            AND NOT EXISTS (SELECT FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
    LOOP
        IF ours.name IN ('schema_migrations', 'schema_scripts', 'procrastinate_schema') THEN
            EXECUTE format('GRANT SELECT ON %I TO bookrunner_app, bookrunner_system', ours.name);
        ELSIF ours.name LIKE 'procrastinate\_%' THEN
            EXECUTE format('GRANT ALL ON %I TO bookrunner_system', ours.name);
        ELSIF ours.kind = 'S' THEN
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO bookrunner_app, bookrunner_system',
                ours.name);
        ELSE
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO bookrunner_app, '
                'bookrunner_system', ours.name);
        END IF;
    END LOOP;
END $$;

-- The ledger of failures is written, never thinned; triggers refuse it to the owner, too.
REVOKE DELETE, TRUNCATE ON failed_attempts FROM bookrunner_app, bookrunner_system;

-- A user may change preferences, not become an administrator.
REVOKE INSERT, UPDATE, DELETE ON users FROM bookrunner_app;
GRANT UPDATE (time_zone, settings) ON users TO bookrunner_app;

-- The function acts as bookrunner_system: it needs that role's view of steps and of the queue, and
-- no more. Taking ownership asks for CREATE on the schema for a moment.
GRANT CREATE ON SCHEMA public TO bookrunner_system;
ALTER FUNCTION queue_steps(bigint[]) OWNER TO bookrunner_system;
REVOKE CREATE ON SCHEMA public FROM bookrunner_system;
REVOKE ALL ON FUNCTION queue_steps(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue_steps(bigint[]) TO bookrunner_app, bookrunner_system;
