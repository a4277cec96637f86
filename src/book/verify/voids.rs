//! Voids: each mirrors its payment, and opens all that it had settled.

use super::question::Question;

pub const QUESTIONS: &[Question] = &[
    Question {
        proves: "each void is the exact opposite of a payment, and nothing is voided twice",
        table: "voids",
        faults: "SELECT coalesce(v.account_id, e.account_id), coalesce('void ' || v.id, 'entry ' || e.number), f.says,
                        ARRAY[coalesce(p.amount_minor, 0)::bigint, coalesce(e.amount_minor, 0)::bigint]
                   FROM (SELECT *, count(*) OVER (PARTITION BY payment_id) AS times FROM voids) v
                   FULL JOIN (SELECT *, count(*) OVER (PARTITION BY voids_entry_id) AS times FROM entries WHERE kind = 'void') e ON e.id = v.entry_id
                   LEFT JOIN payments p ON p.id = v.payment_id
                  CROSS JOIN LATERAL (VALUES
                        ('an entry that no void has', v.id IS NULL),
                        ('takes back a payment that is not there', v.id IS NOT NULL AND p.id IS NULL),
                        ('takes back the payment of {} of another account', v.account_id <> p.account_id OR e.account_id <> p.account_id),
                        ('takes back the payment of {}, its entry is of {}', e.amount_minor <> p.amount_minor),
                        ('takes back the payment of {} and has no entry', p.entry_id IS NOT NULL AND e.id IS NULL),
                        ('takes back the payment of {}, its entry names another', e.voids_entry_id IS DISTINCT FROM p.entry_id AND v.id IS NOT NULL AND p.id IS NOT NULL),
                        ('takes back the payment of {}, and its entry says otherwise whether it is on account', e.on_account <> p.on_account),
                        (format('is of %s, its entry of %s', v.voided_on, e.dated_on), e.dated_on <> v.voided_on),
                        (format('is of %s, before its payment of %s', v.voided_on, p.paid_on), v.voided_on < p.paid_on),
                        ('takes back the payment of {} once more', v.times > 1 OR e.times > 1)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each settlement of a voided payment is released by its void, and no other is",
        table: "releases",
        faults: "SELECT coalesce(p.account_id, v.account_id), coalesce('payment ' || p.id || ', entry ' || e.number, 'release of settlement ' || r.settlement_id), f.says,
                        ARRAY[coalesce(e.amount_minor, 0)::bigint]
                   FROM settlements s
                   FULL JOIN releases r ON r.settlement_id = s.id
                   LEFT JOIN payments p ON p.id = s.payment_id
                   LEFT JOIN voids v ON v.payment_id = s.payment_id
                   LEFT JOIN entries e ON e.id = s.entry_id
                  CROSS JOIN LATERAL (VALUES
                        ('is voided, and {} stays settled by it', v.id IS NOT NULL AND r.settlement_id IS NULL),
                        ('stands, and the settlement of {} is released', v.id IS NULL AND r.settlement_id IS NOT NULL AND s.id IS NOT NULL),
                        ('is voided, and the settlement of {} is released by the void of another payment', v.id <> r.void_id),
                        ('releases a settlement that is not there', s.id IS NULL)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
];
