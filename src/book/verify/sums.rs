//! What follows from the entries alone: their numbers, the totals of each account, days and months.

use super::question::Question;

/// A bucket of a roll-up beside the sums of its entries; a row of zeros is as good as none.
macro_rules! roll_up {
    ($table:literal, $bucket:literal, $of_entry:literal) => {
        concat!(
            "SELECT coalesce(kept.account_id, e.account_id), format('", $bucket, " %s', coalesce(kept.", $bucket,
            ", e.bucket)), f.says, ARRAY[coalesce(f.kept, 0), coalesce(f.summed, 0)]
               FROM ", $table, " kept FULL JOIN (
                    SELECT account_id, ", $of_entry, " AS bucket,
                           (sum(amount_minor) FILTER (WHERE kind = 'commission'))::bigint AS earned,
                           (sum(amount_minor) FILTER (WHERE kind = 'clawback'))::bigint AS clawbacks,
                           (sum(amount_minor) FILTER (WHERE kind = 'adjustment'))::bigint AS adjustments,
                           (sum(amount_minor) FILTER (WHERE kind IN ('payment', 'void')))::bigint AS payments
                      FROM entries GROUP BY 1, 2
                    ) e ON e.account_id = kept.account_id AND e.bucket = kept.", $bucket, "
              CROSS JOIN LATERAL (VALUES
                    ('commissions {}, entries sum to {}', kept.earned_minor, e.earned),
                    ('clawbacks {}, entries sum to {}', kept.clawbacks_minor, e.clawbacks),
                    ('adjustments {}, entries sum to {}', kept.adjustments_minor, e.adjustments),
                    ('payments and voids {}, entries sum to {}', kept.payments_minor, e.payments)
                    ) AS f (says, kept, summed)
              WHERE coalesce(f.kept, 0) <> coalesce(f.summed, 0)"
        )
    };
}

pub const QUESTIONS: &[Question] = &[
    Question {
        proves: "the entries of each account are numbered from 1 without gaps",
        table: "entries",
        faults: "SELECT account_id, NULL, format('%s entries, numbered from %s to %s', count(*), min(number), max(number)), '{}'::bigint[]
                   FROM entries GROUP BY account_id
                 HAVING min(number) <> 1 OR max(number) <> count(*) OR count(DISTINCT number) <> count(*)",
    },
    Question {
        proves: "each entry has the sign of its kind, and what its kind needs",
        table: "entries",
        faults: "SELECT e.account_id, format('entry %s', e.number), f.says, ARRAY[e.amount_minor::bigint]
                   FROM entries e LEFT JOIN entry_details d ON d.entry_id = e.id
                  CROSS JOIN LATERAL (VALUES
                        (format('a %s of {}', e.kind),
                         CASE e.kind WHEN 'commission' THEN e.amount_minor <= 0 WHEN 'clawback' THEN e.amount_minor >= 0
                                     WHEN 'payment' THEN e.amount_minor >= 0 WHEN 'void' THEN e.amount_minor <= 0
                                     ELSE e.amount_minor = 0 END),
                        (format('a %s of {} that is on account', e.kind), e.on_account AND e.kind NOT IN ('payment', 'void')),
                        ('a void of {} that names no payment', e.kind = 'void' AND e.voids_entry_id IS NULL),
                        (format('a %s of {} that names a payment', e.kind), e.kind <> 'void' AND e.voids_entry_id IS NOT NULL),
                        (format('a %s of {} with a commission row', e.kind), e.kind NOT IN ('commission', 'clawback') AND e.commission_row_id IS NOT NULL),
                        (format('a %s of {} with a row and no event, or the other way round', e.kind), (e.commission_row_id IS NULL) <> (e.order_event_id IS NULL)),
                        (format('a %s of {} that no order made and no file brought', e.kind),
                         e.kind IN ('commission', 'clawback') AND e.commission_row_id IS NULL AND d.import_key IS NULL),
                        ('an adjustment of {} that does not say why', e.kind = 'adjustment' AND d.entry_id IS NULL),
                        (format('a %s of {} marked as an opening balance', e.kind), e.kind <> 'adjustment' AND d.opening)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "the totals of each account are those of its entries, payments and voids",
        table: "accounts",
        faults: "SELECT a.id, NULL, f.says, f.amounts
                   FROM accounts a
                   LEFT JOIN account_totals t ON t.account_id = a.id
                   LEFT JOIN (SELECT account_id, max(number) AS last, sum(amount_minor)::bigint AS balance FROM entries GROUP BY 1) e ON e.account_id = a.id
                   LEFT JOIN (SELECT account_id, max(id) AS last FROM payments GROUP BY 1) p ON p.account_id = a.id
                   LEFT JOIN (SELECT account_id, max(id) AS last FROM voids GROUP BY 1) v ON v.account_id = a.id
                  CROSS JOIN LATERAL (VALUES
                        ('balance {}, entries sum to {}', ARRAY[t.balance_minor, coalesce(e.balance, 0)], t.balance_minor <> coalesce(e.balance, 0)),
                        (format('last entry kept as %s, the entries end at %s', t.last_number, coalesce(e.last, 0)), '{}', t.last_number <> coalesce(e.last, 0)),
                        (format('last payment kept as %s, the payments end at %s', t.last_payment_id, coalesce(p.last, 0)), '{}', t.last_payment_id <> coalesce(p.last, 0)),
                        (format('last void kept as %s, the voids end at %s', t.last_void_id, coalesce(v.last, 0)), '{}', t.last_void_id <> coalesce(v.last, 0)),
                        ('has no totals', '{}', t.account_id IS NULL)
                        ) AS f (says, amounts, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each day of each account is the sum of its entries",
        table: "ledger_days",
        faults: roll_up!("ledger_days", "day", "dated_on"),
    },
    Question {
        proves: "each month of each account is the sum of its entries",
        table: "ledger_months",
        faults: roll_up!("ledger_months", "month", "date_trunc('month', dated_on)::date"),
    },
];
