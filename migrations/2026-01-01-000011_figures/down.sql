DROP FUNCTION ledger_figures_as_of(date, date, bigint, bigint[]);
DROP FUNCTION ledger_figures(date, date, bigint[]);
