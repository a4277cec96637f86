COMMENT ON COLUMN tracking_settings.address_days IS 'For how many days of 24 hours the address of a click is kept.';
COMMENT ON COLUMN orders.address IS 'The IP address that it came from, as text.';
DROP INDEX orders_with_an_address;
DROP FUNCTION erase_contact(bigint, timestamptz);
DROP TRIGGER contacts_that_are_erased_stay_so ON contacts;
ALTER TABLE contacts DROP COLUMN erased_at;
