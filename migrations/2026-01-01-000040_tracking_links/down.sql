DROP FUNCTION record_visits;
DELETE FROM clicks WHERE visitor_id IS NULL;
DROP INDEX clicks_by_link;
DROP INDEX clicks_by_partner;
CREATE INDEX clicks_by_partner ON clicks (partner_id);
ALTER TABLE clicks
    DROP CONSTRAINT clicks_of_people_have_a_visitor,
    ALTER COLUMN visitor_id SET NOT NULL,
    DROP COLUMN link_id,
    DROP COLUMN referrer,
    DROP COLUMN query,
    DROP COLUMN utm_source,
    DROP COLUMN utm_medium,
    DROP COLUMN utm_campaign,
    DROP COLUMN utm_term,
    DROP COLUMN utm_content;
COMMENT ON COLUMN clicks.visitor_id IS 'Whose click.';
DROP TABLE unknown_links;
DROP TABLE tracking_settings;
DROP TABLE tracking_link_programs;
DROP TABLE tracking_link_codes;
DROP TABLE tracking_links;
DROP FUNCTION keep_link_code();
