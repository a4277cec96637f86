-- Web forms: what people outside fill in, what they sent, and the sales rep whom a lead gets by it.

CREATE TABLE web_forms (
    id            bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT web_forms_pkey PRIMARY KEY,
    name          text        COLLATE by_name NOT NULL CONSTRAINT web_forms_name_is_1_to_200_characters CHECK (char_length(name) BETWEEN 1 AND 200),
    code          text        NOT NULL CONSTRAINT web_forms_code_is_letters_digits_dashes CHECK (code ~ '^[A-Za-z0-9_-]{1,50}$'),
    title         text        NOT NULL CONSTRAINT web_forms_title_is_1_to_200_characters CHECK (char_length(title) BETWEEN 1 AND 200),
    introduction  text        NOT NULL DEFAULT '' CONSTRAINT web_forms_introduction_is_at_most_5000_characters CHECK (char_length(introduction) <= 5000),
    button        text        NOT NULL CONSTRAINT web_forms_button_is_1_to_60_characters CHECK (char_length(button) BETWEEN 1 AND 60),
    thanks        text        NOT NULL DEFAULT '' CONSTRAINT web_forms_thanks_are_at_most_5000_characters CHECK (char_length(thanks) <= 5000),
    redirect      text        NOT NULL DEFAULT '' CONSTRAINT web_forms_redirect_is_http_or_https CHECK (redirect = '' OR (redirect ~ '^https?://' AND char_length(redirect) <= 2000)),
    is_open       boolean     NOT NULL DEFAULT true,
    is_embedded   boolean     NOT NULL DEFAULT false,
    notifies      boolean     NOT NULL DEFAULT true,
    sales_rep_id  bigint      CONSTRAINT web_forms_sales_rep_fkey REFERENCES partners (id),
    seen_up_to    bigint      NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    version       integer     NOT NULL DEFAULT 1
);
CREATE INDEX web_forms_by_sales_rep ON web_forms (sales_rep_id);
COMMENT ON TABLE web_forms IS 'CRM > Web Forms: what people outside fill in, on our page or on the company''s own.';
COMMENT ON COLUMN web_forms.id IS 'The form''s number.';
COMMENT ON COLUMN web_forms.name IS 'What it is called among us.';
COMMENT ON COLUMN web_forms.code IS 'Stands in its address, /f/<code>; compared without regard to case.';
COMMENT ON COLUMN web_forms.title IS 'The heading that people see.';
COMMENT ON COLUMN web_forms.introduction IS 'What stands under the heading.';
COMMENT ON COLUMN web_forms.button IS 'The words on its button.';
COMMENT ON COLUMN web_forms.thanks IS 'What people see who have sent it; empty = a few words of ours.';
COMMENT ON COLUMN web_forms.redirect IS 'Where people are led who have sent it; empty = to a page with the thanks.';
COMMENT ON COLUMN web_forms.is_open IS 'Whether it is shown and taken.';
COMMENT ON COLUMN web_forms.is_embedded IS 'Whether it is taken from pages that are not ours, which carry no signed moment.';
COMMENT ON COLUMN web_forms.notifies IS 'Whether the start page tells of its new leads.';
COMMENT ON COLUMN web_forms.sales_rep_id IS 'Who becomes the sales rep of contacts that come by it and have none.';
COMMENT ON COLUMN web_forms.seen_up_to IS 'The number of the last submission that somebody has marked as seen; 0 = none.';
COMMENT ON COLUMN web_forms.created_at IS 'When it was made.';
COMMENT ON COLUMN web_forms.version IS 'Counts changes, so that two people editing at once are told.';

