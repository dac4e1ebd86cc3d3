-- A run of 100,000 books has 200,000 steps, and everybody who looks at it asks how many stand where:
-- counted from this index, not from the rows, in a third of the time.

CREATE INDEX steps_by_state ON steps (user_id, run_id, stage, status, id);
