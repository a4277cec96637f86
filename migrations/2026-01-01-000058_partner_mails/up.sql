-- Partners are mailed about orders too.

ALTER TABLE mails
    ADD COLUMN order_id bigint CONSTRAINT mails_order_fkey REFERENCES orders (id) ON DELETE CASCADE,
    DROP CONSTRAINT mails_are_about_one_thing,
    ADD CONSTRAINT mails_are_about_one_thing CHECK (num_nonnulls(submission_id, order_id, asked_by) = 1);
CREATE INDEX mails_by_order ON mails (order_id) WHERE order_id IS NOT NULL;
COMMENT ON COLUMN mails.submission_id IS 'Which submission of a web form it tells of; null = it is about something else.';
COMMENT ON COLUMN mails.order_id IS 'Which order it tells a partner of; null = it is about something else.';
