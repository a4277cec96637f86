//! The rules of the book by their names: what breaks one is refused, and told which.

use super::refused;

/// An insert of one entry for each that follows; account 1 has 19 of them, account 2 has 14.
fn refused_entries(rules: &str) {
    let columns = "account_id, number, kind, on_account, amount_minor, dated_on, commission_row_id, order_event_id, voids_entry_id";
    refused(&rules.replace("ENTRY (", &format!("INSERT INTO entries ({columns}) VALUES (")));
}

#[test]
fn entries_keep_their_rules() {
    refused_entries(
        r#"
        ENTRY (1, 21, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_are_numbered_without_gaps
        ENTRY (1, 20, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL), (1, 22, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_are_numbered_without_gaps
        ENTRY (1, 19, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_one_per_account_and_number
        ENTRY (1, 0, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_are_counted_from_1
        ENTRY (1, 20, 'commission', false, -1, '2026-03-01', 1, 1, NULL)
        -> entries_have_the_sign_of_their_kind
        ENTRY (1, 20, 'clawback', false, 1, '2026-03-01', 1, 1, NULL)
        -> entries_have_the_sign_of_their_kind
        ENTRY (1, 20, 'adjustment', false, 0, '2026-03-01', NULL, NULL, NULL)
        -> entries_have_the_sign_of_their_kind
        ENTRY (1, 20, 'payment', false, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_have_the_sign_of_their_kind
        ENTRY (1, 20, 'void', false, -450, '2026-03-01', NULL, NULL, 30)
        -> entries_have_the_sign_of_their_kind
        ENTRY (1, 20, 'adjustment', true, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_on_account_are_payments_and_voids
        ENTRY (1, 20, 'void', false, 450, '2026-03-01', NULL, NULL, NULL)
        -> entries_voids_name_their_payment
        ENTRY (1, 20, 'payment', false, -450, '2026-03-01', NULL, NULL, 30)
        -> entries_voids_name_their_payment
        ENTRY (1, 20, 'commission', false, 1, '2026-03-01', 1, NULL, NULL)
        -> entries_of_orders_name_row_and_event
        ENTRY (1, 20, 'adjustment', false, 1, '2026-03-01', 1, 1, NULL)
        -> entries_of_orders_are_commissions_and_clawbacks
        ENTRY (1, 20, 'adjustment', false, 1, '1815-12-10', NULL, NULL, NULL)
        -> entries_dated_on_is_plausible
        ENTRY (1, 20, 'adjustment', false, 1, 'infinity', NULL, NULL, NULL)
        -> entries_dated_on_is_plausible
        ENTRY (1, 20, 'adjustment', false, 1000000000000001, '2026-03-01', NULL, NULL, NULL)
        -> amount_minor_within_limits
        ENTRY (999, 1, 'adjustment', false, 1, '2026-03-01', NULL, NULL, NULL)
        -> entries_account_fkey
        ENTRY (2, 15, 'void', false, 900, '2026-03-01', NULL, NULL, 26)
        -> entries_one_void_per_payment
        ENTRY (1, 20, 'void', false, 451, '2026-03-01', NULL, NULL, 30)
        -> entries_voids_mirror_their_payment
        ENTRY (2, 15, 'void', false, 450, '2026-03-01', NULL, NULL, 30)
        -> entries_voids_mirror_their_payment
        ENTRY (1, 20, 'void', true, 450, '2026-03-01', NULL, NULL, 30)
        -> entries_voids_mirror_their_payment
        ENTRY (1, 20, 'void', false, 438, '2026-03-01', NULL, NULL, 37)
        -> entries_voids_mirror_their_payment
        -- The payment is of 4 February.
        ENTRY (1, 20, 'void', false, 450, '2026-02-03', NULL, NULL, 30)
        -> entries_voids_mirror_their_payment
    "#,
    );
}

#[test]
fn settlements_keep_their_rules() {
    refused(
        r#"
        -- Entry 1 is settled, 37 is open and payment 9 is another account's, 36 is open for its first round.
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (1, 2, 8)
        -> settlements_take_open_entries_only
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (37, 1, 9)
        -> settlements_take_open_entries_only
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 2, 8)
        -> settlements_take_open_entries_only
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 1, 8), (1, 2, 8)
        -> settlements_take_open_entries_only
        -- A payment that settles is never open, nor is a voided payment on account.
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (25, 1, 8)
        -> settlements_take_open_entries_only
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (20, 1, 9)
        -> settlements_take_open_entries_only
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (1, 1, 8)
        -> settlements_one_per_entry_and_round
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 0, 8)
        -> settlements_rounds_are_counted_from_1
        INSERT INTO settlements (entry_id, round, payment_id) VALUES (36, 1, 999)
        -> settlements_payment_fkey
        INSERT INTO releases VALUES (27, 3)
        -> releases_are_of_the_voided_payment
        INSERT INTO releases VALUES (10, 3)
        -> releases_pkey
    "#,
    );
}

#[test]
fn payments_and_voids_keep_their_rules() {
    refused(
        r#"
        INSERT INTO payments (account_id, amount_minor, pay_type, paid_on) VALUES (1, -1, 'manual', '2026-03-01')
        -> payments_amount_is_not_negative
        INSERT INTO payments (account_id, amount_minor, pay_type, paid_on) VALUES (1, 1, 'manual', '2026-03-01')
        -> payments_of_zero_have_no_entry
        INSERT INTO payments (account_id, amount_minor, entry_id, pay_type, paid_on) VALUES (1, 0, 1, 'manual', '2026-03-01')
        -> payments_of_zero_are_of_a_batch
        INSERT INTO payments (account_id, amount_minor, pay_type, paid_on) VALUES (1, 0, 'manual', '2026-03-01')
        -> payments_of_zero_are_of_a_batch
        INSERT INTO payments (account_id, amount_minor, pay_type, paid_on, payment_batch_id) VALUES (4, 0, 'manual', '2026-03-01', 2)
        -> payments_of_a_batch_have_its_figures
        INSERT INTO payments (account_id, amount_minor, pay_type, paid_on, payment_batch_id, by_method_minor, already_settled_minor) VALUES (1, 0, 'manual', '2026-03-01', 2, 0, 0)
        -> payments_one_per_batch_and_account
        INSERT INTO payments (account_id, amount_minor, on_account, pay_type, paid_on, payment_batch_id, by_method_minor, already_settled_minor) VALUES (4, 0, true, 'manual', '2026-03-01', 2, 0, 0)
        -> payments_on_account_are_single
        INSERT INTO payments (account_id, amount_minor, entry_id, pay_type, paid_on) VALUES (1, 450, 30, 'manual', '2026-03-01')
        -> payments_one_per_entry
        INSERT INTO payments (account_id, amount_minor, entry_id, pay_type, paid_on) VALUES (1, 1, 1, 'barter', '2026-03-01')
        -> payments_pay_type_is_known
        INSERT INTO payments (account_id, amount_minor, entry_id, pay_type, paid_on, form_key) SELECT 1, 1, 1, 'manual', '2026-03-01', form_key FROM payments WHERE id = 1
        -> payments_one_per_form_key
        INSERT INTO payment_batches (batch_id, run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, form_key, content_hash)
          SELECT 'JANUARY', run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, gen_random_uuid(), content_hash FROM payment_batches WHERE id = 1
        -> payment_batches_one_per_batch_id
        INSERT INTO payment_batches (batch_id, run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, form_key, content_hash)
          SELECT 'other', run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, form_key, content_hash FROM payment_batches WHERE id = 1
        -> payment_batches_one_per_form_key
        INSERT INTO payment_batches (batch_id, run_id, as_of_run_id, method, on_account, from_on, to_on, pay_type, paid_on, form_key, content_hash)
          SELECT 'other', run_id, as_of_run_id, method, on_account, to_on, from_on, pay_type, paid_on, gen_random_uuid(), content_hash FROM payment_batches WHERE id = 1
        -> payment_batches_dates_stand_the_right_way_round
        INSERT INTO runs (kind, from_on, to_on) VALUES ('export', '2026-02-01', '2026-01-31')
        -> runs_dates_stand_the_right_way_round
        INSERT INTO voids (account_id, payment_id, voided_on) VALUES (2, 5, '2026-03-01')
        -> voids_one_per_payment
        INSERT INTO voids (account_id, payment_id, entry_id, voided_on) VALUES (1, 8, 28, '2026-03-01')
        -> voids_one_per_entry
    "#,
    );
}

#[test]
fn orders_keep_their_rules() {
    refused(
        r#"
        INSERT INTO order_events (order_id, kind, happened_at, dated_on) VALUES (1, 'placed', now(), '2026-03-01')
        -> order_events_placed_once
        INSERT INTO order_events (order_id, kind, happened_at, dated_on) VALUES (4, 'cancelled', now(), '2026-03-01')
        -> order_events_cancelled_once
        INSERT INTO order_events (order_id, kind, happened_at, dated_on, amount_minor) VALUES (1, 'refund', now(), '2026-03-01', -1)
        -> order_events_amount_is_not_negative
        INSERT INTO returned_lines VALUES (4, 2, 0)
        -> returned_lines_quantity_is_positive
        INSERT INTO order_lines (order_id, number, product_id, quantity, unit_price, base) VALUES (1, 1, 1, 1, 1, 1)
        -> order_lines_one_per_number
        INSERT INTO orders (number, ordered_at, ordered_on, currency, total, paid_in_full, source, content_hash) SELECT number, ordered_at, ordered_on, currency, total, paid_in_full, source, content_hash FROM orders WHERE id = 1
        -> orders_one_per_number
        INSERT INTO commission_rows (order_credit_id, order_line_id, program_version_id, rule_id, payout, role, level, partner_id, base, quantity, percent, amount_minor, full_minor)
          SELECT order_credit_id, order_line_id, program_version_id, rule_id, payout, role, level, partner_id, base, quantity, percent, amount_minor, full_minor FROM commission_rows WHERE id = 10
        -> commission_rows_one_per_line_role_and_level
        INSERT INTO order_credits (order_id, order_event_id, number, step, why) VALUES (1, 4, 1, 'none', '{}')
        -> order_credits_one_per_number
    "#,
    );
}
