-- Visits are written down in one list without indexes before they are answered, which costs little however
-- many come at once; and worked into visitors, clicks and referrals right after.

ALTER TABLE clicks ADD COLUMN page text CONSTRAINT clicks_page_is_at_most_1000_characters CHECK (char_length(page) <= 1000);
COMMENT ON COLUMN clicks.page IS 'The page of a shop that a visitor came to without a link of ours, as its script reported; null = through a link.';

CREATE TABLE visits (
    id           bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT visits_pkey PRIMARY KEY,
    recorded     bigint      NOT NULL DEFAULT nextval('touches_recorded'),
    visitor_key  text        CONSTRAINT visits_visitor_key_is_1_to_64_characters CHECK (char_length(visitor_key) BETWEEN 1 AND 64),
    partner_id   bigint      NOT NULL,
    link_id      bigint,
    at           timestamptz NOT NULL,
    expires_at   timestamptz,
    address      text        CONSTRAINT visits_address_is_at_most_45_characters CHECK (char_length(address) <= 45),
    user_agent   text        CONSTRAINT visits_user_agent_is_at_most_500_characters CHECK (char_length(user_agent) <= 500),
    robot        boolean     NOT NULL CONSTRAINT visits_of_people_have_a_visitor CHECK (robot OR visitor_key IS NOT NULL),
    referrer     text        CONSTRAINT visits_referrer_is_at_most_1000_characters CHECK (char_length(referrer) <= 1000),
    query        text        CONSTRAINT visits_query_is_at_most_2000_characters CHECK (char_length(query) <= 2000),
    page         text        CONSTRAINT visits_page_is_at_most_1000_characters CHECK (char_length(page) <= 1000),
    utm_source   text        CONSTRAINT visits_utm_source_is_at_most_200_characters CHECK (char_length(utm_source) <= 200),
    utm_medium   text        CONSTRAINT visits_utm_medium_is_at_most_200_characters CHECK (char_length(utm_medium) <= 200),
    utm_campaign text        CONSTRAINT visits_utm_campaign_is_at_most_200_characters CHECK (char_length(utm_campaign) <= 200),
    utm_term     text        CONSTRAINT visits_utm_term_is_at_most_200_characters CHECK (char_length(utm_term) <= 200),
    utm_content  text        CONSTRAINT visits_utm_content_is_at_most_200_characters CHECK (char_length(utm_content) <= 200)
);
COMMENT ON TABLE visits IS 'Clicks that are recorded and not worked in yet. Mostly empty.';
COMMENT ON COLUMN visits.id IS 'Counts them in the order of coming.';
COMMENT ON COLUMN visits.recorded IS 'The click''s place in the order of recording.';
COMMENT ON COLUMN visits.visitor_key IS 'The key in the visitor''s cookie; null = a robot''s.';
COMMENT ON COLUMN visits.partner_id IS 'Whose link; checked when it is worked in.';
COMMENT ON COLUMN visits.link_id IS 'Through which link; checked when it is worked in.';
COMMENT ON COLUMN visits.at IS 'When.';
COMMENT ON COLUMN visits.expires_at IS 'The last instant at which it counts; null = for ever.';
COMMENT ON COLUMN visits.address IS 'From which IP address, as text.';
COMMENT ON COLUMN visits.user_agent IS 'What the browser said of itself.';
COMMENT ON COLUMN visits.robot IS 'A known robot''s.';
COMMENT ON COLUMN visits.referrer IS 'The page that it came from, as the browser said.';
COMMENT ON COLUMN visits.query IS 'What stood after the question mark.';
COMMENT ON COLUMN visits.page IS 'The page of a shop that it began on; null = through a link.';
COMMENT ON COLUMN visits.utm_source IS 'utm_source of the query.';
COMMENT ON COLUMN visits.utm_medium IS 'utm_medium of the query.';
COMMENT ON COLUMN visits.utm_campaign IS 'utm_campaign of the query.';
COMMENT ON COLUMN visits.utm_term IS 'utm_term of the query.';
COMMENT ON COLUMN visits.utm_content IS 'utm_content of the query.';

