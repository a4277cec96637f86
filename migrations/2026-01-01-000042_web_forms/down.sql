ALTER TABLE contacts
    DROP CONSTRAINT contacts_with_a_form_of_a_rep_have_a_rep,
    DROP COLUMN sales_rep_form_id,
    DROP COLUMN sales_rep_id;
DROP TABLE form_submissions, web_form_fields, web_form_codes, web_forms;
DROP FUNCTION keep_form_code();
