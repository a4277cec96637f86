DROP INDEX clicks_by_page;
ALTER TABLE tracking_settings DROP COLUMN sites;
