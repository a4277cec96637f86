DROP TABLE code_prefixes, defaults, company;
