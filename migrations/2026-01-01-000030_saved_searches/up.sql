-- Searches that people come back to.

CREATE TABLE saved_searches (
    id       bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT saved_searches_pkey PRIMARY KEY,
    user_id  bigint      NOT NULL CONSTRAINT saved_searches_user_fkey REFERENCES users (id),
    page     text        NOT NULL CONSTRAINT saved_searches_page_is_known CHECK (page IN ('partners', 'ledgers')),
    name     text        COLLATE by_name NOT NULL CONSTRAINT saved_searches_name_is_1_to_60_characters CHECK (char_length(name) BETWEEN 1 AND 60),
    query    text        NOT NULL CONSTRAINT saved_searches_query_is_at_most_4000_characters CHECK (char_length(query) <= 4000),
    saved_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX saved_searches_one_per_name ON saved_searches (user_id, page, lower(name));
COMMENT ON TABLE saved_searches IS 'Searches of lists and reports that a user has given a name; each user has its own.';
COMMENT ON COLUMN saved_searches.id IS 'The search''s number.';
COMMENT ON COLUMN saved_searches.user_id IS 'Whose it is.';
COMMENT ON COLUMN saved_searches.page IS 'partners: the list of partners; ledgers: the Ledgers report.';
COMMENT ON COLUMN saved_searches.name IS 'As the user calls it; compared without regard to case.';
COMMENT ON COLUMN saved_searches.query IS 'What stands after the ? of the address; dates that were chosen by a word stay a word.';
COMMENT ON COLUMN saved_searches.saved_at IS 'When it was saved last.';
