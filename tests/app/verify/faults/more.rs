//! More faults, each broken in by hand and found by `verify`.

use super::*;

#[test]
fn batches() {
    finds(&[
        (
            "UPDATE payments SET by_method_minor = 1165 WHERE id = 4",
            "account 1 (code sam), batch \"January\": by this method 11.65, the report shows 11.64",
        ),
        (
            "UPDATE run_accounts SET last_number = 8 WHERE run_id = 1 AND account_id = 1",
            "account 1 (code sam), batch \"January\", entry 10: took in -3.00 that its run did not show",
        ),
        (
            "UPDATE payment_batches SET method = 'commission' WHERE id = 2",
            "account 1 (code sam), batch \"January-2\": by this method 10.14, the report shows 13.14",
        ),
        (
            "UPDATE payments SET already_settled_minor = 299 WHERE id = 4",
            "account 1 (code sam), batch \"January\": by this method 11.64, already settled and to pay make 11.63",
        ),
        (
            "UPDATE payment_skips SET reason = 'negative' WHERE account_id = 3",
            "account 3 (code zoe), batch \"January-2\": skipped as negative, and 0.00 is to pay",
        ),
        (
            "UPDATE payment_skips SET reason = 'nothing' WHERE account_id = 3",
            "account 3 (code zoe), batch \"January-2\": skipped as nothing, where the report shows 3.75",
        ),
        (
            "UPDATE payment_skips SET to_pay_minor = 1, already_settled_minor = 374 WHERE account_id = 3",
            "account 3 (code zoe), batch \"January-2\": skipped as already_settled, and 0.01 is to pay",
        ),
        (
            "DELETE FROM payment_skips WHERE account_id = 4",
            "account 4 (code eve), batch \"January-2\": neither paid nor skipped",
        ),
        (
            "DELETE FROM run_accounts WHERE run_id = 3 AND account_id = 4",
            "account 4 (code eve), batch \"January-2\": paid or skipped, and was not chosen",
        ),
        (
            "INSERT INTO payment_skips VALUES (2, 1, 'nothing', 0, 0, 0)",
            "account 1 (code sam), batch \"January-2\": paid or skipped more than once",
        ),
        (
            "UPDATE entries SET dated_on = '2026-02-01' WHERE id = 24",
            "account 1 (code sam), batch \"January-2\", entry 11: took in 1.50 of 2026-02-01, which its method leaves",
        ),
        (
            "UPDATE payment_batches SET from_on = '2026-01-10' WHERE id = 1",
            "account 1 (code sam), batch \"January\", entry 10: took in -3.00 of 2026-01-09, which its method leaves",
        ),
        (
            "UPDATE payment_batches SET on_account = '\"left_out\"' WHERE id = 1",
            "account 1 (code sam), batch \"January\", entry 10: took in -3.00 on account, which was left out",
        ),
        (
            "UPDATE payment_batches SET on_account = '{\"without\": [18]}' WHERE id = 1",
            "account 1 (code sam), batch \"January\", entry 10: took in -3.00 on account, which was left out",
        ),
        (
            "UPDATE payments SET pay_type = 'cash' WHERE id = 8",
            "account 1 (code sam), batch \"January-2\", payment 8: pays 4.50 by cash on 2026-02-04, the batch by manual on 2026-02-04",
        ),
    ]);
}

