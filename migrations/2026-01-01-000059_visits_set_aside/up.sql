-- A click that cannot be worked in no longer holds back those that came with it, nor the order that asks for them: it is
-- set aside as it was written down, and somebody is told.

CREATE TABLE visits_set_aside (
    recorded     bigint      NOT NULL CONSTRAINT visits_set_aside_pkey PRIMARY KEY,
    visits       text        NOT NULL,
    reason       text        NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX visits_set_aside_by_set_aside_at ON visits_set_aside (set_aside_at);
COMMENT ON TABLE visits_set_aside IS 'Clicks that are recorded and could not be worked in. Empty, unless something is wrong with us.';
COMMENT ON COLUMN visits_set_aside.recorded IS 'The place of its first visit in the order of recording.';
COMMENT ON COLUMN visits_set_aside.visits IS 'As in visit_batches: mostly one visit, and a whole batch where that could not be read.';
COMMENT ON COLUMN visits_set_aside.reason IS 'Why, in the words of the database.';
COMMENT ON COLUMN visits_set_aside.set_aside_at IS 'When it was tried last.';

CREATE FUNCTION work_in_batches(gone visit_batches[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    batch visit_batches;
    taken visit[];
    one   visit;
    done  bigint := 0;
BEGIN
    IF gone IS NULL THEN
        RETURN 0;
    END IF;
    BEGIN
        FOREACH batch IN ARRAY gone LOOP
            taken := taken || ARRAY(SELECT visit FROM visits_of(batch) AS visit);
        END LOOP;
        taken := ARRAY(SELECT visit FROM unnest(taken) AS visit ORDER BY visit.recorded);
        PERFORM work_in(taken);
        RETURN cardinality(taken);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR raise_exception THEN
        -- Something is wrong with one of them. What may pass (a lock, a stop) is none of these: there it is tried again.
        NULL;
    END;
    FOREACH batch IN ARRAY gone LOOP
        BEGIN
            taken := ARRAY(SELECT visit FROM visits_of(batch) AS visit ORDER BY visit.recorded);
        EXCEPTION WHEN data_exception THEN
            INSERT INTO visits_set_aside (recorded, visits, reason) VALUES (batch.recorded, batch.visits, SQLERRM);
            done := done + 1;
            CONTINUE;
        END;
        FOREACH one IN ARRAY taken LOOP
            BEGIN
                PERFORM work_in(ARRAY[one]);
            EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR raise_exception THEN
                INSERT INTO visits_set_aside (recorded, visits, reason)
                VALUES (one.recorded, json_build_array(json_strip_nulls(to_json(one))), SQLERRM);
            END;
            done := done + 1;
        END LOOP;
    END LOOP;
    RETURN done;
END $$;
COMMENT ON FUNCTION work_in_batches IS 'Works in the visits of batches that were taken out of visit_batches; how many visits it were. One that cannot be worked in is set aside.';

CREATE OR REPLACE FUNCTION work_in_visits(batches bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken visit_batches[];
BEGIN
    WITH gone AS (
        DELETE FROM visit_batches WHERE recorded IN (SELECT recorded FROM visit_batches ORDER BY recorded LIMIT batches FOR UPDATE SKIP LOCKED)
        RETURNING visit_batches AS batch
    )
    SELECT array_agg(batch) INTO taken FROM gone;
    RETURN work_in_batches(taken);
END $$;

CREATE OR REPLACE FUNCTION work_in_visits_of(keys text[], visitors bigint[], contacts bigint[], addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    asked text[];
    taken visit_batches[];
BEGIN
    -- Who only reads sees them a moment later.
    IF current_setting('transaction_read_only') = 'on' OR NOT EXISTS (SELECT FROM visit_batches) THEN
        RETURN;
    END IF;
    -- As they are written in a batch. Where one of them stands for something else, a batch is worked in early, and that is all.
    asked := ARRAY(
        SELECT to_json(text)::text FROM (
            SELECT unnest(keys)
            UNION
            SELECT unnest(addresses)
            UNION
            SELECT key FROM visitors WHERE id = ANY (work_in_visits_of.visitors) OR contact_id = ANY (contacts)
                OR joined_to_id = ANY (work_in_visits_of.visitors)
                OR id IN (SELECT joined_to_id FROM visitors WHERE id = ANY (work_in_visits_of.visitors))) AS t (text)
         WHERE text IS NOT NULL);
    WITH gone AS (
        DELETE FROM visit_batches WHERE recorded IN (
            SELECT recorded FROM visit_batches WHERE EXISTS (SELECT FROM unnest(asked) AS t (text) WHERE strpos(visits, text) > 0)
             ORDER BY recorded FOR UPDATE)
        RETURNING visit_batches AS batch
    )
    SELECT array_agg(batch) INTO taken FROM gone;
    PERFORM work_in_batches(taken);
END $$;

CREATE FUNCTION try_visits_set_aside() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken visit_batches[];
BEGIN
    WITH gone AS (DELETE FROM visits_set_aside RETURNING recorded, visits)
    SELECT array_agg(ROW(recorded, visits)::visit_batches ORDER BY recorded) INTO taken FROM gone;
    PERFORM work_in_batches(taken);
    RETURN (SELECT count(*) FROM visits_set_aside);
END $$;
COMMENT ON FUNCTION try_visits_set_aside IS 'Works in what was set aside, where that goes by now; how many rows are set aside still.';

CREATE FUNCTION erase_addresses_set_aside(before timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found visits_set_aside;
BEGIN
    FOR found IN SELECT * FROM visits_set_aside ORDER BY recorded FOR UPDATE LOOP
        BEGIN
            UPDATE visits_set_aside SET visits = (
                SELECT jsonb_agg(CASE WHEN (visit ->> 'at')::timestamptz < before THEN visit - 'address' ELSE visit END ORDER BY place)
                  FROM jsonb_array_elements(found.visits::jsonb) WITH ORDINALITY AS v (visit, place))
             WHERE recorded = found.recorded;
        EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
            -- Nobody can read it, and it may hold an address.
            DELETE FROM visits_set_aside WHERE recorded = found.recorded AND set_aside_at < before;
        END;
    END LOOP;
END $$;
COMMENT ON FUNCTION erase_addresses_set_aside IS 'Erases the addresses of visits that were set aside and are older than this.';

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
    -- Clicks that could not be worked in and would be its own.
    DELETE FROM visits_set_aside WHERE EXISTS (SELECT FROM visitors WHERE contact_id = erased AND strpos(visits, to_json(key)::text) > 0);
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
