-- What is not worked in yet must not be lost.
SELECT work_in_visits(9223372036854775807);
DROP TRIGGER tracking_links_tell_of_changes ON tracking_links;
DROP TRIGGER tracking_link_codes_tell_of_changes ON tracking_link_codes;
DROP TRIGGER partners_tell_of_changes ON partners;
DROP TRIGGER partner_codes_tell_of_changes ON partner_codes;
DROP TRIGGER code_prefixes_tell_of_changes ON code_prefixes;
DROP FUNCTION note_link_change();
DROP TABLE link_changes;
DROP FUNCTION work_in_visits(bigint);
DROP FUNCTION work_in_visits_of(text[], bigint[], bigint[], text[]);
DROP FUNCTION work_in(visits[]);
DROP TABLE visits;
CREATE OR REPLACE FUNCTION erase_contact(erased bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    -- Clicks of its visitors that are not another contact's, and clicks that are its own.
    UPDATE clicks SET address = NULL, user_agent = NULL, referrer = NULL, query = NULL, utm_source = NULL,
           utm_medium = NULL, utm_campaign = NULL, utm_term = NULL, utm_content = NULL
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
ALTER TABLE clicks DROP COLUMN page;

CREATE FUNCTION record_visits(
    asked_links text[], asked_partners text[], keys text[], fresh_keys text[], kept boolean[], robots boolean[],
    moments timestamptz[], addresses text[], agents text[], referrers text[], queries text[],
    sources text[], mediums text[], campaigns text[], terms text[], contents text[]
) RETURNS TABLE (place bigint, link_id bigint, partner_id bigint, destination text, names_visitor boolean,
                 visitor_id bigint, visitor_key text, cookie_days integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH visits AS MATERIALIZED (
        SELECT visit.*, codes.link_id, owner.partner_id, owner.track_leads_days,
               owner.partner_id IS NOT NULL AND (visit.link IS NULL OR codes.link_id IS NOT NULL) AS is_known
          FROM unnest(asked_links, asked_partners, keys, fresh_keys, kept, robots, moments, addresses, agents,
                      referrers, queries, sources, mediums, campaigns, terms, contents)
               WITH ORDINALITY AS visit (link, partner, key, fresh, is_kept, robot, at, address, agent, referrer, query,
                                         source, medium, campaign, term, content, place)
          LEFT JOIN tracking_link_codes AS codes ON codes.code = lower(visit.link)
          LEFT JOIN LATERAL (
                SELECT codes.partner_id, partners.track_leads_days
                  FROM partner_codes AS codes JOIN partners ON partners.id = codes.partner_id
                 WHERE codes.code IN (SELECT lower(visit.partner)
                                      UNION ALL
                                      SELECT substr(lower(visit.partner), char_length(prefix) + 1)
                                        FROM code_prefixes WHERE starts_with(lower(visit.partner), lower(prefix)))
                 LIMIT 1) AS owner ON true
    ), seen AS MATERIALIZED (
        SELECT id, key, contact_id FROM visitors
         WHERE key IN (SELECT key FROM visits WHERE is_known AND is_kept AND NOT robot)
         ORDER BY id FOR NO KEY UPDATE
    ), made AS (
        INSERT INTO visitors (key, created_at)
        SELECT DISTINCT ON (visits.fresh) visits.fresh, visits.at
          FROM visits LEFT JOIN seen ON seen.key = visits.key
         WHERE is_known AND is_kept AND NOT robot AND seen.id IS NULL ORDER BY visits.fresh, visits.place
        RETURNING id, key
    ), clicked AS (
        INSERT INTO clicks (visitor_id, partner_id, link_id, clicked_at, expires_at, address, user_agent, robot, referrer,
                            query, utm_source, utm_medium, utm_campaign, utm_term, utm_content)
        SELECT CASE WHEN NOT robot THEN coalesce(seen.id, made.id) END, partner_id, link_id, at,
               at + track_leads_days * interval '24 hours', address, agent, robot, referrer, query, source, medium,
               campaign, term, content
          FROM visits LEFT JOIN seen ON seen.key = visits.key LEFT JOIN made ON made.key = visits.fresh
         WHERE is_known AND is_kept ORDER BY place
        RETURNING id, recorded, visitor_id, partner_id, clicked_at, expires_at, robot
    ), referred AS (
        INSERT INTO referrals (recorded, contact_id, partner_id, kind, click_id, referred_at, expires_at)
        SELECT clicked.recorded, seen.contact_id, clicked.partner_id, 'cookie', clicked.id, clicked.clicked_at, clicked.expires_at
          FROM clicked JOIN seen ON seen.id = clicked.visitor_id
         WHERE seen.contact_id IS NOT NULL AND NOT clicked.robot ORDER BY clicked.recorded
    ), missed AS (
        INSERT INTO unknown_links (path, hits, first_at, last_at)
        SELECT left(lower(concat_ws('/', link, partner)), 300) AS path, count(*), min(at), max(at)
          FROM visits WHERE NOT is_known AND is_kept AND NOT robot GROUP BY 1 ORDER BY 1
        ON CONFLICT (path) DO UPDATE SET hits = unknown_links.hits + excluded.hits, last_at = greatest(unknown_links.last_at, excluded.last_at)
    )
    SELECT visits.place, CASE WHEN is_known THEN visits.link_id END, CASE WHEN is_known THEN visits.partner_id END,
           CASE WHEN is_known THEN coalesce(links.destination, settings.default_destination) ELSE settings.unknown_destination END,
           coalesce(links.names_visitor, false), coalesce(seen.id, made.id), coalesce(seen.key, made.key), settings.cookie_days
      FROM visits CROSS JOIN tracking_settings AS settings
      LEFT JOIN tracking_links AS links ON links.id = visits.link_id
      LEFT JOIN seen ON seen.key = visits.key AND is_known AND is_kept AND NOT robot
      LEFT JOIN made ON made.key = visits.fresh
     ORDER BY visits.place;
END $$;
COMMENT ON FUNCTION record_visits IS 'Records visits to links, in the order given, and tells where each leads. A visit that is not kept (a prefetch) is only told; a robot''s is kept without a visitor; a click of a visitor who is known as a contact is a referral of it at once. A key that no visitor has is not taken: the fresh one is.';
