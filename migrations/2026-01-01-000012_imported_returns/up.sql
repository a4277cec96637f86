-- Returns that came in by file under a number of their own.

CREATE TABLE imported_returns (
    number       short_text  CONSTRAINT imported_returns_pkey PRIMARY KEY,
    content_hash bytea       NOT NULL CONSTRAINT imported_returns_content_hash_is_sha256 CHECK (length(content_hash) = 32),
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE imported_returns IS 'Append-only. Returns that came in by file under a number of their own and gave something back, so that the same file again changes nothing. What they gave back stands with the orders, as events that name them.';
COMMENT ON COLUMN imported_returns.number IS 'The return''s number.';
COMMENT ON COLUMN imported_returns.content_hash IS 'SHA-256 of what it said, so that the same return sent again is known.';
COMMENT ON COLUMN imported_returns.recorded_at IS 'When it was recorded.';
CREATE TRIGGER imported_returns_are_kept BEFORE UPDATE OR DELETE ON imported_returns FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER imported_returns_are_not_emptied BEFORE TRUNCATE ON imported_returns FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
