-- The library's page sorts by what came in last; an item may not say when it came.

CREATE INDEX books_newest ON books (user_id, abs_added_at DESC NULLS LAST, id)
    WHERE abs_id IS NOT NULL AND NOT is_missing;
