DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['entries', 'entry_details', 'runs', 'run_accounts', 'payment_batches', 'payments', 'payment_skips', 'voids', 'settlements', 'releases'] LOOP
        EXECUTE format('DROP TRIGGER %1$s_are_kept ON %1$s', kept);
        EXECUTE format('DROP TRIGGER %1$s_are_not_emptied ON %1$s', kept);
    END LOOP;
END $$;
DROP TRIGGER releases_are_followed ON releases;
DROP TRIGGER settlements_are_followed ON settlements;
DROP TRIGGER voids_are_followed ON voids;
DROP TRIGGER payments_are_followed ON payments;
DROP TRIGGER entries_are_followed ON entries;
DROP TRIGGER accounts_have_totals ON accounts;
DROP FUNCTION follow_releases(), follow_settlements(), follow_voids(), follow_payments(), follow_entries(), follow_accounts();
