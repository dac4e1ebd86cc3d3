-- Browsers that are signed in, and the addresses that sign one in.

CREATE TABLE sessions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL CHECK (scopes <@ ARRAY['read', 'trigger', 'admin']),
    key_id text REFERENCES api_keys ON DELETE CASCADE,
    browser text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_key ON sessions (key_id) WHERE key_id IS NOT NULL;
COMMENT ON TABLE sessions IS 'Browsers that are signed in; what opens is in their cookie only.';
COMMENT ON COLUMN sessions.id IS 'Identity.';
COMMENT ON COLUMN sessions.user_id IS 'Who is signed in.';
COMMENT ON COLUMN sessions.hash IS 'SHA-256 of the token in the cookie.';
COMMENT ON COLUMN sessions.scopes IS 'What it may do: read, trigger, admin.';
COMMENT ON COLUMN sessions.key_id IS 'The API key with which it was opened; it ends with that key.';
COMMENT ON COLUMN sessions.browser IS 'What the browser calls itself, shortened.';
COMMENT ON COLUMN sessions.address IS 'From where it was opened.';
COMMENT ON COLUMN sessions.created_at IS 'When it was opened.';
COMMENT ON COLUMN sessions.last_seen_at IS 'When it was last used, to a few minutes.';
COMMENT ON COLUMN sessions.expires_at IS 'When it ends if it is not used; each use moves it on.';
COMMENT ON COLUMN sessions.revoked_at IS 'When it was signed out.';

CREATE TABLE sign_in_addresses (
    hash bytea PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_addresses_by_user ON sign_in_addresses (user_id);
COMMENT ON TABLE sign_in_addresses IS 'Addresses that sign a browser in, once; gone when used.';
COMMENT ON COLUMN sign_in_addresses.hash IS 'SHA-256 of the token in the address.';
COMMENT ON COLUMN sign_in_addresses.user_id IS 'Who is signed in by it.';
COMMENT ON COLUMN sign_in_addresses.created_at IS 'When it was made.';
COMMENT ON COLUMN sign_in_addresses.expires_at IS 'From when on it opens nothing.';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sessions', 'sign_in_addresses']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_rows ON %I TO bookrunner_app '
            'USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()))', name);
        EXECUTE format('CREATE POLICY every_row ON %I TO bookrunner_system '
            'USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;
