-- What is not worked in yet must not be lost.
SELECT work_in_visits(9223372036854775807);
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

DROP VIEW visits;
ALTER TYPE visit DROP ATTRIBUTE report_ms;
CREATE OR REPLACE FUNCTION visits_of(batch visit_batches) RETURNS SETOF visit LANGUAGE sql STABLE AS $$
    SELECT batch.recorded + v.place - 1, v.visitor_key, v.partner_id, v.link_id, v.at, v.expires_at, v.address, v.user_agent, v.robot,
           v.referrer, v.query, v.page, v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content
      FROM ROWS FROM (json_to_recordset(batch.visits::json) AS (
               visitor_key text, partner_id bigint, link_id bigint, at timestamptz, expires_at timestamptz, address text,
               user_agent text, robot boolean, referrer text, query text, page text, utm_source text, utm_medium text,
               utm_campaign text, utm_term text, utm_content text))
           WITH ORDINALITY AS v (visitor_key, partner_id, link_id, at, expires_at, address, user_agent, robot, referrer, query, page,
                                 utm_source, utm_medium, utm_campaign, utm_term, utm_content, place)
$$;

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

DROP INDEX clicks_one_per_report;
ALTER TABLE clicks DROP COLUMN report_ms;
