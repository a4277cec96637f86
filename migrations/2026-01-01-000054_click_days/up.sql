-- The figures of a partner's clicks are kept by day, so that the page of a partner with a million clicks adds up
-- days and not clicks. They are worked out from time to time from what came since; nobody who clicks waits for it.

CREATE TABLE click_days (
    partner_id bigint  NOT NULL CONSTRAINT click_days_partner_fkey REFERENCES partners (id) ON DELETE CASCADE,
    day        date    NOT NULL,
    people     bigint  NOT NULL,
    robots     bigint  NOT NULL,
    CONSTRAINT click_days_pkey PRIMARY KEY (partner_id, day)
);
COMMENT ON TABLE click_days IS 'How many clicks a partner had each day, of those that click_days_mark.up_to reaches.';
COMMENT ON COLUMN click_days.partner_id IS 'Whose.';
COMMENT ON COLUMN click_days.day IS 'The day in UTC: what is kept must not change with the company''s time zone.';
COMMENT ON COLUMN click_days.people IS 'Clicks of people.';
COMMENT ON COLUMN click_days.robots IS 'Clicks of known robots.';

CREATE TABLE visitor_days (
    partner_id bigint  NOT NULL CONSTRAINT visitor_days_partner_fkey REFERENCES partners (id) ON DELETE CASCADE,
    day        date    NOT NULL,
    before     date    NOT NULL,
    visitors   bigint  NOT NULL,
    CONSTRAINT visitor_days_pkey PRIMARY KEY (partner_id, day, before)
);
COMMENT ON TABLE visitor_days IS 'How many visitors clicked on a day and on which day each had clicked last before: each visitor of some days is counted once by the rows whose day is one of them and whose other day lies before them.';
COMMENT ON COLUMN visitor_days.partner_id IS 'Whose links.';
COMMENT ON COLUMN visitor_days.day IS 'The day in UTC.';
COMMENT ON COLUMN visitor_days.before IS 'The day in UTC on which they had clicked last before; -infinity = they had not.';
COMMENT ON COLUMN visitor_days.visitors IS 'How many.';

CREATE TABLE click_days_mark (
    is_there boolean NOT NULL DEFAULT true CONSTRAINT click_days_mark_pkey PRIMARY KEY CONSTRAINT click_days_mark_is_one_row CHECK (is_there),
    up_to    bigint  NOT NULL DEFAULT 0,
    next     bigint  NOT NULL DEFAULT 0
);
INSERT INTO click_days_mark DEFAULT VALUES;
COMMENT ON TABLE click_days_mark IS 'How far the figures by day reach. Whoever writes them holds its row.';
COMMENT ON COLUMN click_days_mark.is_there IS 'There is one row.';
COMMENT ON COLUMN click_days_mark.up_to IS 'The number of the last click that is in them.';
COMMENT ON COLUMN click_days_mark.next IS 'A number up to which all clicks are committed: so far they may reach next.';

CREATE FUNCTION mark_click_days() RETURNS void LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
BEGIN
    -- First who takes clicks in, which may last; then, for a moment, who clicks: numbers are given before they are
    -- committed, so a later one may be seen earlier, and whoever has one holds that lock.
    PERFORM FROM click_days_mark FOR UPDATE;
    LOCK TABLE clicks IN SHARE MODE;
    UPDATE click_days_mark SET next = coalesce((SELECT max(id) FROM clicks), 0);
EXCEPTION WHEN lock_not_available THEN
    NULL;
END $$;
COMMENT ON FUNCTION mark_click_days IS 'Notes up to which number all clicks are committed. To be committed at once: until then nobody clicks. Notes nothing where it would have to wait.';

CREATE FUNCTION keep_click_days() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mark click_days_mark;
BEGIN
    SELECT * INTO mark FROM click_days_mark FOR UPDATE;
    INSERT INTO click_days AS kept (partner_id, day, people, robots)
    SELECT partner_id, (clicked_at AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE NOT robot), count(*) FILTER (WHERE robot)
      FROM clicks WHERE id > mark.up_to AND id <= mark.next GROUP BY 1, 2
    ON CONFLICT ON CONSTRAINT click_days_pkey DO UPDATE SET people = kept.people + excluded.people, robots = kept.robots + excluded.robots;
    -- Of each visitor who came, the days as they were and as they are.
    WITH came AS MATERIALIZED (
        SELECT DISTINCT partner_id, visitor_id FROM clicks
         WHERE id > mark.up_to AND id <= mark.next AND visitor_id IS NOT NULL
    ), days AS (
        SELECT came.partner_id, came.visitor_id, (clicked_at AT TIME ZONE 'UTC')::date AS day, bool_or(id <= mark.up_to) AS was_there
          FROM came JOIN clicks ON clicks.visitor_id = came.visitor_id AND clicks.partner_id = came.partner_id AND id <= mark.next
         GROUP BY 1, 2, 3
    ), changes AS (
        SELECT partner_id, day, lag(day, 1, '-infinity') OVER (PARTITION BY partner_id, visitor_id ORDER BY day) AS before, 1 AS visitors
          FROM days
        UNION ALL
        SELECT partner_id, day, lag(day, 1, '-infinity') OVER (PARTITION BY partner_id, visitor_id ORDER BY day), -1
          FROM days WHERE was_there
    )
    INSERT INTO visitor_days AS kept (partner_id, day, before, visitors)
    SELECT partner_id, day, before, sum(visitors) FROM changes GROUP BY 1, 2, 3 HAVING sum(visitors) <> 0
    ON CONFLICT ON CONSTRAINT visitor_days_pkey DO UPDATE SET visitors = kept.visitors + excluded.visitors;
    UPDATE click_days_mark SET up_to = mark.next;
END $$;
COMMENT ON FUNCTION keep_click_days IS 'Takes the clicks into the figures by day that came since, up to the number that mark_click_days has noted.';

CREATE FUNCTION keep_click_days_of(partner bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    mark click_days_mark;
BEGIN
    SELECT * INTO mark FROM click_days_mark FOR UPDATE;
    DELETE FROM click_days WHERE partner_id = partner;
    DELETE FROM visitor_days WHERE partner_id = partner;
    INSERT INTO click_days (partner_id, day, people, robots)
    SELECT partner, (clicked_at AT TIME ZONE 'UTC')::date, count(*) FILTER (WHERE NOT robot), count(*) FILTER (WHERE robot)
      FROM clicks WHERE partner_id = partner AND id <= mark.up_to GROUP BY 2;
    INSERT INTO visitor_days (partner_id, day, before, visitors)
    SELECT partner, day, before, count(*)
      FROM (SELECT day, lag(day, 1, '-infinity') OVER (PARTITION BY visitor_id ORDER BY day) AS before
              FROM (SELECT DISTINCT visitor_id, (clicked_at AT TIME ZONE 'UTC')::date AS day FROM clicks
                     WHERE partner_id = partner AND id <= mark.up_to AND visitor_id IS NOT NULL) came) came
     GROUP BY 2, 3;
END $$;
COMMENT ON FUNCTION keep_click_days_of IS 'Works the figures by day of a partner out anew, whose clicks have become other ones. It holds the mark''s row, as whoever changes whose clicks they are must before.';
