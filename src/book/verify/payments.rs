//! Payments: each is its entry, and the sum of what it settles; nothing is settled twice.

use super::question::Question;

pub const QUESTIONS: &[Question] = &[
    Question {
        proves: "each payment that settles is the sum of what it settles, also where that is zero",
        table: "payments",
        faults: "SELECT p.account_id, format('payment %s', p.id), f.says, ARRAY[p.amount_minor::bigint, coalesce(s.sum, 0)]
                   FROM payments p
                   LEFT JOIN (SELECT s.payment_id, sum(e.amount_minor)::bigint AS sum
                                FROM settlements s JOIN entries e ON e.id = s.entry_id GROUP BY 1) s ON s.payment_id = p.id
                  CROSS JOIN LATERAL (VALUES
                        ('pays {}, what it settles sums to {}', NOT p.on_account AND p.amount_minor <> s.sum),
                        ('pays {} and settles nothing, and is not on account', NOT p.on_account AND s.sum IS NULL),
                        ('pays {} on account, and settles entries all the same', p.on_account AND s.sum IS NOT NULL)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each payment is its entry in the ledger, and each payment entry is a payment's",
        table: "payments",
        faults: "SELECT coalesce(p.account_id, e.account_id), coalesce('payment ' || p.id, 'entry ' || e.number), f.says,
                        ARRAY[coalesce(p.amount_minor, e.amount_minor)::bigint, coalesce(e.amount_minor, 0)::bigint]
                   FROM payments p
                   FULL JOIN (SELECT * FROM entries WHERE kind = 'payment') e ON e.id = p.entry_id
                  CROSS JOIN LATERAL (VALUES
                        ('an entry of {} that no payment has', p.id IS NULL),
                        ('pays {} and has no entry', p.amount_minor <> 0 AND e.id IS NULL),
                        ('pays {} and has an entry that is none of its', p.amount_minor = 0 AND p.entry_id IS NOT NULL),
                        ('pays {}, its entry is of {}', e.amount_minor <> -p.amount_minor),
                        ('pays {}, its entry stands in another account', e.account_id <> p.account_id),
                        (format('pays {} on %s, its entry is of %s', p.paid_on, e.dated_on), e.dated_on <> p.paid_on),
                        ('pays {}, and its entry says otherwise whether it is on account', e.on_account <> p.on_account)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each entry has at most one settlement that stands, and its rounds are counted from 1",
        table: "settlements",
        faults: "SELECT e.account_id, coalesce('entry ' || e.number, 'settled entry ' || s.entry_id), f.says, ARRAY[coalesce(e.amount_minor, 0)::bigint]
                   FROM (SELECT s.entry_id, count(*) AS times, min(s.round) AS first, max(s.round) AS last, count(DISTINCT s.round) AS rounds,
                                count(*) FILTER (WHERE r.settlement_id IS NULL) AS standing,
                                max(s.round) FILTER (WHERE r.settlement_id IS NULL) AS stands_in
                           FROM settlements s LEFT JOIN releases r ON r.settlement_id = s.id GROUP BY 1) s
                   LEFT JOIN entries e ON e.id = s.entry_id
                  CROSS JOIN LATERAL (VALUES
                        (format('of {} is settled by %s payments that stand', s.standing), s.standing > 1),
                        (format('of {} was settled %s times, in the rounds %s to %s', s.times, s.first, s.last),
                         s.first <> 1 OR s.last <> s.times OR s.rounds <> s.times),
                        (format('of {} stands settled in the round %s of %s', s.stands_in, s.last), s.standing = 1 AND s.stands_in <> s.last)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each settlement takes in an earlier entry of its payment's account that can be open",
        table: "settlements",
        faults: "SELECT coalesce(p.account_id, e.account_id), coalesce('payment ' || p.id || ', entry ' || e.number, 'settlement ' || s.id), f.says,
                        ARRAY[coalesce(e.amount_minor, 0)::bigint]
                   FROM settlements s
                   LEFT JOIN payments p ON p.id = s.payment_id
                   LEFT JOIN entries e ON e.id = s.entry_id
                   LEFT JOIN entries own ON own.id = p.entry_id
                  CROSS JOIN LATERAL (VALUES
                        ('settles {} of another account', e.account_id <> p.account_id),
                        ('settles a payment or void of {} that is not on account', e.kind IN ('payment', 'void') AND NOT e.on_account),
                        ('settles {} that was recorded after it', e.number >= own.number),
                        ('names a payment or an entry that is not there', p.id IS NULL OR e.id IS NULL)
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
];
