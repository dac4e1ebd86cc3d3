-- Indexes for lists of a large library that are sorted by what no plain column holds.

CREATE INDEX missing_books_by_position ON missing_books (user_id, reason_missing,
    (substring(position FROM '^\d{1,9}(?:\.\d{1,9})?')::numeric), identified_date, id);
