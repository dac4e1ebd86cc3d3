-- name: weeks
-- The weeks of which there are charts, the newest first.
SELECT DISTINCT week FROM charts WHERE user_id = (SELECT app_user()) ORDER BY week DESC LIMIT 12;

-- name: questions
-- The open questions about books of charts: which question each book stands in.
SELECT a.id, (b.value ->> 'book_id')::bigint AS book_id
FROM approvals AS a, jsonb_array_elements(a.proposal -> 'books') AS b (value)
WHERE a.user_id = (SELECT app_user()) AND a.kind = 'top10' AND a.status = 'open';
