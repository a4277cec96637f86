DROP TABLE company_logo;
