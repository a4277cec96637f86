ALTER TABLE order_credits DROP COLUMN won_by;
