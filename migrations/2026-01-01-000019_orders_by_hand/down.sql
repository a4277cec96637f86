COMMENT ON COLUMN order_events.reason IS 'Why, in words: asked for when an order is cancelled or credited to another.';
DROP TABLE order_forms;
