-- What is set aside goes back to where it waits.
INSERT INTO visit_batches (recorded, visits) SELECT recorded, visits FROM visits_set_aside;
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
          FROM unnest(taken) AS visit JOIN partners ON partners.id = visit.partner_id
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
    taken visit[];
BEGIN
    WITH gone AS (
        DELETE FROM visit_batches WHERE recorded IN (SELECT recorded FROM visit_batches ORDER BY recorded LIMIT batches FOR UPDATE SKIP LOCKED)
        RETURNING visit_batches AS batch
    )
    SELECT array_agg(visit ORDER BY visit.recorded) INTO taken FROM gone CROSS JOIN LATERAL visits_of(batch) AS visit;
    IF taken IS NOT NULL THEN
        PERFORM work_in(taken);
    END IF;
    RETURN coalesce(cardinality(taken), 0);
END $$;
CREATE OR REPLACE FUNCTION work_in_visits_of(keys text[], visitors bigint[], contacts bigint[], addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    asked text[];
    taken visit[];
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
    SELECT array_agg(visit ORDER BY visit.recorded) INTO taken FROM gone CROSS JOIN LATERAL visits_of(batch) AS visit;
    IF taken IS NOT NULL THEN
        PERFORM work_in(taken);
    END IF;
END $$;
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
DROP FUNCTION erase_addresses_set_aside(timestamptz);
DROP FUNCTION try_visits_set_aside();
DROP FUNCTION work_in_batches(visit_batches[]);
DROP FUNCTION set_visits_aside(bigint, text, text);
DROP FUNCTION work_in_visits_text(bigint, text);
DROP TABLE visits_set_aside;
