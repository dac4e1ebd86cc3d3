-- A tracker that refuses a torrent says so to the client only: what it says is kept and shown.

ALTER TABLE downloads
    ADD COLUMN tracker_trouble text CHECK (tracker_trouble IN ('torrent', 'account', 'other')),
    ADD COLUMN tracker_says text,
    ADD COLUMN tracker_since timestamptz;
COMMENT ON COLUMN downloads.tracker_trouble IS
    'What its tracker objects to: torrent, account, or other (out of reach, or unknown words); NULL'
    ' when nothing.';
COMMENT ON COLUMN downloads.tracker_says IS 'The tracker by its host, and its words without secrets.';
COMMENT ON COLUMN downloads.tracker_since IS 'Since when it objects to that.';

CREATE INDEX downloads_account_refused ON downloads (user_id)
    WHERE tracker_trouble = 'account' AND status IN ('queued', 'downloading');
