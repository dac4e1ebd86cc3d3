-- What the runner needs beside the steps: leases that fence, topics that remember their wakes, and
-- the few functions in which a step is claimed, closed, parked, woken and its run ended.

ALTER TABLE steps ADD COLUMN lease bigint;
ALTER TABLE steps ADD COLUMN queued_at timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE steps SET (fillfactor = 70);
COMMENT ON COLUMN steps.lease IS 'Token of the worker that claimed it last; only its holder may close the step.';
COMMENT ON COLUMN steps.queued_at IS 'When its last job was queued.';
CREATE INDEX steps_ready ON steps (queued_at) WHERE status = 'ready';
CREATE INDEX steps_by_run ON steps (run_id, id);

CREATE TABLE topics (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL,
    wake xid8,
    woken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, name)
) WITH (fillfactor = 70);
CREATE INDEX topics_by_age ON topics (woken_at);
ALTER TABLE topics ENABLE ROW LEVEL SECURITY;
ALTER TABLE topics FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON topics TO bookrunner_app
    USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()));
CREATE POLICY every_row ON topics TO bookrunner_system USING (true) WITH CHECK (true);
COMMENT ON TABLE topics IS 'The last wake of each topic, so that one which comes before a step is parked is not lost.';
COMMENT ON COLUMN topics.user_id IS 'Whose topic it is.';
COMMENT ON COLUMN topics.name IS 'What steps wait for: torrent:<infohash>, item:<path>, batch:<run>.';
COMMENT ON COLUMN topics.wake IS 'The transaction of the last wake; NULL before the first.';
COMMENT ON COLUMN topics.woken_at IS 'When it was last woken, or first waited for.';

