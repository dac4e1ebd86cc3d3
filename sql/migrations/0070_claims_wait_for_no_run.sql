-- A run that is cancelled just as its first step is claimed: the canceller held the run's row and
-- waited for the step's, the claim held the step's and waited for the run's. PostgreSQL ended one of
-- them; when it was the claim, its worker lost the connection that holds all its leases.

CREATE OR REPLACE FUNCTION claim_steps(_steps bigint[], _leases bigint[], _unwanted bigint[])
RETURNS TABLE (id bigint, verdict text, user_id bigint, run_id bigint, workflow text, stage text,
    kind text, key text, event jsonb, attempts integer, seen text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    i integer;
    s steps;
    t tasks;
BEGIN
    PERFORM pg_advisory_unlock(step_lock(u.id)) FROM unnest(_unwanted) AS u (id);
    FOR i IN 1 .. cardinality(_steps) LOOP
        IF NOT pg_try_advisory_lock(step_lock(_steps[i])) THEN
            RETURN QUERY SELECT _steps[i], CASE WHEN EXISTS (SELECT FROM steps
                    WHERE steps.id = _steps[i] AND steps.status = 'ready') THEN 'taken' ELSE 'over' END,
                NULL::bigint, NULL::bigint, NULL, NULL, NULL, NULL,
                NULL::jsonb, NULL::integer, NULL;
            CONTINUE;
        END IF;
        t := NULL;
        -- A row that somebody is just closing is not waited for: this connection serves all steps.
        SELECT * INTO s FROM steps WHERE steps.id = _steps[i] AND steps.status = 'ready'
            FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            SELECT * INTO t FROM tasks WHERE tasks.id = s.run_id AND tasks.user_id = s.user_id
                AND tasks.status IN ('scheduled', 'running');
        END IF;
        IF t.id IS NULL THEN
            PERFORM pg_advisory_unlock(step_lock(_steps[i]));
            RETURN QUERY SELECT _steps[i],
                CASE WHEN s.id IS NULL AND EXISTS (SELECT FROM steps WHERE steps.id = _steps[i]
                    AND steps.status = 'ready') THEN 'taken' ELSE 'over' END,
                NULL::bigint, NULL::bigint, NULL, NULL, NULL, NULL, NULL::jsonb, NULL::integer, NULL;
            CONTINUE;
        END IF;
        UPDATE steps SET lease = _leases[i], started_at = clock_timestamp() WHERE steps.id = s.id;
        IF t.status = 'scheduled' THEN
            -- Whoever cancels the run holds its row and waits for our step: no waiting back.
            PERFORM FROM tasks WHERE tasks.id = t.id AND tasks.user_id = t.user_id
                AND tasks.status = 'scheduled' FOR NO KEY UPDATE SKIP LOCKED;
            IF FOUND THEN
                UPDATE tasks SET status = 'running', actual_start = clock_timestamp()
                    WHERE tasks.id = t.id AND tasks.user_id = t.user_id;
                PERFORM announce(s.user_id, s.run_id);
            END IF;
        END IF;
        RETURN QUERY SELECT s.id, 'claimed', s.user_id, s.run_id, t.task_name, s.stage, s.kind, s.key,
            s.event, s.attempts, pg_current_snapshot()::text;
    END LOOP;
END $$;
