-- Two numbers of one browser count together, and each stays what it was.

ALTER TABLE visitors ADD COLUMN joined_to_id bigint CONSTRAINT visitors_joined_to_fkey REFERENCES visitors (id)
    CONSTRAINT visitors_are_not_joined_to_themselves CHECK (joined_to_id <> id);
CREATE INDEX visitors_by_joined_to ON visitors (joined_to_id) WHERE joined_to_id IS NOT NULL;
COMMENT ON COLUMN visitors.joined_to_id IS 'The visitor that this one turned out to be, on another host; null = it stands for itself. The clicks of both speak for partners where either orders.';

CREATE OR REPLACE FUNCTION work_in_visits_of(keys text[], visitors bigint[], contacts bigint[], addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    asked text[];
    taken visits[];
BEGIN
    -- Who only reads sees them a moment later.
    IF current_setting('transaction_read_only') = 'on' OR NOT EXISTS (SELECT FROM visits) THEN
        RETURN;
    END IF;
    asked := keys || ARRAY(SELECT key FROM visitors WHERE id = ANY (work_in_visits_of.visitors) OR contact_id = ANY (contacts)
        OR joined_to_id = ANY (work_in_visits_of.visitors) OR id IN (SELECT joined_to_id FROM visitors WHERE id = ANY (work_in_visits_of.visitors)));
    WITH gone AS (
        DELETE FROM visits WHERE id IN (
            SELECT id FROM visits WHERE visitor_key = ANY (asked) OR address = ANY (addresses) ORDER BY id FOR UPDATE)
        RETURNING visits AS visit
    )
    SELECT array_agg(visit ORDER BY (visit).id) INTO taken FROM gone;
    IF taken IS NOT NULL THEN
        PERFORM work_in(taken);
    END IF;
END $$;

-- A code that two ask for at the same moment is one's.
CREATE OR REPLACE FUNCTION keep_link_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Waits for whoever writes the same code down at this moment, and then looks.
    INSERT INTO tracking_link_codes (code, link_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    IF EXISTS (SELECT FROM tracking_link_codes WHERE code = lower(NEW.code) AND link_id <> NEW.id) THEN
        RAISE EXCEPTION 'link code % is another link''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'tracking_links_one_per_code';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION keep_form_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Waits for whoever writes the same code down at this moment, and then looks.
    INSERT INTO web_form_codes (code, form_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    IF EXISTS (SELECT FROM web_form_codes WHERE code = lower(NEW.code) AND form_id <> NEW.id) THEN
        RAISE EXCEPTION 'form code % is another form''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'web_forms_one_per_code';
    END IF;
    RETURN NULL;
END $$;
