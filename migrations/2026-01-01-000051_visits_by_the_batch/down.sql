-- What is not worked in yet must not be lost.
SELECT work_in_visits(9223372036854775807);
DROP TRIGGER tracking_settings_tell_of_changes ON tracking_settings;
DROP FUNCTION work_in_visits(bigint);
DROP FUNCTION work_in_visits_of(text[], bigint[], bigint[], text[]);
DROP FUNCTION work_in(visit[]);
DROP VIEW visits;
DROP FUNCTION visits_of(visit_batches);
DROP TYPE visit;
DROP TABLE visit_batches;
ALTER SEQUENCE touches_recorded INCREMENT BY 1;

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
COMMENT ON FUNCTION work_in_visits_of IS 'Works in at once the visits of these visitors, by key or number, of the visitors who are known as these contacts, and from these addresses: before somebody asks what they have clicked. Waits for whoever works some of them in already.';
