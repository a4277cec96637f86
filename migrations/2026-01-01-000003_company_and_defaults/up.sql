-- Who we are, and how partners are tracked and paid: one row each.

CREATE TABLE company (
    id            smallint   CONSTRAINT company_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT company_is_one CHECK (id = 1),
    name          short_text NOT NULL DEFAULT '',
    address_line1 short_text NOT NULL DEFAULT '',
    address_line2 short_text NOT NULL DEFAULT '',
    city          short_text NOT NULL DEFAULT '',
    state         short_text NOT NULL DEFAULT '',
    postal_code   short_text NOT NULL DEFAULT '',
    country       short_text NOT NULL DEFAULT '',
    email         short_text NOT NULL DEFAULT '',
    phone         short_text NOT NULL DEFAULT '',
    currency      text       NOT NULL DEFAULT 'USD' CONSTRAINT company_currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$'),
    minor_units   smallint   NOT NULL DEFAULT 2 CONSTRAINT company_minor_units_are_0_to_4 CHECK (minor_units BETWEEN 0 AND 4),
    time_zone     text       NOT NULL DEFAULT 'UTC',
    date_format   text       NOT NULL DEFAULT 'mdy' CONSTRAINT company_date_format_is_known CHECK (date_format IN ('mdy', 'dmy', 'ymd')),
    version       integer    NOT NULL DEFAULT 1
);
COMMENT ON TABLE company IS 'The company that pays the partners. One row.';
COMMENT ON COLUMN company.id IS 'Always 1.';
COMMENT ON COLUMN company.name IS 'As it stands on ledgers.';
COMMENT ON COLUMN company.address_line1 IS 'Postal address, first line.';
COMMENT ON COLUMN company.address_line2 IS 'Postal address, second line.';
COMMENT ON COLUMN company.city IS 'Postal address.';
COMMENT ON COLUMN company.state IS 'Postal address.';
COMMENT ON COLUMN company.postal_code IS 'Postal address.';
COMMENT ON COLUMN company.country IS 'Postal address.';
COMMENT ON COLUMN company.email IS 'Where partners write to.';
COMMENT ON COLUMN company.phone IS 'As it stands on ledgers.';
COMMENT ON COLUMN company.currency IS 'ISO 4217 code. Fixed once an order or an entry exists.';
COMMENT ON COLUMN company.minor_units IS 'How many decimals the currency has.';
COMMENT ON COLUMN company.time_zone IS 'IANA name. Business dates are days of this zone, stamped when something is recorded.';
COMMENT ON COLUMN company.date_format IS 'mdy: Oct 31, 2026; dmy: 31 Oct 2026; ymd: 2026-10-31.';
COMMENT ON COLUMN company.version IS 'Counts saves, so that two people editing at once are told.';
INSERT INTO company DEFAULT VALUES;

CREATE TABLE defaults (
    id                   smallint CONSTRAINT defaults_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT defaults_are_one CHECK (id = 1),
    code_prefix          text     NOT NULL DEFAULT '' CONSTRAINT defaults_code_prefix_is_letters_digits_dashes CHECK (code_prefix ~ '^[A-Za-z0-9_-]{0,20}$'),
    skip_notifications   boolean  NOT NULL DEFAULT false,
    choose_partner       text     NOT NULL DEFAULT 'latest' CONSTRAINT defaults_choose_partner_is_known CHECK (choose_partner IN ('latest', 'first')),
    tracking_method      text     NOT NULL DEFAULT 'cookies' CONSTRAINT defaults_tracking_method_is_known CHECK (tracking_method IN ('cookies', 'history_and_cookies')),
    use_ip_address       boolean  NOT NULL DEFAULT false,
    custom_link_url      text     NOT NULL DEFAULT '' CONSTRAINT defaults_custom_link_url_is_https CHECK (custom_link_url = '' OR (custom_link_url LIKE 'https://%' AND char_length(custom_link_url) <= 500)),
    levels               smallint NOT NULL DEFAULT 2 CONSTRAINT defaults_levels_are_1_to_3 CHECK (levels BETWEEN 1 AND 3),
    payout_lead          boolean  NOT NULL DEFAULT false,
    payout_sale          boolean  NOT NULL DEFAULT true,
    payout_amount        boolean  NOT NULL DEFAULT false,
    payout_percent       boolean  NOT NULL DEFAULT true,
    pay_if_unused        boolean  NOT NULL DEFAULT false,
    credit_own_purchases boolean  NOT NULL DEFAULT false,
    version              integer  NOT NULL DEFAULT 1,
    CONSTRAINT defaults_pay_the_lead_or_the_sale CHECK (payout_lead OR payout_sale),
    CONSTRAINT defaults_pay_amounts_or_percents CHECK (payout_amount OR payout_percent)
);
COMMENT ON TABLE defaults IS 'CRM > Settings > Referral Partner Defaults. One row.';
COMMENT ON COLUMN defaults.id IS 'Always 1.';
COMMENT ON COLUMN defaults.code_prefix IS 'Setting 1, Referral Partner Code Prefix: put before the code in every generated link.';
COMMENT ON COLUMN defaults.skip_notifications IS 'Setting 2: true = no partner is mailed about orders or web forms.';
COMMENT ON COLUMN defaults.choose_partner IS 'Setting 3, How to choose a referral partner: latest or first referring.';
COMMENT ON COLUMN defaults.tracking_method IS 'Setting 4, Referral Partner tracking method.';
COMMENT ON COLUMN defaults.use_ip_address IS 'Setting 5, Use IP Address.';
COMMENT ON COLUMN defaults.custom_link_url IS 'Setting 6, Custom Referral Partner Link URL; empty = the server''s own address.';
COMMENT ON COLUMN defaults.levels IS 'Setting 7, Referral Partner # of Levels.';
COMMENT ON COLUMN defaults.payout_lead IS 'Setting 8, Payout Type (Lead/Sale): the lead partner earns.';
COMMENT ON COLUMN defaults.payout_sale IS 'Setting 8, Payout Type (Lead/Sale): the sale partner earns.';
COMMENT ON COLUMN defaults.payout_amount IS 'Setting 9, Payout Type (Amount/Percent): amounts count.';
COMMENT ON COLUMN defaults.payout_percent IS 'Setting 9, Payout Type (Amount/Percent): percents count.';
COMMENT ON COLUMN defaults.pay_if_unused IS 'Setting 10, Use "Pay If Unused"?';
COMMENT ON COLUMN defaults.credit_own_purchases IS 'Credit partners for their own purchases.';
COMMENT ON COLUMN defaults.version IS 'Counts saves, so that two people editing at once are told.';
INSERT INTO defaults DEFAULT VALUES;

CREATE TABLE code_prefixes (
    prefix   text        NOT NULL CONSTRAINT code_prefixes_prefix_is_letters_digits_dashes CHECK (prefix ~ '^[A-Za-z0-9_-]{1,20}$'),
    used_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT code_prefixes_pkey PRIMARY KEY (prefix)
);
COMMENT ON TABLE code_prefixes IS 'Append-only. Every Referral Partner Code Prefix that was ever in force: links with an earlier one keep working.';
COMMENT ON COLUMN code_prefixes.prefix IS 'The prefix.';
COMMENT ON COLUMN code_prefixes.used_at IS 'When it was first saved.';
CREATE TRIGGER code_prefixes_are_kept BEFORE UPDATE OR DELETE ON code_prefixes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER code_prefixes_are_not_emptied BEFORE TRUNCATE ON code_prefixes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
