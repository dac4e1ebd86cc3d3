-- The works of an author as last compared, and why each is missing or not.

CREATE TABLE author_works (
    user_id bigint NOT NULL,
    author_id bigint NOT NULL,
    place integer NOT NULL,
    title text NOT NULL,
    series text NOT NULL DEFAULT '',
    position text NOT NULL DEFAULT '',
    status text NOT NULL CHECK (status IN ('owned', 'covered', 'missing', 'unreleased', 'ignored')),
    book_id bigint,
    note text NOT NULL DEFAULT '',
    sources text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, author_id, place),
    FOREIGN KEY (user_id, author_id) REFERENCES authors ON DELETE CASCADE
);
ALTER TABLE author_works ENABLE ROW LEVEL SECURITY;
ALTER TABLE author_works FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON author_works TO bookrunner_app
    USING (user_id = (SELECT app_user())) WITH CHECK (user_id = (SELECT app_user()));
COMMENT ON TABLE author_works IS 'The works of an author as last compared, over all sources.';
COMMENT ON COLUMN author_works.user_id IS 'Whose comparison it is.';
COMMENT ON COLUMN author_works.author_id IS 'The author.';
COMMENT ON COLUMN author_works.place IS 'Order in the list, from 0.';
COMMENT ON COLUMN author_works.title IS 'Title as the first source lists it.';
COMMENT ON COLUMN author_works.series IS 'The series under which it was compared.';
COMMENT ON COLUMN author_works.position IS 'Position in that series, as printed.';
COMMENT ON COLUMN author_works.status IS 'owned, covered, missing, unreleased or ignored.';
COMMENT ON COLUMN author_works.book_id IS 'The owned or wanted book.';
COMMENT ON COLUMN author_works.note IS 'Why it has this status, in words.';
COMMENT ON COLUMN author_works.sources IS 'Who lists it: Goodreads, GoogleBooks, MAM.';
