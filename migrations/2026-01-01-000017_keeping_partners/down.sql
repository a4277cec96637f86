DROP FUNCTION take_out_partner(bigint);
DROP TABLE partner_tags, tags, partner_notes;

DROP TRIGGER partner_codes_are_kept ON partner_codes;
DROP FUNCTION keep_code_with_its_partner();
CREATE TRIGGER partner_codes_are_kept BEFORE UPDATE ON partner_codes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE FUNCTION keep_partner_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partner_codes WHERE code = lower(NEW.code) AND partner_id <> NEW.id) THEN
        RAISE EXCEPTION 'code % was another partner''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'partner_codes_are_never_used_again';
    END IF;
    INSERT INTO partner_codes (code, partner_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    RETURN NULL;
END $$;
-- Codes of partners who were taken out were not kept before.
DELETE FROM partner_codes WHERE partner_id IS NULL;
ALTER TABLE partner_codes DROP CONSTRAINT partner_codes_partner_fkey;
ALTER TABLE partner_codes ADD CONSTRAINT partner_codes_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id);
ALTER TABLE partner_codes ALTER COLUMN partner_id SET NOT NULL;
COMMENT ON TABLE partner_codes IS 'Append-only. Every code that a partner ever had, in lower case: an old code keeps leading to its partner and is never given to another.';
COMMENT ON COLUMN partner_codes.partner_id IS 'Whose it is.';

DROP TRIGGER partners_hand_on_their_codes ON partners;
DROP FUNCTION follow_merge();
ALTER TABLE partners DROP COLUMN merged_into_id, DROP COLUMN merged_at;
