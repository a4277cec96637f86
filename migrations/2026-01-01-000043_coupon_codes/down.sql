ALTER TABLE defaults DROP COLUMN coupon_or_link;
DROP TRIGGER orders_are_kept ON orders;
CREATE TRIGGER orders_are_kept BEFORE DELETE
    OR UPDATE OF id, number, ordered_at, ordered_on, currency, shipping_minor, tax_minor, total, paid_in_full, source, content_hash, recorded_at
    ON orders FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE orders DROP COLUMN coupon;
DROP TABLE coupon_codes;
