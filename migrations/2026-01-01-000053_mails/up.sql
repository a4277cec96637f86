-- Mails: what is to be mailed stands in a table, written together with what it tells of, until a mail server has it.

ALTER TABLE web_forms
    ADD COLUMN mail_to text[] NOT NULL DEFAULT '{}' CONSTRAINT web_forms_mail_at_most_5_addresses CHECK (cardinality(mail_to) <= 5);
COMMENT ON COLUMN web_forms.mail_to IS 'Who is mailed what people send by it.';

CREATE TABLE mails (
    id            bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT mails_pkey PRIMARY KEY,
    key           uuid        NOT NULL DEFAULT gen_random_uuid() CONSTRAINT mails_one_per_key UNIQUE,
    recipient     text        NOT NULL CONSTRAINT mails_recipient_is_1_to_254_characters CHECK (char_length(recipient) BETWEEN 1 AND 254),
    reply_to      text        CONSTRAINT mails_reply_to_is_1_to_254_characters CHECK (char_length(reply_to) BETWEEN 1 AND 254),
    subject       text        NOT NULL CONSTRAINT mails_subject_is_one_line_of_1_to_200_characters CHECK (char_length(subject) BETWEEN 1 AND 200 AND subject !~ '[\u0001-\u001f\u007f]'),
    body          text        NOT NULL CONSTRAINT mails_body_is_at_most_100000_characters CHECK (char_length(body) <= 100000),
    submission_id bigint      CONSTRAINT mails_submission_fkey REFERENCES form_submissions (id) ON DELETE CASCADE,
    asked_by      bigint      CONSTRAINT mails_asked_by_fkey REFERENCES users (id),
    made_at       timestamptz NOT NULL,
    next_try_at   timestamptz,
    tries         integer     NOT NULL DEFAULT 0 CONSTRAINT mails_tries_are_not_negative CHECK (tries >= 0),
    tried_at      timestamptz,
    sent_at       timestamptz,
    given_up_at   timestamptz,
    trouble       text        NOT NULL DEFAULT '' CONSTRAINT mails_trouble_is_at_most_500_characters CHECK (char_length(trouble) <= 500),
    seen_at       timestamptz,
    CONSTRAINT mails_are_about_one_thing CHECK (num_nonnulls(submission_id, asked_by) = 1),
    CONSTRAINT mails_wait_or_are_sent_or_given_up CHECK (num_nonnulls(next_try_at, sent_at, given_up_at) = 1),
    CONSTRAINT mails_seen_are_given_up CHECK (seen_at IS NULL OR given_up_at IS NOT NULL)
);
CREATE INDEX mails_that_wait ON mails (next_try_at, id) WHERE next_try_at IS NOT NULL;
CREATE INDEX mails_to_look_at ON mails (given_up_at) WHERE given_up_at IS NOT NULL AND seen_at IS NULL;
CREATE INDEX mails_by_submission ON mails (submission_id);
CREATE INDEX mails_by_asked_by ON mails (asked_by);
CREATE INDEX mails_by_made_at ON mails (made_at);
COMMENT ON TABLE mails IS 'The outbox: mails to be sent, and for 30 days those that were. One row is one mail to one address.';
COMMENT ON COLUMN mails.id IS 'The mail''s number.';
COMMENT ON COLUMN mails.key IS 'What its Message-ID is made of: the same at each try, so that whoever gets it twice can tell.';
COMMENT ON COLUMN mails.recipient IS 'The address that it goes to.';
COMMENT ON COLUMN mails.reply_to IS 'The address that an answer goes to; null = the sender''s.';
COMMENT ON COLUMN mails.subject IS 'Its subject, one line.';
COMMENT ON COLUMN mails.body IS 'Its text.';
COMMENT ON COLUMN mails.submission_id IS 'Which submission of a web form it tells of; null = it is a test mail.';
COMMENT ON COLUMN mails.asked_by IS 'Who asked for it as a test mail; null = nobody did.';
COMMENT ON COLUMN mails.made_at IS 'When it was written.';
COMMENT ON COLUMN mails.next_try_at IS 'When it is tried next; null = it was sent or given up.';
COMMENT ON COLUMN mails.tries IS 'How often it was tried since it was written, or since somebody wanted it tried again.';
COMMENT ON COLUMN mails.tried_at IS 'When it was tried last.';
COMMENT ON COLUMN mails.sent_at IS 'When a mail server took it.';
COMMENT ON COLUMN mails.given_up_at IS 'When it was given up.';
COMMENT ON COLUMN mails.trouble IS 'Why the last try failed, in the mail server''s words; empty where none has.';
COMMENT ON COLUMN mails.seen_at IS 'When somebody said that a mail that was given up can be left so; null = the start page tells of it.';

CREATE OR REPLACE FUNCTION erase_contact(erased bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    -- Clicks of its visitors that are not another contact's, and clicks that are its own.
    UPDATE clicks SET address = NULL, user_agent = NULL, referrer = NULL, query = NULL, utm_source = NULL,
           utm_medium = NULL, utm_campaign = NULL, utm_term = NULL, utm_content = NULL, page = NULL
     WHERE id IN (
        SELECT click_id FROM referrals WHERE contact_id = erased
        UNION
        SELECT c.id FROM visitors v JOIN clicks c ON c.visitor_id = v.id LEFT JOIN referrals r ON r.click_id = c.id
         WHERE v.contact_id = erased AND (r.contact_id IS NULL OR r.contact_id = erased));
    -- No cookie can be this key, so none leads here; what comes with the old one is a new visitor.
    UPDATE visitors SET key = 'erased-' || gen_random_uuid(), contact_id = NULL WHERE contact_id = erased;
    -- A browser that is known as somebody else by now says nothing of these orders.
    UPDATE orders SET address = NULL, visitor_id = (SELECT id FROM visitors WHERE id = orders.visitor_id AND contact_id IS NULL)
     WHERE contact_id = erased;
    -- Mails that tell of it, and those to it or that are answered to it.
    DELETE FROM mails
     WHERE submission_id IN (SELECT id FROM form_submissions WHERE contact_id = erased)
        OR (SELECT lower(email) FROM contacts WHERE id = erased) IN (lower(recipient), lower(reply_to));
    -- What it answered on forms; a hash of it would tell whoever guesses the answers.
    UPDATE form_submissions SET answers = '[]', address = NULL, page_key = NULL, content_hash = sha256(gen_random_uuid()::text::bytea),
           visitor_id = (SELECT id FROM visitors WHERE id = form_submissions.visitor_id AND contact_id IS NULL)
     WHERE contact_id = erased;
    DELETE FROM partner_notes WHERE partner_id IN (SELECT id FROM partners WHERE contact_id = erased);
    DELETE FROM partner_tags WHERE partner_id IN (SELECT id FROM partners WHERE contact_id = erased);
    UPDATE partners SET status = 'inactive', notify_on_lead = false, notify_on_sale = false, version = version + 1
     WHERE contact_id = erased;
    UPDATE contacts SET external_id = NULL, email = NULL, name = 'Erased contact #' || id, address_line1 = '', address_line2 = '',
           city = '', state = '', postal_code = '', country = '', opted_in = false, sales_rep_id = NULL, sales_rep_form_id = NULL, erased_at = moment, version = version + 1
     WHERE id = erased;
END $$;
