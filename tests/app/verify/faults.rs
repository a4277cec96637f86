//! Every kind of fault, done behind everybody's back, and the line that must name it.

mod more;

use super::{after, finds, places};
use crate::model::busy;

#[test]
fn entries_and_what_follows_from_them() {
    finds(&[
        (
            "UPDATE entries SET amount_minor = 100 WHERE account_id = 1 AND number = 1",
            "account 1 (code sam): balance -2.50, entries sum to -2.49",
        ),
        (
            "UPDATE entries SET number = 20 WHERE account_id = 1 AND number = 19",
            "account 1 (code sam): 19 entries, numbered from 1 to 20",
        ),
        (
            "DELETE FROM entries WHERE account_id = 4 AND number = 1",
            "account 4 (code eve): 3 entries, numbered from 2 to 4",
        ),
        (
            "ALTER TABLE entries DROP CONSTRAINT entries_have_the_sign_of_their_kind; UPDATE entries SET amount_minor = -99 WHERE id = 1",
            "account 1 (code sam), entry 1: a commission of -0.99",
        ),
        (
            "ALTER TABLE entries DROP CONSTRAINT entries_on_account_are_payments_and_voids; UPDATE entries SET on_account = true WHERE id = 1",
            "account 1 (code sam), entry 1: a commission of 0.99 that is on account",
        ),
        (
            "UPDATE entries SET commission_row_id = NULL, order_event_id = NULL WHERE id = 1",
            "account 1 (code sam), entry 1: a commission of 0.99 that no order made and no file brought",
        ),
        (
            "DELETE FROM entry_details WHERE entry_id = 16",
            "account 4 (code eve), entry 1: an adjustment of 12.00 that does not say why",
        ),
        (
            "UPDATE entry_details SET opening = true WHERE entry_id = 39",
            "account 4 (code eve), entry 4: a payment of -2.00 marked as an opening balance",
        ),
        (
            "UPDATE account_totals SET balance_minor = -251 WHERE account_id = 1",
            "account 1 (code sam): balance -2.51, entries sum to -2.50",
        ),
        (
            "UPDATE account_totals SET last_number = 7 WHERE account_id = 2",
            "account 2 (code bob): last entry kept as 7, the entries end at 14",
        ),
        (
            "UPDATE account_totals SET last_payment_id = 0 WHERE account_id = 3",
            "account 3 (code zoe): last payment kept as 0, the payments end at 10",
        ),
        (
            "UPDATE account_totals SET last_void_id = 0 WHERE account_id = 2",
            "account 2 (code bob): last void kept as 0, the voids end at 3",
        ),
        ("DELETE FROM account_totals WHERE account_id = 3", "account 3 (code zoe): has no totals"),
        (
            "UPDATE ledger_days SET earned_minor = earned_minor + 1 WHERE account_id = 1 AND day = '2026-01-02'",
            "account 1 (code sam), day 2026-01-02: commissions 13.53, entries sum to 13.52",
        ),
        (
            "UPDATE ledger_days SET clawbacks_minor = 0, adjustments_minor = -75 WHERE account_id = 1 AND day = '2026-01-07'",
            "account 1 (code sam), day 2026-01-07: clawbacks 0.00, entries sum to -0.75",
        ),
        (
            "DELETE FROM ledger_days WHERE account_id = 4 AND day = '2026-01-08'",
            "account 4 (code eve), day 2026-01-08: adjustments 0.00, entries sum to 12.00",
        ),
        (
            "INSERT INTO ledger_days VALUES (3, '2026-05-05', 0, 0, 0, -1)",
            "account 3 (code zoe), day 2026-05-05: payments and voids -0.01, entries sum to 0.00",
        ),
        (
            "UPDATE ledger_months SET payments_minor = payments_minor - 5 WHERE account_id = 2 AND month = '2026-02-01'",
            "account 2 (code bob), month 2026-02-01: payments and voids -15.05, entries sum to -15.00",
        ),
        (
            "INSERT INTO ledger_months VALUES (3, '2030-01-01', 5, 0, 0, 0)",
            "account 3 (code zoe), month 2030-01-01: commissions 0.05, entries sum to 0.00",
        ),
    ]);
}

