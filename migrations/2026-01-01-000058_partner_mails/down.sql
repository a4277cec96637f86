DELETE FROM mails WHERE order_id IS NOT NULL;
ALTER TABLE mails DROP CONSTRAINT mails_are_about_one_thing, DROP COLUMN order_id,
    ADD CONSTRAINT mails_are_about_one_thing CHECK (num_nonnulls(submission_id, asked_by) = 1);
COMMENT ON COLUMN mails.submission_id IS 'Which submission of a web form it tells of; null = it is a test mail.';
