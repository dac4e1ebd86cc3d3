-- name: put_items
-- Write a page of the library's items: a wanted or lost book of the same title and author becomes
-- the item; every other item gets or refreshes a row of its own.
WITH item AS (
    SELECT * FROM jsonb_to_recordset(%(items)s::jsonb) AS i (
        abs_id text, title text, author text, series text, isbn text, asin text, metadata jsonb,
        completeness numeric, match_key text, search_text text, library_id text, path text,
        duration_seconds double precision, size_bytes bigint, added_at timestamptz,
        updated_at timestamptz, is_missing boolean)
), known AS (
    SELECT b.abs_id, b.id FROM item i JOIN books b ON b.user_id = app_user() AND b.abs_id = i.abs_id
), adopted AS (
    SELECT DISTINCT ON (abs_id) abs_id, id FROM (
        SELECT DISTINCT ON (free.id) free.id, i.abs_id FROM item i, LATERAL (
            SELECT b.id FROM books b
            WHERE b.user_id = app_user() AND b.match_key = i.match_key AND b.abs_id IS NULL
                AND b.match_key <> ''  -- said of b, too, for the index of wanted books
            UNION ALL SELECT b.id FROM books b
            WHERE b.user_id = app_user() AND b.match_key = i.match_key AND b.is_missing
        ) AS free
        WHERE i.match_key <> '' AND NOT i.is_missing AND i.abs_id NOT IN (SELECT abs_id FROM known)
        ORDER BY free.id, i.abs_id
    ) AS each_to_one ORDER BY abs_id, id
), target AS MATERIALIZED (
    SELECT abs_id, id FROM known UNION ALL SELECT abs_id, id FROM adopted
), updated AS (
    UPDATE books b SET abs_id = i.abs_id, title = i.title, author = i.author, series = i.series,
        isbn = i.isbn, asin = i.asin, metadata = i.metadata,
        metadata_completeness = i.completeness, match_key = i.match_key,
        search_text = i.search_text, library_id = i.library_id, path = i.path,
        duration_seconds = i.duration_seconds, size_bytes = i.size_bytes,
        abs_added_at = i.added_at, abs_updated_at = i.updated_at, is_missing = i.is_missing,
        date_updated = now()
    FROM target t JOIN item i USING (abs_id)
    WHERE b.user_id = app_user() AND b.id = t.id
    RETURNING b.id, b.abs_id
), inserted AS (
    INSERT INTO books (user_id, abs_id, title, author, series, isbn, asin, metadata,
        metadata_completeness, match_key, search_text, library_id, path, duration_seconds,
        size_bytes, abs_added_at, abs_updated_at, is_missing)
    SELECT app_user(), abs_id, title, author, series, isbn, asin, metadata, completeness, match_key,
        search_text, library_id, path, duration_seconds, size_bytes, added_at, updated_at, is_missing
    FROM item WHERE abs_id NOT IN (SELECT abs_id FROM updated)
    ON CONFLICT (user_id, abs_id) DO NOTHING
    RETURNING id, abs_id
)
SELECT id, abs_id FROM updated UNION ALL SELECT id, abs_id FROM inserted;

-- name: put_series
-- Write the series that items name, and answer their ids.
INSERT INTO series (user_id, name, author, match_key, search_text)
SELECT app_user(), name, author, match_key, search_text
FROM jsonb_to_recordset(%(series)s::jsonb)
    AS s (name text, author text, match_key text, search_text text)
ORDER BY match_key
ON CONFLICT (user_id, match_key) DO UPDATE
    SET author = CASE WHEN series.author = '' THEN excluded.author ELSE series.author END
RETURNING id, match_key;

-- name: put_authors
-- Write the authors that items name, and answer their ids.
INSERT INTO authors (user_id, name, match_key, search_text)
SELECT app_user(), name, match_key, search_text
FROM jsonb_to_recordset(%(authors)s::jsonb) AS a (name text, match_key text, search_text text)
ORDER BY match_key
ON CONFLICT (user_id, match_key) DO UPDATE SET name = authors.name
RETURNING id, match_key;

-- name: unlink
-- Forget where these books stand, before it is written anew.
WITH gone AS (
    DELETE FROM book_series WHERE user_id = app_user() AND book_id = ANY(%(books)s::bigint[])
)
DELETE FROM book_authors WHERE user_id = app_user() AND book_id = ANY(%(books)s::bigint[]);

-- name: link_series
-- Write which book stands where in which series.
INSERT INTO book_series (user_id, book_id, series_id, sequence)
SELECT app_user(), book_id, series_id, sequence
FROM jsonb_to_recordset(%(links)s::jsonb) AS l (book_id bigint, series_id bigint, sequence text)
ON CONFLICT (user_id, book_id, series_id) DO UPDATE SET sequence = excluded.sequence;

-- name: link_authors
-- Write who wrote which book.
INSERT INTO book_authors (user_id, book_id, author_id)
SELECT app_user(), book_id, author_id
FROM jsonb_to_recordset(%(links)s::jsonb) AS l (book_id bigint, author_id bigint)
ON CONFLICT DO NOTHING;

-- name: known_items
-- Every item of a library with the moment of its last change, to tell what is new.
SELECT abs_id, abs_updated_at, is_missing FROM books
WHERE user_id = app_user() AND abs_id IS NOT NULL AND library_id = %(library_id)s;

-- name: mark_gone
-- Mark books whose items the library no longer lists.
UPDATE books SET is_missing = true, date_updated = now()
WHERE user_id = app_user() AND abs_id = ANY(%(items)s::text[]) AND NOT is_missing;

