DROP FUNCTION refuse_change();
DROP COLLATION by_name;
DROP DOMAIN code_text, long_text, short_text, percent, exact_amount, unit_price, quantity, amount_minor;
