-- Tracking links, and what is known of a click through one of them.

CREATE TABLE tracking_links (
    id             bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT tracking_links_pkey PRIMARY KEY,
    name           text        NOT NULL CONSTRAINT tracking_links_name_is_1_to_200_characters CHECK (char_length(name) BETWEEN 1 AND 200),
    code           text        NOT NULL CONSTRAINT tracking_links_code_is_letters_digits_dashes CHECK (code ~ '^[A-Za-z0-9_-]{1,50}$'),
    destination    text        NOT NULL CONSTRAINT tracking_links_destination_is_http_or_https CHECK (destination ~ '^https?://' AND char_length(destination) <= 2000),
    names_visitor  boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT now(),
    version        integer     NOT NULL DEFAULT 1
);
COMMENT ON TABLE tracking_links IS 'CRM > Tracking Links: what partners hand out.';
COMMENT ON COLUMN tracking_links.id IS 'The link''s number.';
COMMENT ON COLUMN tracking_links.name IS 'What it is called on pages.';
COMMENT ON COLUMN tracking_links.code IS 'Stands in its address, /go/<code>/<partner>; compared without regard to case.';
COMMENT ON COLUMN tracking_links.destination IS 'Where it leads.';
COMMENT ON COLUMN tracking_links.names_visitor IS 'Whether the destination is told the visitor''s key, for a shop on another host.';
COMMENT ON COLUMN tracking_links.created_at IS 'When it was made.';
COMMENT ON COLUMN tracking_links.version IS 'Counts changes, so that two people editing at once are told.';

