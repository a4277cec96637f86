-- A click that cannot be worked in no longer holds back those that came with it, nor the order that asks for them: it is
-- set aside as it was written down, and somebody is told.

CREATE TABLE visits_set_aside (
    recorded     bigint      NOT NULL CONSTRAINT visits_set_aside_pkey PRIMARY KEY,
    visits       text        NOT NULL,
    partner_id   bigint      CONSTRAINT visits_set_aside_partner_fkey REFERENCES partners (id),
    contact_id   bigint      CONSTRAINT visits_set_aside_contact_fkey REFERENCES contacts (id) ON DELETE SET NULL,
    reason       text        NOT NULL,
    set_aside_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX visits_set_aside_by_partner ON visits_set_aside (partner_id);
CREATE INDEX visits_set_aside_by_contact ON visits_set_aside (contact_id);
CREATE INDEX visits_set_aside_by_set_aside_at ON visits_set_aside (set_aside_at);
COMMENT ON TABLE visits_set_aside IS 'Clicks that are recorded and could not be worked in. Empty, unless something is wrong with us.';
COMMENT ON COLUMN visits_set_aside.recorded IS 'The place of its first visit in the order of recording.';
COMMENT ON COLUMN visits_set_aside.visits IS 'As in visit_batches: one visit, or a whole batch where nobody can tell one from the other.';
COMMENT ON COLUMN visits_set_aside.partner_id IS 'Whose link it was; null = that cannot be read.';
COMMENT ON COLUMN visits_set_aside.contact_id IS 'Whom the visitor was known as when it was set aside; null = as nobody.';
COMMENT ON COLUMN visits_set_aside.reason IS 'Why: the database''s number of the error, and the rule that was broken. Nothing of the visit.';
COMMENT ON COLUMN visits_set_aside.set_aside_at IS 'When.';

CREATE FUNCTION work_in_visits_text(place bigint, visits text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    taken visit[];
    rule  text;
BEGIN
    taken := ARRAY(SELECT visit FROM visits_of(ROW(place, visits)::visit_batches) AS visit ORDER BY visit.recorded);
    PERFORM work_in(taken);
    RETURN NULL;
-- What may pass (a lock, a stop) is none of these: it fails, and is tried again with all that was asked for.
EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR raise_exception THEN
    GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
    RETURN rtrim('error ' || SQLSTATE || ' ' || rule);
END $$;
COMMENT ON FUNCTION work_in_visits_text IS 'Works in visits that are written as a batch is, the first of which has this place in the order of recording. Null, or why that cannot be, and nothing is worked in.';

CREATE FUNCTION set_visits_aside(place bigint, visits text, reason text) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
    -- It may be that nobody can read it as what it is. Within its texts these signs stand with another before them.
    INSERT INTO visits_set_aside (recorded, visits, partner_id, contact_id, reason)
    VALUES (place, visits,
            (SELECT id FROM partners WHERE id::text = substring(visits FROM '"partner_id": ?([0-9]+)')),
            (SELECT contact_id FROM visitors WHERE key = substring(visits FROM '"visitor_key": ?"([0-9a-f]+)"')),
            reason);
    RAISE WARNING 'click % is recorded and cannot be worked in: %', place, reason;
END $$;
COMMENT ON FUNCTION set_visits_aside IS 'Sets visits aside that cannot be worked in.';

CREATE FUNCTION work_in_batches(gone visit_batches[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    batch  visit_batches;
    taken  visit[];
    texts  text[];
    place  bigint;
    reason text;
    done   bigint := 0;
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
        -- Something is wrong with one of them: each is tried by itself.
        NULL;
    END;
    FOR batch IN SELECT * FROM unnest(gone) ORDER BY recorded LOOP
        BEGIN
            texts := ARRAY(SELECT json_build_array(visit)::text FROM json_array_elements(batch.visits::json) WITH ORDINALITY AS v (visit, place) ORDER BY v.place);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR raise_exception THEN
            -- Nobody can tell one from the other.
            texts := ARRAY[batch.visits];
        END;
        FOR n IN 1 .. cardinality(texts) LOOP
            place := batch.recorded + n - 1;
            reason := work_in_visits_text(place, texts[n]);
            IF reason IS NOT NULL THEN
                PERFORM set_visits_aside(place, texts[n], reason);
            END IF;
            done := done + 1;
        END LOOP;
    END LOOP;
    RETURN done;
END $$;
COMMENT ON FUNCTION work_in_batches IS 'Works in the visits of batches that were taken out of visit_batches; how many visits it were. One that cannot be worked in is set aside.';

CREATE OR REPLACE FUNCTION work_in(taken visit[]) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    -- Each step sees what others have committed before it.
    INSERT INTO visitors (key, created_at)
    SELECT visitor_key, min(at) FROM unnest(taken) WHERE visitor_key IS NOT NULL GROUP BY 1 ORDER BY 1
    ON CONFLICT ON CONSTRAINT visitors_one_per_key DO NOTHING;
    -- Nobody becomes known while his clicks are worked in.
    PERFORM FROM visitors WHERE key IN (SELECT visitor_key FROM unnest(taken)) ORDER BY id FOR NO KEY UPDATE;
    WITH clicked AS (
        INSERT INTO clicks (recorded, visitor_id, partner_id, link_id, clicked_at, expires_at, address, user_agent, robot,
                            referrer, query, page, utm_source, utm_medium, utm_campaign, utm_term, utm_content, report_ms)
        SELECT visit.recorded, visitors.id, partners.id, links.id, visit.at, visit.expires_at, visit.address, visit.user_agent,
               visit.robot, visit.referrer, visit.query, visit.page, visit.utm_source, visit.utm_medium, visit.utm_campaign,
               visit.utm_term, visit.utm_content, visit.report_ms
          FROM unnest(taken) AS visit
          -- One that was merged into another meanwhile is that one.
          JOIN partners AS asked ON asked.id = visit.partner_id JOIN partners ON partners.id = coalesce(asked.merged_into_id, asked.id)
          LEFT JOIN tracking_links AS links ON links.id = visit.link_id
          LEFT JOIN visitors ON visitors.key = visit.visitor_key
         ORDER BY visit.recorded
        -- A report that was sent again.
        ON CONFLICT (visitor_id, report_ms) WHERE report_ms IS NOT NULL DO NOTHING
        RETURNING id, recorded, visitor_id, partner_id, clicked_at, expires_at, robot
    )
    INSERT INTO referrals (recorded, contact_id, partner_id, kind, click_id, referred_at, expires_at)
    SELECT clicked.recorded, visitors.contact_id, clicked.partner_id, 'cookie', clicked.id, clicked.clicked_at, clicked.expires_at
      FROM clicked JOIN visitors ON visitors.id = clicked.visitor_id
     WHERE visitors.contact_id IS NOT NULL AND NOT clicked.robot ORDER BY clicked.recorded;
END $$;

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

CREATE FUNCTION try_visits_set_aside(OUT tried bigint, OUT remaining bigint) LANGUAGE plpgsql AS $$
DECLARE
    kept    visits_set_aside;
    outcome text;
    whose   bigint;
BEGIN
    tried := 0;
    FOR kept IN SELECT * FROM visits_set_aside ORDER BY recorded FOR UPDATE LOOP
        tried := tried + 1;
        outcome := work_in_visits_text(kept.recorded, kept.visits);
        IF outcome IS NOT NULL THEN
            UPDATE visits_set_aside SET reason = outcome WHERE recorded = kept.recorded;
            CONTINUE;
        END IF;
        DELETE FROM visits_set_aside WHERE recorded = kept.recorded;
        -- It belongs to whom the visitor was known as then, and not to whom it has become known as since; where to nobody,
        -- to the first one that it became known as.
        whose := coalesce(kept.contact_id, (
            SELECT others.contact_id FROM clicks AS own JOIN clicks AS other ON other.visitor_id = own.visitor_id
              JOIN referrals AS others ON others.click_id = other.id
             WHERE own.recorded = kept.recorded AND other.recorded <> kept.recorded ORDER BY others.recorded LIMIT 1));
        UPDATE referrals SET contact_id = whose
         WHERE whose IS NOT NULL AND kind = 'cookie' AND recorded = kept.recorded AND contact_id <> whose;
    END LOOP;
    remaining := (SELECT count(*) FROM visits_set_aside);
END $$;
COMMENT ON FUNCTION try_visits_set_aside IS 'Works in what was set aside, where that goes by now; how much was tried, and how much is set aside still.';

CREATE FUNCTION erase_addresses_set_aside(before timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept visits_set_aside;
BEGIN
    FOR kept IN SELECT * FROM visits_set_aside WHERE set_aside_at < before ORDER BY recorded FOR UPDATE LOOP
        BEGIN
            UPDATE visits_set_aside SET visits = (
                SELECT json_agg(visit - 'address' ORDER BY place)
                  FROM jsonb_array_elements(kept.visits::jsonb) WITH ORDINALITY AS v (visit, place))
             WHERE recorded = kept.recorded;
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded OR raise_exception THEN
            -- Nobody can read it, and it may hold an address.
            DELETE FROM visits_set_aside WHERE recorded = kept.recorded;
        END;
    END LOOP;
END $$;
COMMENT ON FUNCTION erase_addresses_set_aside IS 'Erases the addresses of visits that were set aside before this: clicks of a moment before.';

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
    DELETE FROM visits_set_aside
     WHERE contact_id = erased OR EXISTS (SELECT FROM visitors WHERE visitors.contact_id = erased AND strpos(visits, to_json(key)::text) > 0);
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
