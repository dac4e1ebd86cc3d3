-- What a crash between a write to the library and its record must not lose, and whose book a new item is.

ALTER TABLE books ADD COLUMN pending_write jsonb;
COMMENT ON COLUMN books.pending_write IS
    'Changes on their way to the library: run, and field -> old, new, source; NULL when none is.';

CREATE FUNCTION adopt_item(wanted bigint, item text) RETURNS bigint LANGUAGE plpgsql AS $$
-- The wanted book has become this item. When a listing of the library was faster and made a row of
-- its own for the item, that row's facts and history move over and the row goes.
DECLARE twin books;
BEGIN
    SELECT * INTO twin FROM books WHERE user_id = app_user() AND abs_id = item FOR UPDATE;
    IF twin.id = wanted THEN
        RETURN wanted;
    END IF;
    IF twin.id IS NOT NULL THEN
        UPDATE metadata_corrections SET book_id = wanted
        WHERE user_id = app_user() AND book_id = twin.id;
        UPDATE book_series s SET book_id = wanted
        WHERE s.user_id = app_user() AND s.book_id = twin.id AND NOT EXISTS (
            SELECT FROM book_series o
            WHERE o.user_id = s.user_id AND o.book_id = wanted AND o.series_id = s.series_id);
        UPDATE book_authors a SET book_id = wanted
        WHERE a.user_id = app_user() AND a.book_id = twin.id AND NOT EXISTS (
            SELECT FROM book_authors o
            WHERE o.user_id = a.user_id AND o.book_id = wanted AND o.author_id = a.author_id);
        DELETE FROM books WHERE user_id = app_user() AND id = twin.id;
    END IF;
    UPDATE books SET abs_id = item, is_missing = false, date_updated = now(),
        metadata = coalesce(twin.metadata, metadata),
        last_written = coalesce(twin.last_written, last_written),
        metadata_source = coalesce(twin.metadata_source, metadata_source),
        library_id = coalesce(twin.library_id, library_id), path = coalesce(twin.path, path)
    WHERE user_id = app_user() AND id = wanted;
    RETURN wanted;
END $$;
COMMENT ON FUNCTION adopt_item IS 'Make a wanted book the owned one that an item of the library is.';
