//! Every kind of fault, done behind everybody's back, and the line that must name it.

use super::{after, finds, places};
use crate::model::busy;

#[test]
fn entries_and_what_follows_from_them() {
    finds(
        r#"
        UPDATE entries SET amount_minor = 100 WHERE account_id = 1 AND number = 1
        -> account 1 (code sam): balance -2.50, entries sum to -2.49
        UPDATE entries SET number = 20 WHERE account_id = 1 AND number = 19
        -> account 1 (code sam): 19 entries, numbered from 1 to 20
        DELETE FROM entries WHERE account_id = 4 AND number = 1
        -> account 4 (code eve): 3 entries, numbered from 2 to 4
        ALTER TABLE entries DROP CONSTRAINT entries_have_the_sign_of_their_kind; UPDATE entries SET amount_minor = -99 WHERE id = 1
        -> account 1 (code sam), entry 1: a commission of -0.99
        ALTER TABLE entries DROP CONSTRAINT entries_on_account_are_payments_and_voids; UPDATE entries SET on_account = true WHERE id = 1
        -> account 1 (code sam), entry 1: a commission of 0.99 that is on account
        UPDATE entries SET commission_row_id = NULL, order_event_id = NULL WHERE id = 1
        -> account 1 (code sam), entry 1: a commission of 0.99 that no order made and no file brought
        DELETE FROM entry_details WHERE entry_id = 16
        -> account 4 (code eve), entry 1: an adjustment of 12.00 that does not say why
        UPDATE entry_details SET opening = true WHERE entry_id = 39
        -> account 4 (code eve), entry 4: a payment of -2.00 marked as an opening balance
        UPDATE account_totals SET balance_minor = -251 WHERE account_id = 1
        -> account 1 (code sam): balance -2.51, entries sum to -2.50
        UPDATE account_totals SET last_number = 7 WHERE account_id = 2
        -> account 2 (code bob): last entry kept as 7, the entries end at 14
        UPDATE account_totals SET last_payment_id = 0 WHERE account_id = 3
        -> account 3 (code zoe): last payment kept as 0, the payments end at 10
        UPDATE account_totals SET last_void_id = 0 WHERE account_id = 2
        -> account 2 (code bob): last void kept as 0, the voids end at 3
        DELETE FROM account_totals WHERE account_id = 3
        -> account 3 (code zoe): has no totals
        UPDATE ledger_days SET earned_minor = earned_minor + 1 WHERE account_id = 1 AND day = '2026-01-02'
        -> account 1 (code sam), day 2026-01-02: commissions 13.53, entries sum to 13.52
        UPDATE ledger_days SET clawbacks_minor = 0, adjustments_minor = -75 WHERE account_id = 1 AND day = '2026-01-07'
        -> account 1 (code sam), day 2026-01-07: clawbacks 0.00, entries sum to -0.75
        DELETE FROM ledger_days WHERE account_id = 4 AND day = '2026-01-08'
        -> account 4 (code eve), day 2026-01-08: adjustments 0.00, entries sum to 12.00
        INSERT INTO ledger_days VALUES (3, '2026-05-05', 0, 0, 0, -1)
        -> account 3 (code zoe), day 2026-05-05: payments and voids -0.01, entries sum to 0.00
        UPDATE ledger_months SET payments_minor = payments_minor - 5 WHERE account_id = 2 AND month = '2026-02-01'
        -> account 2 (code bob), month 2026-02-01: payments and voids -15.05, entries sum to -15.00
        INSERT INTO ledger_months VALUES (3, '2030-01-01', 5, 0, 0, 0)
        -> account 3 (code zoe), month 2030-01-01: commissions 0.05, entries sum to 0.00
    "#,
    );
}

#[test]
fn a_row_of_zeros_in_a_roll_up_is_as_good_as_none() {
    let book = busy::book();
    let report = after(&mut book.owner(), "INSERT INTO ledger_days VALUES (3, '2026-05-05', 0, 0, 0, 0)");
    assert_eq!(places(&report), [""; 0]);
}

