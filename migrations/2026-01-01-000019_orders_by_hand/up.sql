-- Orders, and what happens to them, recorded by hand: a form is known again when it is sent twice.

CREATE TABLE order_forms (
    form_key       uuid  CONSTRAINT order_forms_pkey PRIMARY KEY,
    order_event_id bigint NOT NULL CONSTRAINT order_forms_one_per_event UNIQUE CONSTRAINT order_forms_event_fkey REFERENCES order_events (id),
    content_hash   bytea NOT NULL CONSTRAINT order_forms_content_hash_is_sha256 CHECK (length(content_hash) = 32)
);
COMMENT ON TABLE order_forms IS 'Append-only. The forms by which events of orders were recorded by hand: the same form sent again records nothing more.';
COMMENT ON COLUMN order_forms.form_key IS 'Made when the page was shown.';
COMMENT ON COLUMN order_forms.order_event_id IS 'The event that it recorded.';
COMMENT ON COLUMN order_forms.content_hash IS 'SHA-256 of what it said: the same key with other content is refused.';
CREATE TRIGGER order_forms_are_kept BEFORE UPDATE OR DELETE ON order_forms FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_forms_are_not_emptied BEFORE TRUNCATE ON order_forms FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

COMMENT ON COLUMN order_events.reason IS 'In words: the note of an order that was placed by hand, why money or goods were given back; asked for when an order is cancelled or credited to another.';
