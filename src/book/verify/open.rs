//! Which entries are open, by the rule of spec section 7 and not by what the triggers have kept.

use super::question::Question;

pub const QUESTIONS: &[Question] = &[
    Question {
        proves: "the open entries are exactly those that no standing payment has settled",
        table: "open_entries",
        // An earning is open while nothing that stands settles it; so is a payment on account. Its void
        // closes with it while neither is settled, and each of the two is open while the other alone is.
        faults: "WITH settled AS (
                     SELECT s.entry_id, count(*) AS times, count(*) FILTER (WHERE r.settlement_id IS NULL) AS standing
                       FROM settlements s LEFT JOIN releases r ON r.settlement_id = s.id GROUP BY 1
                 ), pairs AS (
                     SELECT v.id AS entry_id, v.voids_entry_id AS other_id FROM entries v WHERE v.kind = 'void' AND v.on_account
                      UNION ALL
                     SELECT v.voids_entry_id, v.id FROM entries v WHERE v.kind = 'void' AND v.on_account
                 ), due AS (
                     SELECT e.id, e.account_id, e.number, e.kind, e.dated_on, e.amount_minor, coalesce(s.times, 0) + 1 AS round
                       FROM entries e
                       LEFT JOIN settled s ON s.entry_id = e.id
                       LEFT JOIN pairs ON pairs.entry_id = e.id
                       LEFT JOIN settled other ON other.entry_id = pairs.other_id
                      WHERE coalesce(s.standing, 0) = 0
                        AND (e.kind IN ('commission', 'clawback', 'adjustment')
                             OR e.on_account AND (pairs.other_id IS NULL OR coalesce(other.standing, 0) > 0))
                 )
                 SELECT coalesce(e.account_id, o.account_id), format('entry %s', coalesce(e.number, o.number)),
                        CASE WHEN o.entry_id IS NULL THEN 'of {} is open, and is not kept as open'
                             WHEN due.id IS NULL THEN 'of {} is kept as open, and is not'
                             WHEN o.round <> due.round THEN format('of {} is open for the round %s, kept for the round %s', due.round, o.round)
                             ELSE 'of {} is open, and kept with another content' END,
                        ARRAY[coalesce(e.amount_minor, o.amount_minor)::bigint]
                   FROM due
                   FULL JOIN open_entries o ON o.entry_id = due.id
                   LEFT JOIN entries e ON e.id = coalesce(due.id, o.entry_id)
                  WHERE o.entry_id IS NULL OR due.id IS NULL
                     OR (o.account_id, o.number, o.kind, o.dated_on, o.amount_minor, o.round)
                        IS DISTINCT FROM (due.account_id, due.number, due.kind, due.dated_on, due.amount_minor::bigint, due.round)",
    },
    Question {
        proves: "each balance is the sum of the account's open entries",
        table: "accounts",
        faults: "SELECT t.account_id, NULL, 'balance {}, open entries sum to {}', ARRAY[t.balance_minor, coalesce(o.sum, 0)]
                   FROM account_totals t
                   LEFT JOIN (SELECT account_id, sum(amount_minor)::bigint AS sum FROM open_entries GROUP BY 1) o ON o.account_id = t.account_id
                  WHERE t.balance_minor <> coalesce(o.sum, 0)",
    },
];