#[test]
fn open_entries() {
    finds(
        r#"
        DELETE FROM open_entries WHERE entry_id = 37
        -> account 1 (code sam), entry 16: of 4.38 is open, and is not kept as open
        DELETE FROM open_entries WHERE entry_id = 37
        -> account 1 (code sam): balance -2.50, open entries sum to -6.88
        INSERT INTO open_entries SELECT id, account_id, number, kind, dated_on, amount_minor, 2 FROM entries WHERE id = 1
        -> account 1 (code sam), entry 1: of 0.99 is kept as open, and is not
        -- A voided payment on account and its void are closed together while neither is settled.
        INSERT INTO open_entries SELECT id, account_id, number, kind, dated_on, amount_minor, 1 FROM entries WHERE id = 20
        -> account 2 (code bob), entry 5: of -1.00 is kept as open, and is not
        -- One that a batch took in stays settled, so its void is open or settled for itself.
        DELETE FROM settlements WHERE entry_id = 28
        -> account 1 (code sam), entry 13: of 3.00 is open, and is not kept as open
        UPDATE open_entries SET round = 2 WHERE entry_id = 45
        -> account 1 (code sam), entry 19: of -1.50 is open for the round 1, kept for the round 2
        UPDATE open_entries SET dated_on = '2026-01-01' WHERE entry_id = 45
        -> account 1 (code sam), entry 19: of -1.50 is open, and kept with another content
        UPDATE open_entries SET amount_minor = -151 WHERE entry_id = 45
        -> account 1 (code sam): balance -2.50, open entries sum to -2.51
        DELETE FROM releases WHERE settlement_id = 10
        -> account 2 (code bob), entry 1: of 1.00 is settled by 2 payments that stand
    "#,
    );
}

#[test]
fn payments_and_what_they_settle() {
    finds(
        r#"
        UPDATE payments SET amount_minor = 449 WHERE id = 8
        -> account 1 (code sam), payment 8: pays 4.49, what it settles sums to 4.50
        DELETE FROM settlements WHERE payment_id = 7 AND entry_id = 19
        -> account 4 (code eve), payment 7: pays 0.00, what it settles sums to 12.00
        DELETE FROM settlements WHERE payment_id = 10
        -> account 3 (code zoe), payment 10: pays 3.75 and settles nothing, and is not on account
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (38, 1, 11)
        -> account 4 (code eve), payment 11: pays 2.00 on account, and settles entries all the same
        UPDATE payments SET amount_minor = 376 WHERE id = 10
        -> account 3 (code zoe), payment 10: pays 3.76, its entry is of -3.75
        UPDATE payments SET paid_on = '2026-02-11' WHERE id = 10
        -> account 3 (code zoe), payment 10: pays 3.75 on 2026-02-11, its entry is of 2026-02-10
        UPDATE payments SET account_id = 4 WHERE id = 10
        -> account 4 (code eve), payment 10: pays 3.75, its entry stands in another account
        UPDATE payments SET on_account = true WHERE id = 10
        -> account 3 (code zoe), payment 10: pays 3.75, and its entry says otherwise whether it is on account
        DELETE FROM payments WHERE id = 11
        -> account 4 (code eve), entry 4: an entry of -2.00 that no payment has
        ALTER TABLE payments DROP CONSTRAINT payments_of_zero_have_no_entry; UPDATE payments SET entry_id = NULL WHERE id = 11
        -> account 4 (code eve), payment 11: pays 2.00 and has no entry
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (24, 2, 9)
        -> account 1 (code sam), entry 11: of 1.50 is settled by 2 payments that stand
        UPDATE settlements SET round = 3 WHERE entry_id = 24
        -> account 1 (code sam), entry 11: of 1.50 was settled 1 times, in the rounds 3 to 3
        UPDATE settlements SET round = 3 WHERE id = 21; UPDATE settlements SET round = 2 WHERE id = 10; UPDATE settlements SET round = 1 WHERE id = 21
        -> account 2 (code bob), entry 1: of 1.00 stands settled in the round 1 of 2
        UPDATE settlements SET entry_id = 42 WHERE id = 19
        -> account 1 (code sam), payment 8, entry 12: settles 0.09 of another account
        UPDATE settlements SET entry_id = 37 WHERE id = 19
        -> account 1 (code sam), payment 8, entry 16: settles 4.38 that was recorded after it
        UPDATE settlements SET entry_id = 25 WHERE id = 19
        -> account 1 (code sam), payment 8, entry 12: settles a payment or void of -8.64 that is not on account
        UPDATE settlements SET entry_id = 999 WHERE id = 19
        -> account 1 (code sam), settlement 19: names a payment or an entry that is not there
    "#,
    );
}

