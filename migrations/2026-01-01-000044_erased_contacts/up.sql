-- A person's data can be erased; the book keeps its entries without the person.

ALTER TABLE contacts ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN contacts.erased_at IS 'When everything about the person was erased, for good; null = it was not. What is left is a number that the book''s entries hang on.';
ALTER TABLE contacts ADD CONSTRAINT contacts_that_are_erased_hold_nothing CHECK (erased_at IS NULL OR (
    external_id IS NULL AND email IS NULL AND name = 'Erased contact #' || id AND NOT opted_in
    AND concat(address_line1, address_line2, city, state, postal_code, country) = ''));
CREATE TRIGGER contacts_that_are_erased_stay_so BEFORE UPDATE ON contacts
    FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION refuse_change();

CREATE FUNCTION erase_contact(erased bigint, moment timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    -- Clicks of its visitors that are not another contact's, and clicks that are its own.
    UPDATE clicks SET address = NULL, user_agent = NULL, referrer = NULL, query = NULL, utm_source = NULL,
           utm_medium = NULL, utm_campaign = NULL, utm_term = NULL, utm_content = NULL
     WHERE id IN (
        SELECT click_id FROM referrals WHERE contact_id = erased
        UNION
        SELECT c.id FROM visitors v JOIN clicks c ON c.visitor_id = v.id LEFT JOIN referrals r ON r.click_id = c.id
         WHERE v.contact_id = erased AND (r.contact_id IS NULL OR r.contact_id = erased));
    -- No cookie can be this key, so none leads here; what comes with the old one is a new visitor.
    UPDATE visitors SET key = 'erased-' || gen_random_uuid(), contact_id = NULL WHERE contact_id = erased;
    -- A browser that is known as somebody else by now says nothing of these orders.
    UPDATE orders SET address = NULL, visitor_id = (SELECT id FROM visitors WHERE id = orders.visitor_id AND contact_id IS NULL)
     WHERE contact_id = erased;
    -- What it answered on forms; a hash of it would tell whoever guesses the answers.
    UPDATE form_submissions SET answers = '[]', address = NULL, page_key = NULL, content_hash = sha256(gen_random_uuid()::text::bytea),
           visitor_id = (SELECT id FROM visitors WHERE id = form_submissions.visitor_id AND contact_id IS NULL)
     WHERE contact_id = erased;
    DELETE FROM partner_notes WHERE partner_id IN (SELECT id FROM partners WHERE contact_id = erased);
    DELETE FROM partner_tags WHERE partner_id IN (SELECT id FROM partners WHERE contact_id = erased);
    UPDATE partners SET status = 'inactive', notify_on_lead = false, notify_on_sale = false, version = version + 1
     WHERE contact_id = erased;
    UPDATE contacts SET external_id = NULL, email = NULL, name = 'Erased contact #' || id, address_line1 = '', address_line2 = '',
           city = '', state = '', postal_code = '', country = '', opted_in = false, sales_rep_id = NULL, sales_rep_form_id = NULL, erased_at = moment, version = version + 1
     WHERE id = erased;
END $$;
COMMENT ON FUNCTION erase_contact(bigint, timestamptz) IS 'Erases all that is kept about a person beside the book: its record, what its browsers said, from where it ordered, what it answered on forms, and a partner''s notes and tags. Orders, entries and referrals keep their figures and the contact''s number. The application''s role may not delete notes otherwise.';

-- Addresses of orders that are old enough to be erased are found without reading all orders; most have none.
CREATE INDEX orders_with_an_address ON orders (ordered_at) WHERE address IS NOT NULL;
COMMENT ON COLUMN orders.address IS 'The IP address that it came from, as text; erased when it has been kept as long as CRM > Settings > Tracking says.';
COMMENT ON COLUMN tracking_settings.address_days IS 'For how many days of 24 hours the addresses of clicks, orders and forms are kept.';
