DROP TABLE enrolments, program_rates, program_rules, program_versions, programs, products;
