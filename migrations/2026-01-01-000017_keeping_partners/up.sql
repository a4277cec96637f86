-- Partners are kept by people: tags, notes, merging two that are one, taking out what was made by mistake.

ALTER TABLE partners
    ADD COLUMN merged_into_id bigint      CONSTRAINT partners_merged_into_fkey REFERENCES partners (id),
    ADD COLUMN merged_at      timestamptz,
    ADD CONSTRAINT partners_are_not_merged_into_themselves CHECK (merged_into_id <> id),
    ADD CONSTRAINT partners_that_are_merged_are_inactive CHECK (merged_into_id IS NULL OR status = 'inactive'),
    ADD CONSTRAINT partners_that_are_merged_say_when CHECK ((merged_into_id IS NULL) = (merged_at IS NULL));
CREATE INDEX partners_by_merged_into ON partners (merged_into_id);
COMMENT ON COLUMN partners.merged_into_id IS 'The partner that this one turned out to be; null = it stands for itself. Its account, with all that is in it, stays its own.';
COMMENT ON COLUMN partners.merged_at IS 'When it was merged.';

CREATE FUNCTION follow_merge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (SELECT FROM partners WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
        OR EXISTS (SELECT FROM partners WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'partner % is merged into one that is merged itself', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'partners_are_merged_into_one_that_stands_for_itself';
    END IF;
    UPDATE partner_codes SET partner_id = NEW.merged_into_id WHERE partner_id = NEW.id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_merge() IS 'The codes of a merged partner lead to the one that it is; that one is never merged itself.';
CREATE TRIGGER partners_hand_on_their_codes AFTER UPDATE OF merged_into_id ON partners
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION follow_merge();

-- A code outlives the partner that was taken out, and follows the one that was merged.
ALTER TABLE partner_codes ALTER COLUMN partner_id DROP NOT NULL;
ALTER TABLE partner_codes DROP CONSTRAINT partner_codes_partner_fkey;
ALTER TABLE partner_codes ADD CONSTRAINT partner_codes_partner_fkey FOREIGN KEY (partner_id) REFERENCES partners (id) ON DELETE SET NULL;
COMMENT ON TABLE partner_codes IS 'Append-only. Every code that a partner ever had, in lower case: an old code keeps leading to its partner and is never given to another. When two partners that are one are merged, the codes follow.';
COMMENT ON COLUMN partner_codes.partner_id IS 'To whom it leads; null = its partner was taken out, and nobody gets it again.';

CREATE FUNCTION keep_code_with_its_partner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.code = OLD.code AND OLD.partner_id IS NOT NULL AND (
        (NEW.partner_id IS NULL AND NOT EXISTS (SELECT FROM partners WHERE id = OLD.partner_id))
        OR EXISTS (SELECT FROM partners WHERE id = OLD.partner_id AND merged_into_id = NEW.partner_id)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'partner_codes is append-only: UPDATE is refused' USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION keep_code_with_its_partner() IS 'A code changes hands only when its partner is merged or taken out.';
DROP TRIGGER partner_codes_are_kept ON partner_codes;
CREATE TRIGGER partner_codes_are_kept BEFORE UPDATE ON partner_codes FOR EACH ROW EXECUTE FUNCTION keep_code_with_its_partner();

CREATE OR REPLACE FUNCTION keep_partner_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partner_codes WHERE code = lower(NEW.code) AND partner_id IS DISTINCT FROM NEW.id) THEN
        RAISE EXCEPTION 'code % was another partner''s', NEW.code
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'partner_codes_are_never_used_again';
    END IF;
    INSERT INTO partner_codes (code, partner_id) VALUES (lower(NEW.code), NEW.id) ON CONFLICT (code) DO NOTHING;
    RETURN NULL;
END $$;

CREATE TABLE partner_notes (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT partner_notes_pkey PRIMARY KEY,
    partner_id bigint      NOT NULL CONSTRAINT partner_notes_partner_fkey REFERENCES partners (id),
    note       text        NOT NULL CONSTRAINT partner_notes_are_1_to_5000_characters CHECK (char_length(note) BETWEEN 1 AND 5000),
    form_key   uuid        NOT NULL CONSTRAINT partner_notes_one_per_form_key UNIQUE,
    made_by    bigint      NOT NULL CONSTRAINT partner_notes_user_fkey REFERENCES users (id),
    made_at    timestamptz NOT NULL
);
CREATE INDEX partner_notes_by_partner ON partner_notes (partner_id, id);
CREATE INDEX partner_notes_by_user ON partner_notes (made_by);
COMMENT ON TABLE partner_notes IS 'Append-only. What people wrote down about a partner.';
COMMENT ON COLUMN partner_notes.id IS 'The note''s number, in the order of writing.';
COMMENT ON COLUMN partner_notes.partner_id IS 'About whom.';
COMMENT ON COLUMN partner_notes.note IS 'The text, as it was typed.';
COMMENT ON COLUMN partner_notes.form_key IS 'Made when the form was shown, so that a second press writes nothing.';
COMMENT ON COLUMN partner_notes.made_by IS 'Who wrote it.';
COMMENT ON COLUMN partner_notes.made_at IS 'When.';
CREATE TRIGGER partner_notes_are_kept BEFORE UPDATE ON partner_notes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER partner_notes_are_not_emptied BEFORE TRUNCATE ON partner_notes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE tags (
    id   bigint GENERATED BY DEFAULT AS IDENTITY CONSTRAINT tags_pkey PRIMARY KEY,
    name text   COLLATE by_name NOT NULL CONSTRAINT tags_name_is_1_to_60_characters CHECK (char_length(name) BETWEEN 1 AND 60)
);
CREATE UNIQUE INDEX tags_one_per_name ON tags (lower(name));
COMMENT ON TABLE tags IS 'Words of the company''s own to sort partners by.';
COMMENT ON COLUMN tags.id IS 'The tag''s number.';
COMMENT ON COLUMN tags.name IS 'As it was first written; compared without regard to case.';

CREATE TABLE partner_tags (
    partner_id bigint NOT NULL CONSTRAINT partner_tags_partner_fkey REFERENCES partners (id),
    tag_id     bigint NOT NULL CONSTRAINT partner_tags_tag_fkey REFERENCES tags (id),
    CONSTRAINT partner_tags_pkey PRIMARY KEY (partner_id, tag_id)
);
CREATE INDEX partner_tags_by_tag ON partner_tags (tag_id);
COMMENT ON TABLE partner_tags IS 'Which partners have which tags.';
COMMENT ON COLUMN partner_tags.partner_id IS 'The partner.';
COMMENT ON COLUMN partner_tags.tag_id IS 'The tag.';

CREATE FUNCTION take_out_partner(partner bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    DELETE FROM enrolments WHERE partner_id = partner;
    DELETE FROM partner_tags WHERE partner_id = partner;
    DELETE FROM partner_notes WHERE partner_id = partner;
    DELETE FROM account_totals t USING accounts a WHERE a.id = t.account_id AND a.partner_id = partner;
    DELETE FROM accounts WHERE partner_id = partner;
    DELETE FROM partners WHERE id = partner;
END $$;
COMMENT ON FUNCTION take_out_partner(bigint) IS 'Deletes a partner that nothing names: whatever does, refuses by its foreign key. Its codes stay, for nobody. The application''s role may not delete these rows one by one.';