#[test]
fn a_row_of_zeros_in_a_roll_up_is_as_good_as_none() {
    let book = busy::book();
    let report = after(&mut book.owner(), "INSERT INTO ledger_days VALUES (3, '2026-05-05', 0, 0, 0, 0)");
    assert_eq!(places(&report), [""; 0]);
}

#[test]
fn open_entries() {
    finds(&[
        (
            "DELETE FROM open_entries WHERE entry_id = 37",
            "account 1 (code sam), entry 16: of 4.38 is open, and is not kept as open",
        ),
        (
            "DELETE FROM open_entries WHERE entry_id = 37",
            "account 1 (code sam): balance -2.50, open entries sum to -6.88",
        ),
        (
            "INSERT INTO open_entries SELECT id, account_id, number, kind, dated_on, amount_minor, 2 FROM entries WHERE id = 1",
            "account 1 (code sam), entry 1: of 0.99 is kept as open, and is not",
        ),
        // A voided payment on account and its void are closed together while neither is settled.
        (
            "INSERT INTO open_entries SELECT id, account_id, number, kind, dated_on, amount_minor, 1 FROM entries WHERE id = 20",
            "account 2 (code bob), entry 5: of -1.00 is kept as open, and is not",
        ),
        // One that a batch took in stays settled, so its void is open or settled for itself.
        (
            "DELETE FROM settlements WHERE entry_id = 28",
            "account 1 (code sam), entry 13: of 3.00 is open, and is not kept as open",
        ),
        (
            "UPDATE open_entries SET round = 2 WHERE entry_id = 45",
            "account 1 (code sam), entry 19: of -1.50 is open for the round 1, kept for the round 2",
        ),
        (
            "UPDATE open_entries SET dated_on = '2026-01-01' WHERE entry_id = 45",
            "account 1 (code sam), entry 19: of -1.50 is open, and kept with another content",
        ),
        (
            "UPDATE open_entries SET amount_minor = -151 WHERE entry_id = 45",
            "account 1 (code sam): balance -2.50, open entries sum to -2.51",
        ),
        (
            "DELETE FROM releases WHERE settlement_id = 10",
            "account 2 (code bob), entry 1: of 1.00 is settled by 2 payments that stand",
        ),
    ]);
}

#[test]
fn payments_and_what_they_settle() {
    finds(&[
        (
            "UPDATE payments SET amount_minor = 449 WHERE id = 8",
            "account 1 (code sam), payment 8: pays 4.49, what it settles sums to 4.50",
        ),
        (
            "DELETE FROM settlements WHERE payment_id = 7 AND entry_id = 19",
            "account 4 (code eve), payment 7: pays 0.00, what it settles sums to 12.00",
        ),
        (
            "DELETE FROM settlements WHERE payment_id = 10",
            "account 3 (code zoe), payment 10: pays 3.75 and settles nothing, and is not on account",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (38, 1, 11)",
            "account 4 (code eve), payment 11: pays 2.00 on account, and settles entries all the same",
        ),
        (
            "UPDATE payments SET amount_minor = 376 WHERE id = 10",
            "account 3 (code zoe), payment 10: pays 3.76, its entry is of -3.75",
        ),
        (
            "UPDATE payments SET paid_on = '2026-02-11' WHERE id = 10",
            "account 3 (code zoe), payment 10: pays 3.75 on 2026-02-11, its entry is of 2026-02-10",
        ),
        (
            "UPDATE payments SET account_id = 4 WHERE id = 10",
            "account 4 (code eve), payment 10: pays 3.75, its entry stands in another account",
        ),
        (
            "UPDATE payments SET on_account = true WHERE id = 10",
            "account 3 (code zoe), payment 10: pays 3.75, and its entry says otherwise whether it is on account",
        ),
        (
            "DELETE FROM payments WHERE id = 11",
            "account 4 (code eve), entry 4: an entry of -2.00 that no payment has",
        ),
        (
            "ALTER TABLE payments DROP CONSTRAINT payments_of_zero_have_no_entry; UPDATE payments SET entry_id = NULL WHERE id = 11",
            "account 4 (code eve), payment 11: pays 2.00 and has no entry",
        ),
        (
            "INSERT INTO settlements (entry_id, round, payment_id) VALUES (24, 2, 9)",
            "account 1 (code sam), entry 11: of 1.50 is settled by 2 payments that stand",
        ),
        (
            "UPDATE settlements SET round = 3 WHERE entry_id = 24",
            "account 1 (code sam), entry 11: of 1.50 was settled 1 times, in the rounds 3 to 3",
        ),
        (
            "UPDATE settlements SET round = 3 WHERE id = 21; UPDATE settlements SET round = 2 WHERE id = 10; UPDATE settlements SET round = 1 WHERE id = 21",
            "account 2 (code bob), entry 1: of 1.00 stands settled in the round 1 of 2",
        ),
        (
            "UPDATE settlements SET entry_id = 42 WHERE id = 19",
            "account 1 (code sam), payment 8, entry 12: settles 0.09 of another account",
        ),
        (
            "UPDATE settlements SET entry_id = 37 WHERE id = 19",
            "account 1 (code sam), payment 8, entry 16: settles 4.38 that was recorded after it",
        ),
        (
            "UPDATE settlements SET entry_id = 25 WHERE id = 19",
            "account 1 (code sam), payment 8, entry 12: settles a payment or void of -8.64 that is not on account",
        ),
        (
            "UPDATE settlements SET entry_id = 999 WHERE id = 19",
            "account 1 (code sam), settlement 19: names a payment or an entry that is not there",
        ),
    ]);
}