#[test]
fn voids() {
    finds(
        r#"
        UPDATE entries SET amount_minor = 901 WHERE id = 29
        -> account 2 (code bob), void 3: takes back the payment of 9.00, its entry is of 9.01
        UPDATE entries SET voids_entry_id = 31 WHERE id = 29
        -> account 2 (code bob), void 3: takes back the payment of 9.00, its entry names another
        UPDATE voids SET voided_on = '2026-01-31' WHERE id = 3
        -> account 2 (code bob), void 3: is of 2026-01-31, before its payment of 2026-02-01
        UPDATE voids SET voided_on = '2026-02-28' WHERE id = 3
        -> account 2 (code bob), void 3: is of 2026-02-28, its entry of 2026-02-03
        UPDATE voids SET account_id = 1 WHERE id = 3
        -> account 1 (code sam), void 3: takes back the payment of 9.00 of another account
        UPDATE entries SET on_account = true WHERE id = 29
        -> account 2 (code bob), void 3: takes back the payment of 9.00, and its entry says otherwise whether it is on account
        UPDATE voids SET entry_id = NULL WHERE id = 3
        -> account 2 (code bob), void 3: takes back the payment of 9.00 and has no entry
        UPDATE voids SET entry_id = NULL WHERE id = 3
        -> account 2 (code bob), entry 10: an entry that no void has
        DELETE FROM payments WHERE id = 5
        -> account 2 (code bob), void 3: takes back a payment that is not there
        ALTER TABLE voids DROP CONSTRAINT voids_one_per_payment; INSERT INTO voids (account_id, payment_id, voided_on) VALUES (2, 5, '2026-03-01')
        -> account 2 (code bob), void 3: takes back the payment of 9.00 once more
        DELETE FROM releases WHERE settlement_id = 11
        -> account 2 (code bob), payment 5, entry 2: is voided, and 11.00 stays settled by it
        INSERT INTO releases VALUES (27, 3)
        -> account 3 (code zoe), payment 10, entry 5: stands, and the settlement of 0.75 is released
        UPDATE releases SET void_id = 2 WHERE settlement_id = 11
        -> account 2 (code bob), payment 5, entry 2: is voided, and the settlement of 11.00 is released by the void of another payment
        INSERT INTO releases VALUES (999, 3)
        -> release of settlement 999: releases a settlement that is not there
    "#,
    );
}

