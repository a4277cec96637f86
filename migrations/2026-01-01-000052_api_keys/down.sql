ALTER TABLE audit_log DROP CONSTRAINT audit_log_source_is_known;
ALTER TABLE audit_log ADD CONSTRAINT audit_log_source_is_known CHECK (source IN ('web', 'command', 'import'));
COMMENT ON COLUMN audit_log.source IS 'By which way: a page, a command, an imported file.';
COMMENT ON COLUMN audit_log.user_id IS 'Who did it; null = the command line.';
ALTER TABLE audit_log DROP COLUMN api_key_id;
ALTER TABLE order_events DROP COLUMN api_key_id;
DROP TABLE api_keys;
