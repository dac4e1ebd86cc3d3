-- name: sandbox
-- Whether the sandbox was left, or is to be left at the next start.
SELECT sandbox_left_at IS NOT NULL AS has_left, sandbox_leave_asked_at IS NOT NULL AS asked
FROM installation;

-- name: ask_to_leave
-- Remember that the sandbox is to be left at the next start.
INSERT INTO installation (sandbox_leave_asked_at) VALUES (now())
ON CONFLICT (single) DO UPDATE SET sandbox_leave_asked_at = now();

-- name: leave
-- Remember that the sandbox was left.
UPDATE installation SET sandbox_left_at = now(), sandbox_leave_asked_at = NULL
WHERE sandbox_leave_asked_at IS NOT NULL;

-- name: forget_library
-- writes: delete what the user's library, runs and downloads have left in the tables.
SELECT forget_own_library();

-- name: forget_answers
-- Forget every answer of a catalogue that was kept.
DELETE FROM remote_cache;

-- name: forget_circuits
-- Forget how services have behaved.
DELETE FROM circuits;

-- name: forget_paces
-- Forget how fast services were asked.
DELETE FROM paces;

-- name: forget_quotas
-- Forget what was counted against budgets.
DELETE FROM quotas;