CREATE FUNCTION work_in(taken visits[]) RETURNS void LANGUAGE plpgsql AS $$
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
                            referrer, query, page, utm_source, utm_medium, utm_campaign, utm_term, utm_content)
        SELECT visit.recorded, visitors.id, partners.id, links.id, visit.at, visit.expires_at, visit.address, visit.user_agent,
               visit.robot, visit.referrer, visit.query, visit.page, visit.utm_source, visit.utm_medium, visit.utm_campaign,
               visit.utm_term, visit.utm_content
          FROM unnest(taken) AS visit JOIN partners ON partners.id = visit.partner_id
          LEFT JOIN tracking_links AS links ON links.id = visit.link_id
          LEFT JOIN visitors ON visitors.key = visit.visitor_key
         ORDER BY visit.recorded
        RETURNING id, recorded, visitor_id, partner_id, clicked_at, expires_at, robot
    )
    INSERT INTO referrals (recorded, contact_id, partner_id, kind, click_id, referred_at, expires_at)
    SELECT clicked.recorded, visitors.contact_id, clicked.partner_id, 'cookie', clicked.id, clicked.clicked_at, clicked.expires_at
      FROM clicked JOIN visitors ON visitors.id = clicked.visitor_id
     WHERE visitors.contact_id IS NOT NULL AND NOT clicked.robot ORDER BY clicked.recorded;
END $$;
COMMENT ON FUNCTION work_in IS 'Makes visits into clicks of visitors, found or made by their keys; a click of a visitor who is known as a contact is a referral of it at once. A visit to a partner that is no more is dropped.';

CREATE FUNCTION work_in_visits(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken visits[];
BEGIN
    WITH gone AS (
        DELETE FROM visits WHERE id IN (SELECT id FROM visits ORDER BY id LIMIT most FOR UPDATE SKIP LOCKED)
        RETURNING visits AS visit
    )
    SELECT array_agg(visit ORDER BY (visit).id) INTO taken FROM gone;
    IF taken IS NOT NULL THEN
        PERFORM work_in(taken);
    END IF;
    RETURN coalesce(cardinality(taken), 0);
END $$;
COMMENT ON FUNCTION work_in_visits IS 'Works in the oldest visits, so many at most; how many it were.';

CREATE FUNCTION work_in_visits_of(keys text[], visitors bigint[], contacts bigint[], addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION work_in_visits_of IS 'Works in at once the visits of these visitors, by key or number, of the visitors who are known as these contacts, and from these addresses: before somebody asks what they have clicked. Waits for whoever works some of them in already.';

DROP FUNCTION record_visits;

-- What is known of a click and goes with the person is one thing more.
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

CREATE TABLE link_changes (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT link_changes_pkey PRIMARY KEY
);
COMMENT ON TABLE link_changes IS 'One row for each statement that may have changed where a link leads or whose it is. Who remembers such things remembers them for as long as this table is the same.';
COMMENT ON COLUMN link_changes.id IS 'Its number.';
CREATE FUNCTION note_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO link_changes DEFAULT VALUES;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION note_link_change() IS 'Tells those who remember links that they have changed.';
CREATE TRIGGER tracking_links_tell_of_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tracking_links
    FOR EACH STATEMENT EXECUTE FUNCTION note_link_change();
CREATE TRIGGER tracking_link_codes_tell_of_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tracking_link_codes
    FOR EACH STATEMENT EXECUTE FUNCTION note_link_change();
CREATE TRIGGER partners_tell_of_changes AFTER INSERT OR UPDATE OF code, track_leads_days OR DELETE OR TRUNCATE ON partners
    FOR EACH STATEMENT EXECUTE FUNCTION note_link_change();
CREATE TRIGGER partner_codes_tell_of_changes AFTER UPDATE OR DELETE OR TRUNCATE ON partner_codes
    FOR EACH STATEMENT EXECUTE FUNCTION note_link_change();
CREATE TRIGGER code_prefixes_tell_of_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON code_prefixes
    FOR EACH STATEMENT EXECUTE FUNCTION note_link_change();