CREATE FUNCTION step_lock(_step bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (25196::bigint << 48) | _step $$;
COMMENT ON FUNCTION step_lock(bigint) IS 'The advisory lock that stands for the lease of a step.';

CREATE FUNCTION announce(_user bigint, _run bigint) RETURNS void LANGUAGE sql
AS $$ SELECT pg_notify('bookrunner_events', json_build_object('user', _user, 'run', _run)::text) $$;
COMMENT ON FUNCTION announce(bigint, bigint) IS
    'Tell the pages that a run moved: ids only, once per transaction however often it is called.';

CREATE FUNCTION claim_steps(_steps bigint[], _leases bigint[], _unwanted bigint[])
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
            UPDATE tasks SET status = 'running', actual_start = clock_timestamp()
                WHERE tasks.id = t.id AND tasks.user_id = t.user_id AND tasks.status = 'scheduled';
            PERFORM announce(s.user_id, s.run_id);
        END IF;
        RETURN QUERY SELECT s.id, 'claimed', s.user_id, s.run_id, t.task_name, s.stage, s.kind, s.key,
            s.event, s.attempts, pg_current_snapshot()::text;
    END LOOP;
END $$;
COMMENT ON FUNCTION claim_steps(bigint[], bigint[], bigint[]) IS
    'Take the leases of ready steps for this session and give the unwanted free; verdict is claimed,'
    ' taken (by another) or over.';

CREATE FUNCTION topic_was_woken(_user bigint, _topic text, _since timestamptz, _seen pg_snapshot)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    t topics;
BEGIN
    -- Both statements wait for a waker that is still under way; a later one waits for us, and then
    -- finds the step parked. So every wake is either seen here or finds somebody to wake.
    INSERT INTO topics (user_id, name) VALUES (_user, _topic) ON CONFLICT (user_id, name) DO NOTHING;
    SELECT * INTO t FROM topics WHERE user_id = _user AND name = _topic FOR SHARE;
    -- A wake counts when it was not yet visible as the step began. Transaction numbers of another
    -- server (a restored dump) mean nothing here; the hour keeps them from counting for ever.
    RETURN coalesce(t.wake IS NOT NULL AND NOT pg_visible_in_snapshot(t.wake, _seen)
        AND t.wake IS DISTINCT FROM pg_current_xact_id_if_assigned()
        AND t.woken_at > _since - interval '1 hour', false);
END $$;
COMMENT ON FUNCTION topic_was_woken(bigint, text, timestamptz, pg_snapshot) IS
    'Whether a topic was woken since a step began to look; holds back later wakes until commit.';

CREATE FUNCTION wake_topics(_user bigint, _topics text[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    woken bigint[];
BEGIN
    INSERT INTO topics (user_id, name, wake)
        SELECT _user, name, pg_current_xact_id() FROM (SELECT DISTINCT unnest(_topics) AS name) AS n
        ORDER BY name  -- two wakers of the same topics must not wait for each other
        ON CONFLICT (user_id, name)
        DO UPDATE SET wake = EXCLUDED.wake, woken_at = EXCLUDED.woken_at;
    WITH ready AS (
        UPDATE steps SET status = 'ready', due_at = NULL, topic = NULL, queued_at = clock_timestamp()
        WHERE id IN (SELECT id FROM steps WHERE user_id = _user AND topic = ANY (_topics)
            AND status = 'waiting' ORDER BY id FOR UPDATE)
        RETURNING id
    ) SELECT array_agg(id ORDER BY id) INTO woken FROM ready;
    IF woken IS NOT NULL THEN
        PERFORM queue_steps(woken);
    END IF;
    RETURN coalesce(cardinality(woken), 0);
END $$;
COMMENT ON FUNCTION wake_topics(bigint, text[]) IS
    'Make the steps that wait for these topics ready, in the caller''s transaction; how many it were.';

CREATE FUNCTION note_failure(_step steps, _code text, _reason text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO failed_attempts AS f
        (user_id, task_name, stage, item_id, code, reason, first_attempt, last_attempt, attempt_count)
    SELECT _step.user_id, t.task_name, _step.stage, _step.key, _code, _reason,
        clock_timestamp(), clock_timestamp(), _step.attempts
    FROM tasks AS t WHERE t.id = _step.run_id AND t.user_id = _step.user_id
    ON CONFLICT (user_id, task_name, stage, item_id, code) DO UPDATE SET reason = EXCLUDED.reason,
        last_attempt = EXCLUDED.last_attempt, attempt_count = f.attempt_count + EXCLUDED.attempt_count
$$;
COMMENT ON FUNCTION note_failure(steps, text, text) IS 'Write a failed step into the permanent ledger.';

CREATE FUNCTION note_lines(_user bigint, _run bigint, _lines jsonb) RETURNS void LANGUAGE sql AS $$
    INSERT INTO task_log (user_id, task_id, level, line)
    SELECT _user, _run, l ->> 0, left(l ->> 1, 10000)
    FROM jsonb_array_elements(_lines) WITH ORDINALITY AS x (l, n) ORDER BY n
$$;
COMMENT ON FUNCTION note_lines(bigint, bigint, jsonb) IS 'Write log lines [level, line] of a run.';

CREATE FUNCTION pass_on(_step steps, _events jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    passed bigint[];
BEGIN
    WITH fresh AS (
        INSERT INTO steps (user_id, run_id, parent_id, stage, kind, key, event)
        SELECT _step.user_id, _step.run_id, _step.id, e.stage, e.kind, e.key, e.event
        FROM jsonb_to_recordset(_events) AS e (stage text, kind text, key text, event jsonb)
        ON CONFLICT (run_id, stage, key) DO NOTHING RETURNING id
    ) SELECT array_agg(id ORDER BY id) INTO passed FROM fresh;
    IF passed IS NOT NULL THEN
        PERFORM queue_steps(passed);
    END IF;
    RETURN coalesce(cardinality(passed), 0);
END $$;
COMMENT ON FUNCTION pass_on(steps, jsonb) IS
    'Make the steps that follow a step and queue their jobs; the same fact twice is one step.';

CREATE FUNCTION close_step(_step bigint, _lease bigint, _seen pg_snapshot, _report jsonb)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    s steps;
    at timestamptz := clock_timestamp();
    fate text := _report ->> 'status';
    code text := _report ->> 'code';
    why text := _report ->> 'reason';
    woken boolean := false;
    passed integer := 0;
BEGIN
    IF _report ->> 'topic' IS NOT NULL THEN
        SELECT * INTO s FROM steps WHERE id = _step;
        woken := topic_was_woken(s.user_id, _report ->> 'topic', s.started_at, _seen);
    END IF;
    SELECT * INTO s FROM steps WHERE id = _step AND lease = _lease AND status = 'ready' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'lost';
    END IF;
    IF fate = 'waiting' AND woken THEN
        fate := 'ready';
    ELSIF fate = 'waiting' AND s.deadline_at <= at THEN
        fate := 'failed';
        code := 'deadline_passed';
        why := 'waited too long: ' || why;
    END IF;
    UPDATE steps SET
        status = fate, outcome = _report ->> 'outcome', reason = why, detail = _report -> 'detail',
        attempts = attempts + CASE WHEN fate IN ('retrying', 'failed') THEN 1 ELSE 0 END,
        topic = CASE WHEN fate = 'waiting' THEN _report ->> 'topic' END,
        deadline_at = CASE WHEN fate IN ('waiting', 'ready', 'retrying') THEN
            coalesce(deadline_at, at + (_report ->> 'deadline')::double precision * interval '1 second') END,
        due_at = CASE WHEN fate IN ('waiting', 'retrying') THEN
            -- A wait is looked at once more when its deadline passes, and then fails.
            least(at + (_report ->> 'delay')::double precision * interval '1 second', deadline_at,
                CASE WHEN fate = 'waiting' AND deadline_at IS NULL THEN
                    at + (_report ->> 'deadline')::double precision * interval '1 second' END) END,
        queued_at = CASE WHEN fate = 'ready' THEN at ELSE queued_at END,
        finished_at = CASE WHEN fate IN ('done', 'stopped', 'failed') THEN at END,
        lease = NULL
    WHERE id = _step RETURNING * INTO s;
    IF jsonb_array_length(_report -> 'lines') > 0 THEN
        PERFORM note_lines(s.user_id, s.run_id, _report -> 'lines');
    END IF;
    IF jsonb_array_length(_report -> 'events') > 0 THEN
        passed := pass_on(s, _report -> 'events');
    END IF;
    IF fate = 'failed' THEN
        PERFORM note_failure(s, code, why);
    ELSIF fate = 'ready' THEN
        PERFORM queue_steps(ARRAY[_step]);
    END IF;
    PERFORM announce(s.user_id, s.run_id);
    RETURN CASE WHEN passed = 0 AND s.finished_at IS NOT NULL THEN 'ended' ELSE 'open' END;
END $$;
COMMENT ON FUNCTION close_step(bigint, bigint, pg_snapshot, jsonb) IS
    'Record what became of a step, and queue what follows; ''lost'' when the lease is no longer ours,'
    ' ''ended'' when nothing follows and its run may be over, else ''open''.';

CREATE FUNCTION run_log(_user bigint, _run bigint) RETURNS text LANGUAGE sql STABLE AS $$
    WITH lines AS (
        SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' ' || upper(level)
            || ' ' || line AS line FROM task_log WHERE user_id = _user AND task_id = _run
    ), newest AS (
        SELECT id, line, sum(octet_length(line) + 1) OVER (ORDER BY id DESC) AS bytes FROM lines
    )
    SELECT CASE WHEN bool_or(bytes > 1048576) THEN '[older lines were cut: a log keeps its newest 1 MB]'
            || E'\n' ELSE '' END
        || coalesce(string_agg(line, E'\n' ORDER BY id) FILTER (WHERE bytes <= 1048576), '')
    FROM newest
$$;
COMMENT ON FUNCTION run_log(bigint, bigint) IS 'The lines of a run as one text, its newest megabyte.';

CREATE FUNCTION end_run(_run bigint, _status text, _error text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t tasks;
    tally jsonb;
BEGIN
    SELECT * INTO STRICT t FROM tasks WHERE id = _run;
    SELECT coalesce(jsonb_object_agg(stage, per), '{}') INTO tally FROM (
        SELECT stage, jsonb_object_agg(status, n) AS per FROM (
            SELECT stage, status, count(*) AS n FROM steps WHERE run_id = _run GROUP BY stage, status
        ) AS each_status GROUP BY stage
    ) AS each_stage;
    INSERT INTO task_log (user_id, task_id, level, line) VALUES (t.user_id, _run,
        CASE WHEN _error IS NULL THEN 'info' ELSE 'error' END, _status || coalesce(': ' || _error, ''));
    UPDATE tasks SET status = _status, actual_end = clock_timestamp(), error_message = _error,
        actual_start = coalesce(actual_start, clock_timestamp()), counts = tally,
        log_output = coalesce(run_log(t.user_id, _run), '')
    WHERE id = _run AND user_id = t.user_id;
    PERFORM announce(t.user_id, _run);
END $$;
COMMENT ON FUNCTION end_run(bigint, text, text) IS
    'Write the end of a run: status, counts per stage, log. The caller holds its row.';

CREATE FUNCTION close_run(_run bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    fate text := 'completed';
    failures bigint;
    first_failure text;
BEGIN
    IF EXISTS (SELECT FROM steps WHERE run_id = _run AND status IN ('ready', 'waiting', 'retrying')) THEN
        RETURN NULL;
    END IF;
    -- NO KEY: whoever passes events on has this row in view as the parent of new steps.
    PERFORM FROM tasks WHERE id = _run AND status IN ('scheduled', 'running') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT count(*), (array_agg(stage || ': ' || reason ORDER BY finished_at, id))[1]
        INTO failures, first_failure FROM steps WHERE run_id = _run AND status = 'failed';
    -- A run failed when none of its branches came to a good end.
    IF failures > 0 AND NOT EXISTS (SELECT FROM steps AS s WHERE run_id = _run
        AND status IN ('done', 'stopped')
        AND NOT EXISTS (SELECT FROM steps AS c WHERE c.run_id = _run AND c.parent_id = s.id))
    THEN
        fate := 'failed';
    END IF;
    PERFORM end_run(_run, fate, CASE WHEN failures > 1 THEN first_failure || ' (and '
        || failures - 1 || ' more)' ELSE first_failure END);
    RETURN fate;
END $$;
COMMENT ON FUNCTION close_run(bigint) IS
    'End a run of which no step is open, once; its status, or NULL when there was nothing to end.';

CREATE FUNCTION cancel_run(_user bigint, _run bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM tasks WHERE id = _run AND user_id = _user AND status IN ('scheduled', 'running')
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    LOOP  -- a step that was just being closed may have passed events on: these are seen next time round
        UPDATE steps SET status = 'cancelled', reason = 'the run was cancelled', lease = NULL,
            topic = NULL, due_at = NULL, finished_at = clock_timestamp()
        WHERE id IN (SELECT id FROM steps WHERE run_id = _run
            AND status IN ('ready', 'waiting', 'retrying') ORDER BY id FOR UPDATE);
        EXIT WHEN NOT EXISTS (SELECT FROM steps
            WHERE run_id = _run AND status IN ('ready', 'waiting', 'retrying'));
    END LOOP;
    PERFORM end_run(_run, 'cancelled', NULL);
    RETURN true;
END $$;
COMMENT ON FUNCTION cancel_run(bigint, bigint) IS
    'Cancel a run and its open steps; false when it is not under way. A step in progress finds its'
    ' lease gone and records nothing.';

CREATE FUNCTION start_run(_user bigint, _workflow text, _subject text, _started_by text,
    _scheduled timestamptz, _stage text, _kind text, _key text, _event jsonb)
RETURNS TABLE (id bigint, created boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    run bigint;
    step bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM users WHERE users.id = _user AND enabled) THEN
        RETURN;
    END IF;
    LOOP
        INSERT INTO tasks (user_id, task_name, subject, started_by, scheduled_time)
            VALUES (_user, _workflow, _subject, _started_by, coalesce(_scheduled, clock_timestamp()))
            ON CONFLICT (user_id, task_name, subject) WHERE status IN ('scheduled', 'running') DO NOTHING
            RETURNING tasks.id INTO run;
        EXIT WHEN run IS NOT NULL;
        SELECT tasks.id INTO run FROM tasks WHERE user_id = _user AND task_name = _workflow
            AND subject = _subject AND status IN ('scheduled', 'running');
        IF run IS NOT NULL THEN
            RETURN QUERY SELECT run, false;
            RETURN;
        END IF;
    END LOOP;  -- it ended between the two statements: ask again
    INSERT INTO steps (user_id, run_id, stage, kind, key, event)
        VALUES (_user, run, _stage, _kind, _key, _event) RETURNING steps.id INTO step;
    PERFORM note_lines(_user, run, jsonb_build_array(jsonb_build_array('info',
        _workflow || ' started by ' || _started_by)));
    PERFORM queue_steps(ARRAY[step]);
    PERFORM announce(_user, run);
    RETURN QUERY SELECT run, true;
END $$;
COMMENT ON FUNCTION start_run(bigint, text, text, text, timestamptz, text, text, text, jsonb) IS
    'Start a run and queue its first step, or answer with the one under way; nothing for a user who'
    ' is unknown or not enabled.';

CREATE FUNCTION sweep_due(_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    due bigint[];
BEGIN
    WITH ready AS (
        UPDATE steps SET status = 'ready', due_at = NULL, topic = NULL, queued_at = clock_timestamp()
        WHERE id IN (SELECT id FROM steps WHERE status IN ('waiting', 'retrying')
            AND due_at <= clock_timestamp() ORDER BY due_at LIMIT _limit FOR UPDATE SKIP LOCKED)
        RETURNING id
    ) SELECT array_agg(id ORDER BY id) INTO due FROM ready;
    IF due IS NOT NULL THEN
        PERFORM queue_steps(due);
    END IF;
    RETURN coalesce(cardinality(due), 0);
END $$;
COMMENT ON FUNCTION sweep_due(integer) IS 'Queue the waiting and retrying steps that are due.';

CREATE FUNCTION sweep_lost(_older interval, _limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    lost bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM steps WHERE status = 'ready' AND queued_at < clock_timestamp() - _older)
        OR NOT pg_try_advisory_xact_lock(step_lock(0))  -- one worker at a time is enough
    THEN
        RETURN 0;
    END IF;
    WITH queued AS (
        SELECT jsonb_array_elements_text(args -> 'steps')::bigint AS id FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing') AND task_name = 'step'
    ), again AS (
        UPDATE steps SET queued_at = clock_timestamp() WHERE id IN (
            SELECT s.id FROM steps AS s WHERE s.status = 'ready'
                AND s.queued_at < clock_timestamp() - _older
                AND NOT EXISTS (SELECT FROM queued WHERE queued.id = s.id)
            ORDER BY s.queued_at LIMIT _limit FOR UPDATE SKIP LOCKED)
        RETURNING id
    ) SELECT array_agg(id ORDER BY id) INTO lost FROM again;
    IF lost IS NOT NULL THEN
        PERFORM queue_steps(lost);
    END IF;
    RETURN coalesce(cardinality(lost), 0);
END $$;
COMMENT ON FUNCTION sweep_lost(interval, integer) IS 'Queue ready steps again whose job was lost.';

CREATE FUNCTION sweep_topics(_limit integer) RETURNS bigint LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM topics WHERE (user_id, name) IN (SELECT user_id, name FROM topics
            WHERE woken_at < clock_timestamp() - interval '2 days' LIMIT _limit FOR UPDATE SKIP LOCKED)
        RETURNING 1
    ) SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION sweep_topics(integer) IS 'Forget wakes that no step in progress can have missed.';
