-- The kinds of values that columns hold. A rule that is stated here holds wherever the value goes.

CREATE DOMAIN amount_minor AS bigint
    CONSTRAINT amount_minor_within_limits CHECK (VALUE BETWEEN -1000000000000000 AND 1000000000000000);
COMMENT ON DOMAIN amount_minor IS 'An amount of money in the minor unit of its account''s or company''s currency: cents for USD, yen for JPY. A whole number, so that nothing rounds it and NaN cannot be.';

CREATE DOMAIN quantity AS numeric
    CONSTRAINT quantity_is_a_number_of_four_decimals
    CHECK (VALUE > -10000000 AND VALUE < 10000000 AND scale(VALUE) <= 4);
COMMENT ON DOMAIN quantity IS 'How many units; at most four decimals. The limits refuse NaN and Infinity.';

CREATE DOMAIN unit_price AS numeric
    CONSTRAINT unit_price_is_a_number_of_six_decimals
    CHECK (VALUE > -1000000000 AND VALUE < 1000000000 AND scale(VALUE) <= 6);
COMMENT ON DOMAIN unit_price IS 'A price per unit in the currency''s major unit; at most six decimals. The limits refuse NaN and Infinity.';

CREATE DOMAIN exact_amount AS numeric
    CONSTRAINT exact_amount_is_a_number_of_ten_decimals
    CHECK (VALUE > -100000000000000000 AND VALUE < 100000000000000000 AND scale(VALUE) <= 10);
COMMENT ON DOMAIN exact_amount IS 'An unrounded amount in the currency''s major unit, as quantity times unit price gives it. The limits refuse NaN and Infinity.';

CREATE DOMAIN percent AS numeric
    CONSTRAINT percent_is_0_to_100_with_three_decimals
    CHECK (VALUE >= 0 AND VALUE <= 100 AND scale(VALUE) <= 3);
COMMENT ON DOMAIN percent IS 'A percent from 0 to 100 with at most three decimals. NaN is above 100 and so refused.';

CREATE DOMAIN short_text AS text
    CONSTRAINT short_text_is_at_most_200_characters CHECK (char_length(VALUE) <= 200);
COMMENT ON DOMAIN short_text IS 'A name, a title, one line of an address: at most 200 characters.';

CREATE DOMAIN long_text AS text
    CONSTRAINT long_text_is_at_most_2000_characters CHECK (char_length(VALUE) <= 2000);
COMMENT ON DOMAIN long_text IS 'A note or a reason: at most 2,000 characters.';

CREATE DOMAIN code_text AS text
    CONSTRAINT code_text_is_1_to_60_letters_digits_dashes CHECK (VALUE ~ '^[A-Za-z0-9_-]{1,60}$');
COMMENT ON DOMAIN code_text IS 'A code that stands in URLs: letters, digits, dash and underscore; compared without regard to case.';

CREATE COLLATION by_name (provider = icu, locale = 'und-u-kn-true');
COMMENT ON COLLATION by_name IS 'The order in which people look for names: Ä beside A, 2 before 10.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
COMMENT ON FUNCTION refuse_change() IS 'Guards append-only tables against UPDATE, DELETE and TRUNCATE, for the owner too.';
