-- Which click brought an order: what the story of a credit says of the touch that won, to be looked up by it.

ALTER TABLE order_credits ADD COLUMN won_by bigint GENERATED ALWAYS AS
    ((jsonb_path_query_first(why, '$.candidates[*] ? (@.outcome == "credited").recorded'))::bigint) STORED;
CREATE INDEX order_credits_by_won_by ON order_credits (won_by) WHERE won_by IS NOT NULL;
COMMENT ON COLUMN order_credits.won_by IS 'The place in the order of recording of the click or referral that won; null where none did. Follows from the story.';