CREATE TABLE web_form_codes (
    code    text   CONSTRAINT web_form_codes_pkey PRIMARY KEY CONSTRAINT web_form_codes_are_lower_case CHECK (code = lower(code)),
    form_id bigint NOT NULL CONSTRAINT web_form_codes_form_fkey REFERENCES web_forms (id) ON DELETE CASCADE
);
CREATE INDEX web_form_codes_by_form ON web_form_codes (form_id);
COMMENT ON TABLE web_form_codes IS 'Every code that a form has or had, in lower case: an address with an earlier one keeps leading there.';
COMMENT ON COLUMN web_form_codes.code IS 'The code, in lower case.';
COMMENT ON COLUMN web_form_codes.form_id IS 'Whose it is.';
CREATE FUNCTION keep_form_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM web_form_codes WHERE code = lower(NEW.code) AND form_id <> NEW.id) THEN
        RAISE EXCEPTION 'form code % is another form''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'web_forms_one_per_code';
    END IF;
    INSERT INTO web_form_codes (code, form_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_form_code() IS 'Holds web_forms_one_per_code, and writes each code down.';
CREATE TRIGGER web_forms_keep_their_codes AFTER INSERT OR UPDATE OF code ON web_forms
    FOR EACH ROW EXECUTE FUNCTION keep_form_code();

CREATE TABLE web_form_fields (
    form_id     bigint  NOT NULL CONSTRAINT web_form_fields_form_fkey REFERENCES web_forms (id) ON DELETE CASCADE,
    name        text    NOT NULL CONSTRAINT web_form_fields_name_is_known CHECK (name IN ('first_name', 'last_name', 'company', 'phone', 'address', 'opt_in') OR name ~ '^question_[1-6]$'),
    is_required boolean NOT NULL,
    label       text    NOT NULL DEFAULT '' CONSTRAINT web_form_fields_label_is_at_most_300_characters CHECK (char_length(label) <= 300),
    kind        text    CONSTRAINT web_form_fields_kind_is_known CHECK (kind IN ('line', 'lines', 'choice', 'box')),
    choices     text[]  NOT NULL DEFAULT '{}',
    CONSTRAINT web_form_fields_pkey PRIMARY KEY (form_id, name),
    CONSTRAINT web_form_fields_questions_have_a_kind CHECK ((name LIKE 'question%') = (kind IS NOT NULL)),
    CONSTRAINT web_form_fields_own_words_are_there CHECK (label <> '' OR (kind IS NULL AND name <> 'opt_in'))
);
COMMENT ON TABLE web_form_fields IS 'What a form asks beside the e-mail, which every form asks.';
COMMENT ON COLUMN web_form_fields.form_id IS 'The form.';
COMMENT ON COLUMN web_form_fields.name IS 'What is asked, and the name of its field. A question keeps its number, so that pages with the form on it stay right.';
COMMENT ON COLUMN web_form_fields.is_required IS 'Whether it must be answered.';
COMMENT ON COLUMN web_form_fields.label IS 'The words of a question of the form''s own, or of the box for e-mail; empty for what has words of ours.';
COMMENT ON COLUMN web_form_fields.kind IS 'How a question is answered: line, lines, choice or box; null for all else.';
COMMENT ON COLUMN web_form_fields.choices IS 'Among which answers one is chosen.';

CREATE TABLE form_submissions (
    id           bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT form_submissions_pkey PRIMARY KEY,
    form_id      bigint      NOT NULL CONSTRAINT form_submissions_form_fkey REFERENCES web_forms (id),
    contact_id   bigint      CONSTRAINT form_submissions_contact_fkey REFERENCES contacts (id),
    visitor_id   bigint      CONSTRAINT form_submissions_visitor_fkey REFERENCES visitors (id),
    sent_at      timestamptz NOT NULL,
    address      text        CONSTRAINT form_submissions_address_is_at_most_45_characters CHECK (char_length(address) <= 45),
    answers      jsonb       NOT NULL CONSTRAINT form_submissions_answers_are_a_list CHECK (jsonb_typeof(answers) = 'array'),
    page_key     text        CONSTRAINT form_submissions_page_key_is_32_characters CHECK (char_length(page_key) = 32),
    content_hash bytea       NOT NULL CONSTRAINT form_submissions_content_hash_is_32_bytes CHECK (octet_length(content_hash) = 32),
    CONSTRAINT form_submissions_one_per_page_and_content UNIQUE (page_key, content_hash)
);
CREATE INDEX form_submissions_by_form ON form_submissions (form_id, id);
CREATE INDEX form_submissions_by_contact ON form_submissions (contact_id, sent_at);
CREATE INDEX form_submissions_by_visitor ON form_submissions (visitor_id);
CREATE INDEX form_submissions_by_content ON form_submissions (content_hash, sent_at);
CREATE INDEX form_submissions_with_address ON form_submissions (sent_at) WHERE address IS NOT NULL;
CREATE INDEX form_submissions_of_robots ON form_submissions (sent_at) WHERE contact_id IS NULL;
COMMENT ON TABLE form_submissions IS 'What was sent by web forms.';
COMMENT ON COLUMN form_submissions.id IS 'The submission''s number, in the order of recording.';
COMMENT ON COLUMN form_submissions.form_id IS 'By which form.';
COMMENT ON COLUMN form_submissions.contact_id IS 'Whom it made or found; null = a robot sent it, and nobody was made.';
COMMENT ON COLUMN form_submissions.visitor_id IS 'The visitor that it came with; null = none.';
COMMENT ON COLUMN form_submissions.sent_at IS 'When.';
COMMENT ON COLUMN form_submissions.address IS 'From which IP address; erased with those of clicks.';
COMMENT ON COLUMN form_submissions.answers IS 'What was asked and answered, as it stood on the form: a list of {label, answer}.';
COMMENT ON COLUMN form_submissions.page_key IS 'The key of the page that it was sent from, so that sending it twice counts once; null = a page that is not ours.';
COMMENT ON COLUMN form_submissions.content_hash IS 'SHA-256 of the form and the answers.';

ALTER TABLE contacts
    ADD COLUMN sales_rep_id      bigint CONSTRAINT contacts_sales_rep_fkey REFERENCES partners (id),
    ADD COLUMN sales_rep_form_id bigint CONSTRAINT contacts_sales_rep_form_fkey REFERENCES web_forms (id) ON DELETE SET NULL,
    ADD CONSTRAINT contacts_with_a_form_of_a_rep_have_a_rep CHECK (sales_rep_form_id IS NULL OR sales_rep_id IS NOT NULL);
CREATE INDEX contacts_by_sales_rep ON contacts (sales_rep_id);
CREATE INDEX contacts_by_sales_rep_form ON contacts (sales_rep_form_id);
COMMENT ON COLUMN contacts.sales_rep_id IS 'The sale partner of its later orders that name none; null = nobody.';
COMMENT ON COLUMN contacts.sales_rep_form_id IS 'The form that made that partner its sales rep; null = somebody did by hand.';
