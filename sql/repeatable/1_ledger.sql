-- What migrating itself remembers. Runs first, every time, and changes nothing the second time.

CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE schema_migrations IS 'Migrations that this database has seen.';
COMMENT ON COLUMN schema_migrations.number IS 'Number of the file; the order of application.';
COMMENT ON COLUMN schema_migrations.name IS 'Name of the file in sql/migrations.';
COMMENT ON COLUMN schema_migrations.sha256 IS 'Checksum of the file as it was applied.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied.';

CREATE TABLE IF NOT EXISTS procrastinate_schema (
    version text PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE procrastinate_schema IS 'Versions of Procrastinate whose schema was put in place; it keeps no such record itself.';
COMMENT ON COLUMN procrastinate_schema.version IS 'Version of the package.';
COMMENT ON COLUMN procrastinate_schema.applied_at IS 'When its schema was put in place.';

CREATE TABLE IF NOT EXISTS schema_scripts (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE schema_scripts IS 'Repeatable scripts, which run again whenever their text changes.';
COMMENT ON COLUMN schema_scripts.name IS 'Name of the file in sql/repeatable.';
COMMENT ON COLUMN schema_scripts.sha256 IS 'Checksum of the file, and of what it stands on, as it last ran.';
COMMENT ON COLUMN schema_scripts.applied_at IS 'When it last ran.';
