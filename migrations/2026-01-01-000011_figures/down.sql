DROP FUNCTION ledger_figures_as_of(date, date, bigint, bigint[]);
DROP FUNCTION ledger_figures(date, date, bigint[]);
DROP INDEX ledger_days_by_day, ledger_months_by_month;