CREATE TABLE tracking_link_codes (
    code    text   CONSTRAINT tracking_link_codes_pkey PRIMARY KEY CONSTRAINT tracking_link_codes_are_lower_case CHECK (code = lower(code)),
    link_id bigint NOT NULL CONSTRAINT tracking_link_codes_link_fkey REFERENCES tracking_links (id) ON DELETE CASCADE
);
CREATE INDEX tracking_link_codes_by_link ON tracking_link_codes (link_id);
COMMENT ON TABLE tracking_link_codes IS 'Every code that a link has or had, in lower case: what was handed out with an earlier one keeps leading there.';
COMMENT ON COLUMN tracking_link_codes.code IS 'The code, in lower case.';
COMMENT ON COLUMN tracking_link_codes.link_id IS 'Whose it is.';
CREATE FUNCTION keep_link_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM tracking_link_codes WHERE code = lower(NEW.code) AND link_id <> NEW.id) THEN
        RAISE EXCEPTION 'link code % is another link''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'tracking_links_one_per_code';
    END IF;
    INSERT INTO tracking_link_codes (code, link_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_link_code() IS 'Holds tracking_links_one_per_code, and writes each code down.';
CREATE TRIGGER tracking_links_keep_their_codes AFTER INSERT OR UPDATE OF code ON tracking_links
    FOR EACH ROW EXECUTE FUNCTION keep_link_code();

CREATE TABLE tracking_link_programs (
    link_id    bigint NOT NULL CONSTRAINT tracking_link_programs_link_fkey REFERENCES tracking_links (id) ON DELETE CASCADE,
    program_id bigint NOT NULL CONSTRAINT tracking_link_programs_program_fkey REFERENCES programs (id),
    CONSTRAINT tracking_link_programs_pkey PRIMARY KEY (link_id, program_id)
);
CREATE INDEX tracking_link_programs_by_program ON tracking_link_programs (program_id);
COMMENT ON TABLE tracking_link_programs IS 'To whom a link is offered: partners of these programs; every partner where it names none.';
COMMENT ON COLUMN tracking_link_programs.link_id IS 'The link.';
COMMENT ON COLUMN tracking_link_programs.program_id IS 'The program.';

CREATE TABLE tracking_settings (
    id                  smallint CONSTRAINT tracking_settings_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT tracking_settings_are_one CHECK (id = 1),
    default_destination text     NOT NULL DEFAULT '' CONSTRAINT tracking_settings_default_destination_is_http_or_https CHECK (default_destination = '' OR (default_destination ~ '^https?://' AND char_length(default_destination) <= 2000)),
    unknown_destination text     NOT NULL DEFAULT '' CONSTRAINT tracking_settings_unknown_destination_is_http_or_https CHECK (unknown_destination = '' OR (unknown_destination ~ '^https?://' AND char_length(unknown_destination) <= 2000)),
    cookie_days         integer  NOT NULL DEFAULT 365 CONSTRAINT tracking_settings_cookie_days_are_1_to_400 CHECK (cookie_days BETWEEN 1 AND 400),
    address_days        integer  NOT NULL DEFAULT 90 CONSTRAINT tracking_settings_address_days_are_0_to_3650 CHECK (address_days BETWEEN 0 AND 3650),
    version             integer  NOT NULL DEFAULT 1
);
COMMENT ON TABLE tracking_settings IS 'CRM > Settings > Tracking. One row.';
COMMENT ON COLUMN tracking_settings.id IS 'Always 1.';
COMMENT ON COLUMN tracking_settings.default_destination IS 'Where /go/<partner> leads; empty = nowhere yet.';
COMMENT ON COLUMN tracking_settings.unknown_destination IS 'Where a code leads that nobody has: the company''s site; empty = a page that says so.';
COMMENT ON COLUMN tracking_settings.cookie_days IS 'How many days of 24 hours the visitor''s cookie lasts after a click.';
COMMENT ON COLUMN tracking_settings.address_days IS 'For how many days of 24 hours the address of a click is kept.';
COMMENT ON COLUMN tracking_settings.version IS 'Counts saves, so that two people editing at once are told.';
INSERT INTO tracking_settings DEFAULT VALUES;

CREATE TABLE unknown_links (
    path     text        CONSTRAINT unknown_links_pkey PRIMARY KEY CONSTRAINT unknown_links_path_is_at_most_300_characters CHECK (char_length(path) <= 300),
    hits     bigint      NOT NULL CONSTRAINT unknown_links_hits_are_positive CHECK (hits > 0),
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL
);
CREATE INDEX unknown_links_by_last_at ON unknown_links (last_at);
COMMENT ON TABLE unknown_links IS 'Addresses under /go/ that name no link or no partner, and how often they were asked for.';
COMMENT ON COLUMN unknown_links.path IS 'What came after /go/, in lower case.';
COMMENT ON COLUMN unknown_links.hits IS 'How often, by people.';
COMMENT ON COLUMN unknown_links.first_at IS 'When for the first time.';
COMMENT ON COLUMN unknown_links.last_at IS 'When for the last time.';

ALTER TABLE clicks
    ALTER COLUMN visitor_id DROP NOT NULL,
    ADD COLUMN link_id      bigint CONSTRAINT clicks_link_fkey REFERENCES tracking_links (id),
    ADD COLUMN referrer     text   CONSTRAINT clicks_referrer_is_at_most_1000_characters CHECK (char_length(referrer) <= 1000),
    ADD COLUMN query        text   CONSTRAINT clicks_query_is_at_most_2000_characters CHECK (char_length(query) <= 2000),
    ADD COLUMN utm_source   text   CONSTRAINT clicks_utm_source_is_at_most_200_characters CHECK (char_length(utm_source) <= 200),
    ADD COLUMN utm_medium   text   CONSTRAINT clicks_utm_medium_is_at_most_200_characters CHECK (char_length(utm_medium) <= 200),
    ADD COLUMN utm_campaign text   CONSTRAINT clicks_utm_campaign_is_at_most_200_characters CHECK (char_length(utm_campaign) <= 200),
    ADD COLUMN utm_term     text   CONSTRAINT clicks_utm_term_is_at_most_200_characters CHECK (char_length(utm_term) <= 200),
    ADD COLUMN utm_content  text   CONSTRAINT clicks_utm_content_is_at_most_200_characters CHECK (char_length(utm_content) <= 200),
    ADD CONSTRAINT clicks_of_people_have_a_visitor CHECK (robot OR visitor_id IS NOT NULL);
DROP INDEX clicks_by_partner;
CREATE INDEX clicks_by_partner ON clicks (partner_id, clicked_at);
CREATE INDEX clicks_by_link ON clicks (link_id, clicked_at);
COMMENT ON COLUMN clicks.visitor_id IS 'Whose click; null = a robot''s.';
COMMENT ON COLUMN clicks.link_id IS 'Through which link; null = the partner''s own address, to the default destination.';
COMMENT ON COLUMN clicks.referrer IS 'The page that it came from, as the browser said.';
COMMENT ON COLUMN clicks.query IS 'What stood after the question mark, which was passed on.';
COMMENT ON COLUMN clicks.utm_source IS 'utm_source of the query.';
COMMENT ON COLUMN clicks.utm_medium IS 'utm_medium of the query.';
COMMENT ON COLUMN clicks.utm_campaign IS 'utm_campaign of the query.';
COMMENT ON COLUMN clicks.utm_term IS 'utm_term of the query.';
COMMENT ON COLUMN clicks.utm_content IS 'utm_content of the query.';

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
