-- name: lock
-- writes: take the session's lock that lets one migration of this database run at a time.
SELECT pg_advisory_lock(hashtext('bookrunner migrate'));

-- name: unlock
-- writes: give it back.
SELECT pg_advisory_unlock(hashtext('bookrunner migrate'));

-- name: server
-- What the server and the connecting role are, as far as a migration has to know.
SELECT current_setting('server_version_num')::integer AS version,
    current_setting('server_version') AS version_text,
    current_database()::text AS database,
    current_user::text AS role,
    has_schema_privilege('public', 'CREATE') AS may_create,
    (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_create_roles;

-- name: absent_roles
-- The roles that the cluster still lacks.
SELECT name FROM unnest(ARRAY['bookrunner_app', 'bookrunner_system']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
ORDER BY name;

-- name: untaken_roles
-- The roles that exist but that the connecting role may not take. PostgreSQL 16 tells membership
-- from the right to SET ROLE; 15 knows membership only.
SELECT rolname::text AS name FROM pg_roles
WHERE rolname IN ('bookrunner_app', 'bookrunner_system')
    AND NOT pg_has_role(current_user, oid,
        CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
ORDER BY rolname;

-- name: create_role_app
-- writes: the role that sees the rows of one user.
CREATE ROLE bookrunner_app NOLOGIN NOBYPASSRLS;

-- name: create_role_system
-- writes: the role that sees the coordination tables of all users.
CREATE ROLE bookrunner_system NOLOGIN NOBYPASSRLS;

-- name: grant_roles
-- writes: let the connecting role take both.
GRANT bookrunner_app, bookrunner_system TO CURRENT_USER;

-- name: ungranted
-- A table of ours that the roles may not read: it is new, or was restored without its rights.
SELECT relname::text AS name FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
    AND pg_has_role(relowner, 'USAGE')
    AND NOT has_table_privilege('bookrunner_system', oid, 'SELECT')
    AND NOT EXISTS (SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
LIMIT 1;

-- name: applied
-- Every migration that this database has seen, oldest first.
SELECT number, name, sha256 FROM schema_migrations ORDER BY number;

-- name: record
-- Remember that a migration was applied.
INSERT INTO schema_migrations (number, name, sha256)
VALUES (%(number)s::integer, %(name)s::text, %(sha256)s::text);

-- name: procrastinate_version
-- The version of Procrastinate whose schema this database holds; no row before it is installed.
SELECT version FROM procrastinate_schema ORDER BY applied_at DESC, version DESC LIMIT 1;

-- name: procrastinate_is_foreign
-- Whether somebody else has put Procrastinate's tables here.
SELECT to_regclass('public.procrastinate_jobs') IS NOT NULL
    AND NOT EXISTS (SELECT FROM procrastinate_schema);

-- name: record_procrastinate
-- Remember which version of Procrastinate's schema is in place.
INSERT INTO procrastinate_schema (version) VALUES (%(version)s::text);

-- name: script_sha256
-- The checksum of a repeatable script, and of what it stands on, as it last ran here.
SELECT sha256 FROM schema_scripts WHERE name = %(name)s::text;

-- name: record_script
-- Remember that a repeatable script ran.
INSERT INTO schema_scripts (name, sha256) VALUES (%(name)s::text, %(sha256)s::text)
ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now();