#[test]
fn batches() {
    finds(
        r#"
        UPDATE payments SET by_method_minor = 1165 WHERE id = 4
        -> account 1 (code sam), batch "January": by this method 11.65, the report shows 11.64
        UPDATE run_accounts SET last_number = 8 WHERE run_id = 1 AND account_id = 1
        -> account 1 (code sam), batch "January", entry 10: took in -3.00 that its run did not show
        UPDATE payment_batches SET method = 'commission' WHERE id = 2
        -> account 1 (code sam), batch "January-2": by this method 10.14, the report shows 13.14
        UPDATE payments SET already_settled_minor = 299 WHERE id = 4
        -> account 1 (code sam), batch "January": by this method 11.64, already settled and to pay make 11.63
        UPDATE payment_skips SET reason = 'negative' WHERE account_id = 3
        -> account 3 (code zoe), batch "January-2": skipped as negative, and 0.00 is to pay
        UPDATE payment_skips SET reason = 'nothing' WHERE account_id = 3
        -> account 3 (code zoe), batch "January-2": skipped as nothing, where the report shows 3.75
        UPDATE payment_skips SET to_pay_minor = 1, already_settled_minor = 374 WHERE account_id = 3
        -> account 3 (code zoe), batch "January-2": skipped as already_settled, and 0.01 is to pay
        DELETE FROM payment_skips WHERE account_id = 4
        -> account 4 (code eve), batch "January-2": neither paid nor skipped
        DELETE FROM run_accounts WHERE run_id = 3 AND account_id = 4
        -> account 4 (code eve), batch "January-2": paid or skipped, and was not chosen
        INSERT INTO payment_skips VALUES (2, 1, 'nothing', 0, 0, 0)
        -> account 1 (code sam), batch "January-2": paid or skipped more than once
        UPDATE entries SET dated_on = '2026-02-01' WHERE id = 24
        -> account 1 (code sam), batch "January-2", entry 11: took in 1.50 of 2026-02-01, which its method leaves
        UPDATE payment_batches SET from_on = '2026-01-10' WHERE id = 1
        -> account 1 (code sam), batch "January", entry 10: took in -3.00 of 2026-01-09, which its method leaves
        UPDATE payment_batches SET on_account = '"left_out"' WHERE id = 1
        -> account 1 (code sam), batch "January", entry 10: took in -3.00 on account, which was left out
        UPDATE payment_batches SET on_account = '{"without": [18]}' WHERE id = 1
        -> account 1 (code sam), batch "January", entry 10: took in -3.00 on account, which was left out
        UPDATE payments SET pay_type = 'cash' WHERE id = 8
        -> account 1 (code sam), batch "January-2", payment 8: pays 4.50 by cash on 2026-02-04, the batch by manual on 2026-02-04
    "#,
    );
}

#[test]
fn orders_and_what_they_earn() {
    finds(
        r#"
        UPDATE orders SET total = 105.65 WHERE number = 'A1'
        -> order "A1": total 105.65, its parts make 105.64
        UPDATE orders SET shipping_minor = 0 WHERE number = 'A1'
        -> order "A1": total 105.64, its parts make 101.64
        UPDATE order_lines SET base = 99.06 WHERE id = 1
        -> order "A1" line 1: base 99.06, it works out as 99.05
        UPDATE order_lines SET discount_minor = 99 WHERE id = 1
        -> order "A1" line 1: base 99.05, it works out as 99.06
        UPDATE commission_rows SET full_minor = 1142 WHERE id = 3
        -> order "A1" row 3: full value 11.42, its working gives 11.405
        UPDATE commission_rows SET percent = 10.5 WHERE id = 3
        -> order "A1" row 3: full value 11.41, its working gives 11.90025
        UPDATE commission_rows SET base = 99.06 WHERE id = 3
        -> order "A1" row 3: base 99.06, its lines have 99.05
        UPDATE commission_rows SET base = 60 WHERE id = 10
        -> order "A3" row 10: base 60, its lines have 100
        DELETE FROM commission_row_lines WHERE order_line_id = 6
        -> order "A3" row 10: base 100, its lines have 60
        UPDATE commission_rows SET quantity = 4 WHERE id = 3
        -> order "A1" row 3: quantity 4, its line has another
        UPDATE entries SET amount_minor = 1142 WHERE id = 3
        -> order "A1" row 3: holds 7.62, target 7.61
        UPDATE returned_lines SET quantity = 2
        -> order "A1" row 3: holds 7.61, target 3.80
        UPDATE orders SET paid_in_full = true WHERE number = 'A2'; UPDATE order_events SET amount_minor = 2600 WHERE id = 6
        -> order "A2" row 6: holds 8.25, target 8.14
        UPDATE order_events SET amount_minor = 4000 WHERE id = 8
        -> order "A3" row 8: holds 1.50, target 1.35
        UPDATE order_events SET kind = 'refund' WHERE id = 11
        -> order "A4" row 12: holds 0.00, target 5.50
        UPDATE entries SET commission_row_id = 2 WHERE id = 8
        -> order "A1" row 1: holds 0.99, target 0.66
        -- In the end all is well, and it was not at the time.
        UPDATE entries SET amount_minor = 74 WHERE id = 10; UPDATE entries SET amount_minor = 76 WHERE id = 32
        -> order "A3" row 8: its event 5 booked 0.74, due was 0.75
        UPDATE entries SET order_event_id = 1, dated_on = '2026-01-02' WHERE id = 8
        -> order "A1" row 1: its event 4 booked 0.00, due was -0.33
        UPDATE order_events SET kind = 'customer_payment' WHERE id = 4
        -> order "A1" row 3: its event 4 booked -3.80, due was 0.00
    "#,
    );
}

