-- What a stage asks for one book or one series must not read the whole library: these questions were
-- answered by a look at every book of the user, once for each of 100,000 books.

-- The title alone, beside the key of title and author: a function of a column is not leakproof, so
-- behind the wall no index on it would serve.
ALTER TABLE books ADD COLUMN title_key text GENERATED ALWAYS AS (split_part(match_key, '|', 1)) STORED;
COMMENT ON COLUMN books.title_key IS 'The folded title, without the author that match_key adds.';
CREATE INDEX books_owned_by_title_key ON books (user_id, title_key)
    WHERE abs_id IS NOT NULL AND NOT is_missing;

CREATE INDEX books_lost_by_key ON books (user_id, match_key) WHERE is_missing;
CREATE INDEX series_works_by_book ON series_works (user_id, book_id) WHERE book_id IS NOT NULL;
