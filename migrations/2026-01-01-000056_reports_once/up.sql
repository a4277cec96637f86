-- A report of a shop's script that is sent again, because its answer was lost, is the click that it was before.

ALTER TABLE clicks ADD COLUMN report_ms bigint;
COMMENT ON COLUMN clicks.report_ms IS 'When it was by the clock of the visitor''s browser, in milliseconds since 1970, as the script of a shop reported it: the same report sent again says the same; null = nobody said.';
CREATE UNIQUE INDEX clicks_one_per_report ON clicks (visitor_id, report_ms) WHERE report_ms IS NOT NULL;
COMMENT ON INDEX clicks_one_per_report IS 'A report counts once, however often it is sent. Clicks through links have none and cost nothing here.';

ALTER TYPE visit ADD ATTRIBUTE report_ms bigint;

CREATE OR REPLACE FUNCTION visits_of(batch visit_batches) RETURNS SETOF visit LANGUAGE sql STABLE AS $$
    SELECT batch.recorded + v.place - 1, v.visitor_key, v.partner_id, v.link_id, v.at, v.expires_at, v.address, v.user_agent, v.robot,
           v.referrer, v.query, v.page, v.utm_source, v.utm_medium, v.utm_campaign, v.utm_term, v.utm_content, v.report_ms
      FROM ROWS FROM (json_to_recordset(batch.visits::json) AS (
               visitor_key text, partner_id bigint, link_id bigint, at timestamptz, expires_at timestamptz, address text,
               user_agent text, robot boolean, referrer text, query text, page text, utm_source text, utm_medium text,
               utm_campaign text, utm_term text, utm_content text, report_ms bigint))
           WITH ORDINALITY AS v (visitor_key, partner_id, link_id, at, expires_at, address, user_agent, robot, referrer, query, page,
                                 utm_source, utm_medium, utm_campaign, utm_term, utm_content, report_ms, place)
$$;

CREATE OR REPLACE VIEW visits AS SELECT visit.* FROM visit_batches AS batch CROSS JOIN LATERAL visits_of(batch) AS visit;
COMMENT ON COLUMN visits.report_ms IS 'When it was by the clock of the visitor''s browser, as the script of a shop reported it.';

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
