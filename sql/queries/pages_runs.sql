-- name: corrections
-- How many corrections of a run still stand.
SELECT count(*) FROM metadata_corrections
WHERE user_id = (SELECT app_user()) AND run_id = %(run_id)s::bigint AND undone_at IS NULL
    AND undoes_id IS NULL;
