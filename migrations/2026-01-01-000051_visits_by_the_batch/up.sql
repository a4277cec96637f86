-- Visits that come together are written down as one row: what a row costs (its checks, its index, its place in the
-- log) is then paid once for all of them.

-- What is not worked in yet must not be lost.
SELECT work_in_visits(9223372036854775807);
DROP FUNCTION work_in_visits(bigint);
DROP FUNCTION work_in_visits_of(text[], bigint[], bigint[], text[]);
DROP FUNCTION work_in(visits[]);
DROP TABLE visits;

-- A batch takes as many places in the order of recording as it may have visits.
ALTER SEQUENCE touches_recorded INCREMENT BY 1024;

CREATE TABLE visit_batches (
    recorded bigint NOT NULL DEFAULT nextval('touches_recorded') CONSTRAINT visit_batches_pkey PRIMARY KEY,
    visits   text   NOT NULL
);
-- Compressing it would take longer than writing it.
ALTER TABLE visit_batches ALTER visits SET STORAGE EXTERNAL;
COMMENT ON TABLE visit_batches IS 'Clicks that are recorded and not worked in yet, as they came together. Mostly empty.';
COMMENT ON COLUMN visit_batches.recorded IS 'The place of its first visit in the order of recording; the others have those after it.';
COMMENT ON COLUMN visit_batches.visits IS 'The visits, at most 1024, as a JSON array of objects; what they have is what the type visit has.';

CREATE TYPE visit AS (
    recorded bigint, visitor_key text, partner_id bigint, link_id bigint, at timestamptz, expires_at timestamptz, address text,
    user_agent text, robot boolean, referrer text, query text, page text, utm_source text, utm_medium text, utm_campaign text,
    utm_term text, utm_content text
);
COMMENT ON TYPE visit IS 'A click that is written down: what it is worked into says what each thing is. Partner and link are looked for when it is worked in; a robot''s has no visitor.';

CREATE FUNCTION visits_of(batch visit_batches) RETURNS SETOF visit LANGUAGE sql STABLE AS $$
    SELECT batch.recorded + v.place - 1, v.visitor_key, v.partner_id, v.link_id, v.at, v.expires_at, v.address, v.user_agent, v.robot,
           v.referrer, v.query, v.page, v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content
      FROM ROWS FROM (json_to_recordset(batch.visits::json) AS (
               visitor_key text, partner_id bigint, link_id bigint, at timestamptz, expires_at timestamptz, address text,
               user_agent text, robot boolean, referrer text, query text, page text, utm_source text, utm_medium text,
               utm_campaign text, utm_term text, utm_content text))
           WITH ORDINALITY AS v (visitor_key, partner_id, link_id, at, expires_at, address, user_agent, robot, referrer, query, page,
                                 utm_source, utm_medium, utm_campaign, utm_term, utm_content, place)
$$;
COMMENT ON FUNCTION visits_of IS 'The visits of a batch, each with its place in the order of recording.';

CREATE VIEW visits AS SELECT visit.* FROM visit_batches AS batch CROSS JOIN LATERAL visits_of(batch) AS visit;
COMMENT ON VIEW visits IS 'Clicks that are recorded and not worked in yet, one by one.';
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

CREATE FUNCTION work_in(taken visit[]) RETURNS void LANGUAGE plpgsql AS $$
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

CREATE FUNCTION work_in_visits(batches bigint) RETURNS bigint LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION work_in_visits IS 'Works in the oldest batches of visits, so many at most; how many visits it were.';

CREATE FUNCTION work_in_visits_of(keys text[], visitors bigint[], contacts bigint[], addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
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
COMMENT ON FUNCTION work_in_visits_of IS 'Works in at once the batches with visits of these visitors, by key or number, of the visitors who are known as these contacts, and from these addresses: before somebody asks what they have clicked. Waits for whoever works some of them in already.';

-- Where links lead that say nothing of it themselves is remembered too.
CREATE TRIGGER tracking_settings_tell_of_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON tracking_settings
    FOR EACH STATEMENT EXECUTE FUNCTION note_link_change();