#[test]
fn orders_and_what_they_earn() {
    finds(&[
        (
            "UPDATE orders SET total = 105.65 WHERE number = 'A1'",
            "order \"A1\": total 105.65, its parts make 105.64",
        ),
        (
            "UPDATE orders SET shipping_minor = 0 WHERE number = 'A1'",
            "order \"A1\": total 105.64, its parts make 101.64",
        ),
        (
            "UPDATE order_lines SET base = 99.06 WHERE id = 1",
            "order \"A1\" line 1: base 99.06, it works out as 99.05",
        ),
        (
            "UPDATE order_lines SET discount_minor = 99 WHERE id = 1",
            "order \"A1\" line 1: base 99.05, it works out as 99.06",
        ),
        (
            "UPDATE commission_rows SET full_minor = 1142 WHERE id = 3",
            "order \"A1\" row 3: full value 11.42, its working gives 11.405",
        ),
        (
            "UPDATE commission_rows SET percent = 10.5 WHERE id = 3",
            "order \"A1\" row 3: full value 11.41, its working gives 11.90025",
        ),
        (
            "UPDATE commission_rows SET base = 99.06 WHERE id = 3",
            "order \"A1\" row 3: base 99.06, its lines have 99.05",
        ),
        (
            "UPDATE commission_rows SET base = 60 WHERE id = 10",
            "order \"A3\" row 10: base 60, its lines have 100",
        ),
        (
            "DELETE FROM commission_row_lines WHERE order_line_id = 6",
            "order \"A3\" row 10: base 100, its lines have 60",
        ),
        (
            "UPDATE commission_rows SET quantity = 4 WHERE id = 3",
            "order \"A1\" row 3: quantity 4, its line has another",
        ),
        (
            "UPDATE entries SET amount_minor = 1142 WHERE id = 3",
            "order \"A1\" row 3: holds 7.62, target 7.61",
        ),
        ("UPDATE returned_lines SET quantity = 2", "order \"A1\" row 3: holds 7.61, target 3.80"),
        (
            "UPDATE orders SET paid_in_full = true WHERE number = 'A2'; UPDATE order_events SET amount_minor = 2600 WHERE id = 6",
            "order \"A2\" row 6: holds 8.25, target 8.14",
        ),
        (
            "UPDATE order_events SET amount_minor = 4000 WHERE id = 8",
            "order \"A3\" row 8: holds 1.50, target 1.35",
        ),
        (
            "UPDATE order_events SET kind = 'refund' WHERE id = 11",
            "order \"A4\" row 12: holds 0.00, target 5.50",
        ),
        (
            "UPDATE entries SET commission_row_id = 2 WHERE id = 8",
            "order \"A1\" row 1: holds 0.99, target 0.66",
        ),
        // In the end all is well, and it was not at the time.
        (
            "UPDATE entries SET amount_minor = 74 WHERE id = 10; UPDATE entries SET amount_minor = 76 WHERE id = 32",
            "order \"A3\" row 8: its event 5 booked 0.74, due was 0.75",
        ),
        (
            "UPDATE entries SET order_event_id = 1, dated_on = '2026-01-02' WHERE id = 8",
            "order \"A1\" row 1: its event 4 booked 0.00, due was -0.33",
        ),
        (
            "UPDATE order_events SET kind = 'customer_payment' WHERE id = 4",
            "order \"A1\" row 3: its event 4 booked -3.80, due was 0.00",
        ),
    ]);
}

#[test]
fn what_holds_between_tables() {
    finds(&[
        (
            "ALTER TABLE accounts DROP CONSTRAINT accounts_one_per_partner_and_currency; UPDATE accounts SET partner_id = 2 WHERE id = 1",
            "account 1 (code bob), entry 1 of order \"A1\": 0.99 of row 1 stands in the account of another partner",
        ),
        (
            "UPDATE entries SET order_event_id = 2 WHERE id = 1",
            "account 1 (code sam), entry 1 of order \"A1\": 0.99 of row 1 was made by an event of another order",
        ),
        (
            "UPDATE entries SET dated_on = '2026-01-01' WHERE id = 1",
            "account 1 (code sam), entry 1 of order \"A1\": 0.99 is dated 2026-01-01, its event 2026-01-02",
        ),
        (
            "UPDATE orders SET currency = 'EUR' WHERE id = 1",
            "account 1 (code sam), entry 1 of order \"A1\": 0.99 stands in an account in USD, the order is in EUR",
        ),
        (
            "UPDATE commission_rows SET order_line_id = 4 WHERE id = 1",
            "order \"A1\" row 1: is of a line of another order",
        ),
        (
            "UPDATE order_lines SET commissionable = false WHERE id = 1",
            "order \"A1\" row 1: is of a line that earns nothing",
        ),
        (
            "UPDATE commission_rows SET program_version_id = 2 WHERE id = 1",
            "order \"A1\" row 1: goes by a rule of another program version",
        ),
        (
            "UPDATE program_rules SET product_id = 3 WHERE id = 1",
            "order \"A1\" row 1: goes by the rule of another product",
        ),
        (
            "UPDATE commission_rows SET payout = 'on_payment' WHERE id = 1",
            "order \"A1\" row 1: is paid out in another way than its program",
        ),
        (
            "UPDATE program_versions SET amount_per = 'order' WHERE id = 1",
            "order \"A1\" row 3: has a flat amount, where its program pays it otherwise",
        ),
        (
            "UPDATE program_rates SET sale_percent = 11 WHERE rule_id = 1 AND level = 1",
            "order \"A1\" row 3: has another percent than its rule",
        ),
        (
            "UPDATE program_rates SET sale_amount_minor = 51 WHERE rule_id = 1 AND level = 1",
            "order \"A1\" row 3: has another flat amount than its rule",
        ),
        (
            "UPDATE commission_rows SET partner_id = 4 WHERE id = 7",
            "order \"A2\" row 7: is partner 4's, who is not at level 2 of the credited lineage",
        ),
        (
            "UPDATE order_credits SET number = 3 WHERE id = 6",
            "order \"A5\": has 2 credits, numbered from 1 to 3",
        ),
        ("DELETE FROM order_credits WHERE id = 6", "order \"A5\": has 1 credits, numbered from 1 to 1"),
        (
            "UPDATE order_credits SET order_event_id = 11 WHERE id = 6",
            "order \"A5\": is credited by an event of another kind or order",
        ),
        (
            "UPDATE order_credits SET lead_partner_id = 4 WHERE id = 1",
            "order \"A1\": is credited to others than its story says",
        ),
        ("DELETE FROM order_events WHERE id = 9", "order \"A5\": was placed 0 times"),
        (
            "UPDATE returned_lines SET order_line_id = 4",
            "order \"A1\" event 4: gives back line 4 of another order",
        ),
        (
            "UPDATE order_events SET kind = 'customer_payment' WHERE id = 4",
            "order \"A1\" event 4: is a customer_payment and gives lines back",
        ),
        ("DELETE FROM returned_lines", "order \"A1\" event 4: says that it names lines, and names none"),
        (
            "UPDATE order_events SET names_lines = false WHERE id = 4",
            "order \"A1\" event 4: names lines, and says that it does not",
        ),
        (
            "DELETE FROM products WHERE code = 'vase'",
            "order_lines_product_fkey: 1 of 8 rows of order_lines name a row of products that is not there",
        ),
        (
            "DELETE FROM partners WHERE code = 'sam'",
            "accounts_partner_fkey: 1 of 4 rows of accounts name a row of partners that is not there",
        ),
    ]);
}

