-- What pace and circuit breakers have to remember beside the moment of the next request.

ALTER TABLE paces ADD COLUMN return_at timestamptz NOT NULL DEFAULT 'epoch';
COMMENT ON COLUMN paces.return_at IS
    'When the last of those sent away was told to come back; spaced like the requests themselves.';

ALTER TABLE circuits
    ADD COLUMN probing boolean NOT NULL DEFAULT false,
    ADD COLUMN trips integer NOT NULL DEFAULT 0,
    ADD COLUMN tripped_until timestamptz;
COMMENT ON COLUMN circuits.probing IS 'One request is under way to see whether the service is back.';
COMMENT ON COLUMN circuits.trips IS 'Blocks in a row, each less than a day after the one before.';
COMMENT ON COLUMN circuits.tripped_until IS 'Until when the last block by the service lasts.';
