-- A schedule is read in its user's time zone, unless it was given one of its own.

ALTER TABLE schedules ADD COLUMN zone_is_set boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN schedules.zone_is_set IS
    'Whether the zone was set for this schedule; false follows the zone of the user.';
COMMENT ON COLUMN schedules.next_run_at IS
    'The next due time; NULL while it is paused or still to be worked out.';