#[test]
fn voids() {
    finds(&[
        (
            "UPDATE entries SET amount_minor = 901 WHERE id = 29",
            "account 2 (code bob), void 3: takes back the payment of 9.00, its entry is of 9.01",
        ),
        (
            "UPDATE entries SET voids_entry_id = 31 WHERE id = 29",
            "account 2 (code bob), void 3: takes back the payment of 9.00, its entry names another",
        ),
        (
            "UPDATE voids SET voided_on = '2026-01-31' WHERE id = 3",
            "account 2 (code bob), void 3: is of 2026-01-31, before its payment of 2026-02-01",
        ),
        (
            "UPDATE voids SET voided_on = '2026-02-28' WHERE id = 3",
            "account 2 (code bob), void 3: is of 2026-02-28, its entry of 2026-02-03",
        ),
        (
            "UPDATE voids SET account_id = 1 WHERE id = 3",
            "account 1 (code sam), void 3: takes back the payment of 9.00 of another account",
        ),
        (
            "UPDATE entries SET on_account = true WHERE id = 29",
            "account 2 (code bob), void 3: takes back the payment of 9.00, and its entry says otherwise whether it is on account",
        ),
        (
            "UPDATE voids SET entry_id = NULL WHERE id = 3",
            "account 2 (code bob), void 3: takes back the payment of 9.00 and has no entry",
        ),
        (
            "UPDATE voids SET entry_id = NULL WHERE id = 3",
            "account 2 (code bob), entry 10: an entry that no void has",
        ),
        (
            "DELETE FROM payments WHERE id = 5",
            "account 2 (code bob), void 3: takes back a payment that is not there",
        ),
        (
            "ALTER TABLE voids DROP CONSTRAINT voids_one_per_payment; INSERT INTO voids (account_id, payment_id, voided_on) VALUES (2, 5, '2026-03-01')",
            "account 2 (code bob), void 3: takes back the payment of 9.00 once more",
        ),
        (
            "DELETE FROM releases WHERE settlement_id = 11",
            "account 2 (code bob), payment 5, entry 2: is voided, and 11.00 stays settled by it",
        ),
        (
            "INSERT INTO releases VALUES (27, 3)",
            "account 3 (code zoe), payment 10, entry 5: stands, and the settlement of 0.75 is released",
        ),
        (
            "UPDATE releases SET void_id = 2 WHERE settlement_id = 11",
            "account 2 (code bob), payment 5, entry 2: is voided, and the settlement of 11.00 is released by the void of another payment",
        ),
        (
            "INSERT INTO releases VALUES (999, 3)",
            "release of settlement 999: releases a settlement that is not there",
        ),
    ]);
}
