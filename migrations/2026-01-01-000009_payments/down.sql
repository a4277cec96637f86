DROP TABLE releases, settlements, voids, payment_skips, payments, payment_batches, run_accounts, runs;
