CREATE OR REPLACE FUNCTION keep_form_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM web_form_codes WHERE code = lower(NEW.code) AND form_id <> NEW.id) THEN
        RAISE EXCEPTION 'form code % is another form''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'web_forms_one_per_code';
    END IF;
    INSERT INTO web_form_codes (code, form_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION keep_link_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM tracking_link_codes WHERE code = lower(NEW.code) AND link_id <> NEW.id) THEN
        RAISE EXCEPTION 'link code % is another link''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'tracking_links_one_per_code';
    END IF;
    INSERT INTO tracking_link_codes (code, link_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    RETURN NULL;
END $$;

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
    asked := keys || ARRAY(SELECT key FROM visitors WHERE id = ANY (work_in_visits_of.visitors) OR contact_id = ANY (contacts));
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

DROP INDEX visitors_by_joined_to;
ALTER TABLE visitors DROP COLUMN joined_to_id;