-- name: to_describe
-- Every owned book, those first whose sources have not been asked for longest.
SELECT id, abs_id, title FROM books
WHERE user_id = app_user() AND abs_id IS NOT NULL AND NOT is_missing
    AND (%(since)s::timestamptz IS NULL OR abs_added_at >= %(since)s::timestamptz)
ORDER BY last_metadata_update NULLS FIRST, id;

-- name: by_id
-- One book, whole.
SELECT * FROM books WHERE user_id = app_user() AND id = %(id)s;

-- name: by_item
-- One owned book, by its item.
SELECT * FROM books WHERE user_id = app_user() AND abs_id = %(abs_id)s;

-- name: owned_near_series
-- Every owned book that stands in a series or is by an author of it: what a list is compared with.
WITH member AS MATERIALIZED (
    SELECT book_id FROM book_series WHERE user_id = app_user() AND series_id = %(series_id)s
), near AS (
    SELECT book_id FROM member
    UNION SELECT o.book_id FROM book_authors o WHERE o.user_id = app_user() AND o.author_id IN (
        SELECT a.author_id FROM member m
        JOIN book_authors a ON a.user_id = app_user() AND a.book_id = m.book_id)
)
SELECT b.id, b.title, b.metadata, b.identifiers, b.isbn, b.asin
FROM near n JOIN books b ON b.user_id = app_user() AND b.id = n.book_id
WHERE b.abs_id IS NOT NULL AND NOT b.is_missing ORDER BY b.id;

-- name: owned_like
-- The owned books with one of these titles, or by one of these authors: what could be one of ours.
WITH alike AS (
    SELECT id FROM books WHERE user_id = app_user() AND abs_id IS NOT NULL AND NOT is_missing
        AND title_key = ANY(%(titles)s::text[])
    UNION SELECT l.book_id FROM authors a
    JOIN book_authors l ON l.user_id = app_user() AND l.author_id = a.id
    WHERE a.user_id = app_user() AND a.match_key = ANY(%(authors)s::text[])
)
SELECT b.id, b.title, b.metadata, b.identifiers, b.isbn, b.asin
FROM alike JOIN books b ON b.user_id = app_user() AND b.id = alike.id
WHERE b.abs_id IS NOT NULL AND NOT b.is_missing ORDER BY b.id;

-- name: put_wanted
-- Write a wanted book, or find the row that it already has, and answer its id.
INSERT INTO books (user_id, title, author, series, isbn, asin, metadata, match_key, search_text,
    identifiers, duration_seconds)
VALUES (app_user(), %(title)s, %(author)s, %(series)s, %(isbn)s, %(asin)s, %(metadata)s,
    %(match_key)s, %(search_text)s, %(identifiers)s, %(duration_seconds)s)
ON CONFLICT (user_id, match_key) WHERE abs_id IS NULL AND match_key <> '' DO UPDATE
    SET series = excluded.series, identifiers = books.identifiers || excluded.identifiers,
        metadata = excluded.metadata || books.metadata,
        duration_seconds = coalesce(books.duration_seconds, excluded.duration_seconds)
RETURNING id;

-- name: learn
-- Keep what was learnt of a wanted book while it was looked for.
UPDATE books SET metadata = %(metadata)s || metadata, identifiers = identifiers || %(identifiers)s,
    isbn = coalesce(isbn, %(isbn)s), asin = coalesce(asin, %(asin)s),
    duration_seconds = coalesce(duration_seconds, %(duration_seconds)s), date_updated = now()
WHERE user_id = app_user() AND id = %(id)s;

-- name: adopt
-- writes: the wanted book has become an item of the library.
SELECT adopt_item(%(id)s::bigint, %(abs_id)s::text);

-- name: intend
-- Note what is about to be written to the library, before it is.
UPDATE books SET pending_write = %(pending)s WHERE user_id = app_user() AND id = %(id)s
RETURNING id;

-- name: describe
-- writes: keep a book as the library now shows it, and forget the write that led there. What is
-- known of its fields' owners fills gaps; what is sure replaces.
UPDATE books SET title = %(title)s, author = %(author)s, series = %(series)s, isbn = %(isbn)s,
    asin = %(asin)s, metadata = %(metadata)s, metadata_source = %(known)s || metadata_source || %(sure)s,
    last_written = last_written || %(last_written)s, metadata_completeness = %(completeness)s,
    identifiers = identifiers || %(identifiers)s, match_key = %(match_key)s,
    search_text = %(search_text)s, pending_write = NULL, date_updated = now()
WHERE user_id = app_user() AND id = %(id)s
RETURNING metadata_source, last_written, pending_write;

-- name: asked
-- Note that every source was asked to the end.
UPDATE books SET last_metadata_update = now() WHERE user_id = app_user() AND id = %(id)s;

-- name: titles
-- Titles of some books, for reading.
SELECT id, title FROM books WHERE user_id = app_user() AND id = ANY(%(books)s::bigint[]);

-- name: of_series
-- The owned books of a series, in its order as far as sequences sort as numbers.
SELECT b.id, b.title, b.metadata, b.identifiers, b.isbn, b.asin FROM book_series l
JOIN books b ON b.user_id = l.user_id AND b.id = l.book_id
WHERE l.user_id = app_user() AND l.series_id = %(series_id)s
    AND b.abs_id IS NOT NULL AND NOT b.is_missing
ORDER BY substring(l.sequence FROM '^[0-9]+')::int NULLS LAST, b.id;

-- name: expect
-- Keep how long a wanted book should play.
UPDATE books SET duration_seconds = %(seconds)s
WHERE user_id = app_user() AND id = %(id)s AND abs_id IS NULL
RETURNING id;