#[test]
fn what_holds_between_tables() {
    finds(
        r#"
        ALTER TABLE accounts DROP CONSTRAINT accounts_one_per_partner_and_currency; UPDATE accounts SET partner_id = 2 WHERE id = 1
        -> account 1 (code bob), entry 1 of order "A1": 0.99 of row 1 stands in the account of another partner
        UPDATE entries SET order_event_id = 2 WHERE id = 1
        -> account 1 (code sam), entry 1 of order "A1": 0.99 of row 1 was made by an event of another order
        UPDATE entries SET dated_on = '2026-01-01' WHERE id = 1
        -> account 1 (code sam), entry 1 of order "A1": 0.99 is dated 2026-01-01, its event 2026-01-02
        UPDATE orders SET currency = 'EUR' WHERE id = 1
        -> account 1 (code sam), entry 1 of order "A1": 0.99 stands in an account in USD, the order is in EUR
        UPDATE commission_rows SET order_line_id = 4 WHERE id = 1
        -> order "A1" row 1: is of a line of another order
        UPDATE order_lines SET commissionable = false WHERE id = 1
        -> order "A1" row 1: is of a line that earns nothing
        UPDATE commission_rows SET program_version_id = 2 WHERE id = 1
        -> order "A1" row 1: goes by a rule of another program version
        UPDATE program_rules SET product_id = 3 WHERE id = 1
        -> order "A1" row 1: goes by the rule of another product
        UPDATE commission_rows SET payout = 'on_payment' WHERE id = 1
        -> order "A1" row 1: is paid out in another way than its program
        UPDATE program_versions SET amount_per = 'order' WHERE id = 1
        -> order "A1" row 3: has a flat amount, where its program pays it otherwise
        UPDATE program_rates SET sale_percent = 11 WHERE rule_id = 1 AND level = 1
        -> order "A1" row 3: has another percent than its rule
        UPDATE program_rates SET sale_amount_minor = 51 WHERE rule_id = 1 AND level = 1
        -> order "A1" row 3: has another flat amount than its rule
        UPDATE commission_rows SET partner_id = 4 WHERE id = 7
        -> order "A2" row 7: is partner 4's, who is not at level 2 of the credited lineage
        UPDATE order_credits SET number = 3 WHERE id = 6
        -> order "A5": has 2 credits, numbered from 1 to 3
        DELETE FROM order_credits WHERE id = 6
        -> order "A5": has 1 credits, numbered from 1 to 1
        UPDATE order_credits SET order_event_id = 11 WHERE id = 6
        -> order "A5": is credited by an event of another kind or order
        UPDATE order_credits SET lead_partner_id = 4 WHERE id = 1
        -> order "A1": is credited to others than its story says
        DELETE FROM order_events WHERE id = 9
        -> order "A5": was placed 0 times
        UPDATE returned_lines SET order_line_id = 4
        -> order "A1" event 4: gives back line 4 of another order
        UPDATE order_events SET kind = 'customer_payment' WHERE id = 4
        -> order "A1" event 4: is a customer_payment and gives lines back
        DELETE FROM returned_lines
        -> order "A1" event 4: says that it names lines, and names none
        UPDATE order_events SET names_lines = false WHERE id = 4
        -> order "A1" event 4: names lines, and says that it does not
        DELETE FROM products WHERE code = 'vase'
        -> order_lines_product_fkey: 1 of 8 rows of order_lines name a row of products that is not there
        DELETE FROM partners WHERE code = 'sam'
        -> accounts_partner_fkey: 1 of 4 rows of accounts name a row of partners that is not there
    "#,
    );
}

