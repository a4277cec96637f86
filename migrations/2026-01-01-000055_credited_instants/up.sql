-- When the touch was that won a credit, so that a partner's orders by clicks are counted without looking for each click.

CREATE FUNCTION instant_told(instant jsonb) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT (instant #>> '{}')::timestamptz $$;
COMMENT ON FUNCTION instant_told IS 'An instant of a story. Stories write them in UTC and say so, so that it depends on no setting.';

ALTER TABLE order_credits ADD COLUMN won_at timestamptz GENERATED ALWAYS AS
    (instant_told(jsonb_path_query_first(why, '$.candidates[*] ? (@.outcome == "credited").at'))) STORED;
COMMENT ON COLUMN order_credits.won_at IS 'When the click or referral was that won; null where none did. Follows from the story.';
