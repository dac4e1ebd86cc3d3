-- Search under row-level security. A full-text or LIKE condition is not leakproof, so PostgreSQL
-- applies it after the wall, to every row of the user: no index serves it. Comparing text is
-- leakproof; so the words stand in a table of their own, where a prefix is a range of its index.

CREATE TABLE search_words (
    user_id bigint NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('book', 'series', 'author')),
    word text COLLATE "C" NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (user_id, kind, word, id)
);
ALTER TABLE search_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_words FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON search_words TO bookrunner_app
    USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()));
COMMENT ON TABLE search_words IS
    'Every word under which a book, series or author is found; kept by triggers, gone with its row.';
COMMENT ON COLUMN search_words.user_id IS 'Whose row it is.';
COMMENT ON COLUMN search_words.kind IS 'book, series or author.';
COMMENT ON COLUMN search_words.word IS 'A folded word, or initials run together: "jrr".';
COMMENT ON COLUMN search_words.id IS 'The book, series or author.';

CREATE FUNCTION words_to_find(_text text, _names text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(array_agg(DISTINCT left(word, 64)), '{}') FROM (
        SELECT unnest(string_to_array(_text, ' ')) AS word
        UNION ALL
        SELECT lower(regexp_replace(run[1], '[^[:alpha:]]', '', 'g'))
        FROM regexp_matches(_names, '((?:\m[[:alpha:]](?:\.\s*|\s+)){2,})', 'g') AS run
    ) AS words WHERE word <> ''
$$;
COMMENT ON FUNCTION words_to_find(text, text) IS
    'The words of a folded text, and the initials of names run together: "J. R. R." is also "jrr".';

CREATE FUNCTION index_words(_user bigint, _kind text, _id bigint, _before text[], _after text[])
RETURNS void LANGUAGE sql AS $$
    DELETE FROM search_words WHERE user_id = _user AND kind = _kind AND id = _id
        AND word = ANY (ARRAY(SELECT unnest(_before) EXCEPT SELECT unnest(_after)));
    INSERT INTO search_words (user_id, kind, word, id)
        SELECT _user, _kind, word, _id FROM unnest(_after) AS word ON CONFLICT DO NOTHING;
$$;
COMMENT ON FUNCTION index_words(bigint, text, bigint, text[], text[]) IS
    'Let a row be found under the words after, and no more under those before.';

CREATE FUNCTION index_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM index_words(coalesce(NEW.user_id, OLD.user_id), 'book', coalesce(NEW.id, OLD.id),
        words_to_find(OLD.search_text, OLD.author), words_to_find(NEW.search_text, NEW.author));
    RETURN NULL;
END $$;
CREATE FUNCTION index_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM index_words(coalesce(NEW.user_id, OLD.user_id), 'series', coalesce(NEW.id, OLD.id),
        words_to_find(OLD.search_text, OLD.author), words_to_find(NEW.search_text, NEW.author));
    RETURN NULL;
END $$;
CREATE FUNCTION index_author() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM index_words(coalesce(NEW.user_id, OLD.user_id), 'author', coalesce(NEW.id, OLD.id),
        words_to_find(OLD.search_text, OLD.name), words_to_find(NEW.search_text, NEW.name));
    RETURN NULL;
END $$;

CREATE TRIGGER find_words AFTER INSERT OR DELETE ON books
    FOR EACH ROW EXECUTE FUNCTION index_book();
CREATE TRIGGER find_new_words AFTER UPDATE OF search_text, author ON books FOR EACH ROW
    WHEN (OLD.search_text <> NEW.search_text OR OLD.author <> NEW.author)
    EXECUTE FUNCTION index_book();
CREATE TRIGGER find_words AFTER INSERT OR DELETE ON series
    FOR EACH ROW EXECUTE FUNCTION index_series();
CREATE TRIGGER find_new_words AFTER UPDATE OF search_text, author ON series FOR EACH ROW
    WHEN (OLD.search_text <> NEW.search_text OR OLD.author <> NEW.author)
    EXECUTE FUNCTION index_series();
CREATE TRIGGER find_words AFTER INSERT OR DELETE ON authors
    FOR EACH ROW EXECUTE FUNCTION index_author();
CREATE TRIGGER find_new_words AFTER UPDATE OF search_text, name ON authors FOR EACH ROW
    WHEN (OLD.search_text <> NEW.search_text OR OLD.name <> NEW.name)
    EXECUTE FUNCTION index_author();

-- Which fields are filled, as bits, so that a library's completeness per field is counted from an
-- index and not from 100,000 documents.
CREATE FUNCTION metadata_fields() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT ARRAY['title', 'subtitle', 'authors', 'narrators', 'series', 'publisher',
    'published_year', 'description', 'genres', 'language', 'isbn', 'asin'] $$;
COMMENT ON FUNCTION metadata_fields() IS 'The twelve fields; the first is bit 0 of books.filled.';

CREATE FUNCTION metadata_filled(_metadata jsonb) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(sum(1 << (n - 1)::integer), 0)::integer
    FROM unnest(metadata_fields()) WITH ORDINALITY AS f (field, n)
    WHERE coalesce(_metadata -> field, 'null') NOT IN ('null', '""', '[]')
$$;
COMMENT ON FUNCTION metadata_filled(jsonb) IS 'The fields that hold a value, as bits.';

ALTER TABLE books ADD COLUMN filled integer GENERATED ALWAYS AS (metadata_filled(metadata)) STORED;
COMMENT ON COLUMN books.filled IS 'The fields that hold a value, as bits in the order of metadata_fields().';
CREATE INDEX books_by_filled ON books (user_id, filled) WHERE abs_id IS NOT NULL AND NOT is_missing;
CREATE INDEX books_owned_by_title ON books (user_id, title, id)
    WHERE abs_id IS NOT NULL AND NOT is_missing;
CREATE INDEX books_by_completeness ON books (user_id, metadata_completeness, id)
    WHERE abs_id IS NOT NULL AND NOT is_missing;
CREATE INDEX books_by_described ON books (user_id, last_metadata_update NULLS FIRST, id)
    WHERE abs_id IS NOT NULL AND NOT is_missing;

-- Rows that stand already. The owner of the tables sees them only while the walls are not forced.
ALTER TABLE books NO FORCE ROW LEVEL SECURITY;
ALTER TABLE series NO FORCE ROW LEVEL SECURITY;
ALTER TABLE authors NO FORCE ROW LEVEL SECURITY;
ALTER TABLE search_words NO FORCE ROW LEVEL SECURITY;
INSERT INTO search_words (user_id, kind, word, id)
SELECT user_id, 'book', unnest(words_to_find(search_text, author)), id FROM books
UNION ALL SELECT user_id, 'series', unnest(words_to_find(search_text, author)), id FROM series
UNION ALL SELECT user_id, 'author', unnest(words_to_find(search_text, name)), id FROM authors;
ALTER TABLE books FORCE ROW LEVEL SECURITY;
ALTER TABLE series FORCE ROW LEVEL SECURITY;
ALTER TABLE authors FORCE ROW LEVEL SECURITY;
ALTER TABLE search_words FORCE ROW LEVEL SECURITY;