#[test]
fn guards_that_are_missing_or_asleep() {
    finds(&[
        (
            "ALTER TABLE entries DISABLE TRIGGER entries_are_followed",
            "trigger entries_are_followed on entries is disabled",
        ),
        ("ALTER TABLE payments DISABLE TRIGGER USER", "trigger payments_are_kept on payments is disabled"),
        (
            "ALTER TABLE settlements ENABLE REPLICA TRIGGER settlements_are_followed",
            "trigger settlements_are_followed on settlements is disabled",
        ),
        (
            "DROP TRIGGER releases_are_followed ON releases",
            "releases has no trigger that calls follow_releases after each insert",
        ),
        (
            "DROP TRIGGER entries_are_kept ON entries",
            "entries has no trigger that calls refuse_change before each update and delete",
        ),
        (
            "DROP TRIGGER entries_are_not_emptied ON entries",
            "entries has no trigger that calls refuse_change before truncate",
        ),
        (
            "DROP TRIGGER entries_are_kept ON entries; CREATE TRIGGER entries_are_kept BEFORE UPDATE OR DELETE ON entries FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change()",
            "entries has no trigger that calls refuse_change before each update and delete",
        ),
        (
            "DROP TRIGGER orders_are_kept ON orders",
            "orders has no trigger that calls refuse_change before each update and delete",
        ),
        (
            "DROP TRIGGER accounts_are_kept ON accounts",
            "accounts has no trigger that calls refuse_change before each update",
        ),
        (
            "DROP TRIGGER entries_are_kept ON entries; CREATE TRIGGER entries_are_kept BEFORE DELETE OR UPDATE OF number ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "entries has no trigger that calls refuse_change before each update and delete",
        ),
        (
            "ALTER DATABASE THIS_DATABASE SET session_replication_role = replica",
            "session_replication_role=replica is set for everybody, under which no trigger fires",
        ),
        (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
            "function refuse_change is not the one that the migrations made",
        ),
        (
            "ALTER FUNCTION follow_voids() SECURITY INVOKER",
            "function follow_voids does not run with its owner's rights in the schema public",
        ),
        ("DROP FUNCTION ledger_figures_as_of", "function ledger_figures_as_of is not there"),
        (
            "ALTER TABLE settlements DROP CONSTRAINT settlements_one_per_entry_and_round",
            "settlements_one_per_entry_and_round is not there",
        ),
        ("DROP INDEX payment_batches_one_per_batch_id", "payment_batches_one_per_batch_id is not there"),
        ("ALTER TABLE entries DROP CONSTRAINT entries_account_fkey", "entries_account_fkey is not there"),
        (
            "ALTER DOMAIN quantity DROP CONSTRAINT quantity_is_a_number_of_four_decimals",
            "quantity_is_a_number_of_four_decimals is not there",
        ),
        (
            "ALTER TABLE entries DROP CONSTRAINT entries_have_the_sign_of_their_kind; ALTER TABLE entries ADD CONSTRAINT entries_have_the_sign_of_their_kind CHECK (amount_minor < 0) NOT VALID",
            "entries_have_the_sign_of_their_kind does not hold for the rows that were there before it",
        ),
    ]);
}
