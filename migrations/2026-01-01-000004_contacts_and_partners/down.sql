DROP TABLE partner_codes;
DROP TABLE partners;
DROP FUNCTION keep_partner_code();
DROP FUNCTION refuse_parent_loop();
DROP TABLE contacts;
