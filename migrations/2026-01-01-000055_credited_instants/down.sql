ALTER TABLE order_credits DROP COLUMN won_at;
DROP FUNCTION instant_told;