#[test]
fn guards_that_are_missing_or_asleep() {
    finds(
        r#"
        ALTER TABLE entries DISABLE TRIGGER entries_are_followed
        -> trigger entries_are_followed on entries is disabled
        ALTER TABLE payments DISABLE TRIGGER USER
        -> trigger payments_are_kept on payments is disabled
        ALTER TABLE settlements ENABLE REPLICA TRIGGER settlements_are_followed
        -> trigger settlements_are_followed on settlements is disabled
        DROP TRIGGER releases_are_followed ON releases
        -> releases has no trigger that calls follow_releases after each insert
        DROP TRIGGER entries_are_kept ON entries
        -> entries has no trigger that calls refuse_change before each update and delete
        DROP TRIGGER entries_are_not_emptied ON entries
        -> entries has no trigger that calls refuse_change before truncate
        DROP TRIGGER entries_are_kept ON entries; CREATE TRIGGER entries_are_kept BEFORE UPDATE OR DELETE ON entries FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change()
        -> entries has no trigger that calls refuse_change before each update and delete
        DROP TRIGGER orders_are_kept ON orders
        -> orders has no trigger that calls refuse_change before each update and delete
        DROP TRIGGER accounts_are_kept ON accounts
        -> accounts has no trigger that calls refuse_change before each update
        DROP TRIGGER entries_are_kept ON entries; CREATE TRIGGER entries_are_kept BEFORE DELETE OR UPDATE OF number ON entries FOR EACH ROW EXECUTE FUNCTION refuse_change()
        -> entries has no trigger that calls refuse_change before each update and delete
        ALTER DATABASE THIS_DATABASE SET session_replication_role = replica
        -> session_replication_role=replica is set for everybody, under which no trigger fires
        CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$
        -> function refuse_change is not the one that the migrations made
        ALTER FUNCTION follow_voids() SECURITY INVOKER
        -> function follow_voids does not run with its owner's rights in the schema public
        DROP FUNCTION ledger_figures_as_of
        -> function ledger_figures_as_of is not there
        ALTER TABLE settlements DROP CONSTRAINT settlements_one_per_entry_and_round
        -> settlements_one_per_entry_and_round is not there
        DROP INDEX payment_batches_one_per_batch_id
        -> payment_batches_one_per_batch_id is not there
        ALTER TABLE entries DROP CONSTRAINT entries_account_fkey
        -> entries_account_fkey is not there
        ALTER DOMAIN quantity DROP CONSTRAINT quantity_is_a_number_of_four_decimals
        -> quantity_is_a_number_of_four_decimals is not there
        ALTER TABLE entries DROP CONSTRAINT entries_have_the_sign_of_their_kind; ALTER TABLE entries ADD CONSTRAINT entries_have_the_sign_of_their_kind CHECK (amount_minor < 0) NOT VALID
        -> entries_have_the_sign_of_their_kind does not hold for the rows that were there before it
    "#,
    );
}
