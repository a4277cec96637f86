DROP TABLE open_entries, ledger_months, ledger_days, account_totals, entry_details, entries, accounts;
DROP TYPE entry_kind;
