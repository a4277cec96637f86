//! Batches: what they say of each partner is what the report showed, and they took in what their method
//! takes in.

use super::question::Question;

/// What a batch says of each of its partners: a payment, or why there is none.
macro_rules! said {
    ($then:literal) => {
        concat!(
            "WITH said AS (
                 SELECT payment_batch_id, account_id, by_method_minor::bigint AS by_method, already_settled_minor::bigint AS already_settled,
                        amount_minor::bigint AS to_pay, 'paid' AS outcome FROM payments WHERE payment_batch_id IS NOT NULL
                  UNION ALL
                 SELECT payment_batch_id, account_id, by_method_minor, already_settled_minor, to_pay_minor, reason FROM payment_skips
             ) ",
            $then
        )
    };
}

pub const QUESTIONS: &[Question] = &[
    Question {
        proves: "each figure of a batch is the report's as its run showed it",
        table: "payment_batches",
        faults: said!(
            "SELECT d.account_id, format('batch %s', to_json(b.batch_id)), f.says, f.amounts
               FROM said d
               JOIN payment_batches b ON b.id = d.payment_batch_id
               LEFT JOIN run_accounts r ON r.run_id = b.as_of_run_id AND r.account_id = d.account_id
              CROSS JOIN LATERAL (
                    SELECT coalesce(sum(e.amount_minor), 0)::bigint AS figure FROM entries e
                     WHERE e.account_id = d.account_id AND e.number <= r.last_number AND e.dated_on <= b.to_on
                       AND CASE b.method WHEN 'commission' THEN e.dated_on >= b.from_on AND e.kind IN ('commission', 'clawback', 'adjustment')
                                         WHEN 'beginning_plus_commission' THEN e.dated_on < b.from_on OR e.kind IN ('commission', 'clawback', 'adjustment')
                                         ELSE true END
                    ) AS report
              CROSS JOIN LATERAL (VALUES
                    ('by this method {}, the report shows {}', ARRAY[d.by_method, report.figure], d.by_method <> report.figure),
                    ('by this method {}, already settled and to pay make {}', ARRAY[d.by_method, d.already_settled + d.to_pay], d.by_method <> d.already_settled + d.to_pay),
                    ('skipped as negative, and {} is to pay', ARRAY[d.to_pay], d.outcome = 'negative' AND d.to_pay >= 0),
                    (format('skipped as %s, and {} is to pay', d.outcome), ARRAY[d.to_pay], d.outcome IN ('already_settled', 'nothing', 'not_in_run') AND d.to_pay <> 0),
                    (format('skipped as %s, where the report shows {}', d.outcome), ARRAY[d.by_method],
                     d.outcome = 'already_settled' AND d.by_method = 0 OR d.outcome IN ('nothing', 'not_in_run') AND d.by_method <> 0)
                    ) AS f (says, amounts, wrong)
              WHERE f.wrong"
        ),
    },
    Question {
        proves: "each batch pays or skips each partner of its preview once, and nobody else",
        table: "run_accounts",
        faults: said!(
            "SELECT coalesce(r.account_id, d.account_id), format('batch %s', to_json(coalesce(r.batch_id, b.batch_id))),
                    CASE WHEN d.account_id IS NULL THEN 'neither paid nor skipped'
                         WHEN r.account_id IS NULL THEN 'paid or skipped, and was not chosen'
                         ELSE 'paid or skipped more than once' END, '{}'::bigint[]
               FROM (SELECT b.id, b.batch_id, r.account_id FROM payment_batches b JOIN run_accounts r ON r.run_id = b.run_id) r
               FULL JOIN (SELECT payment_batch_id, account_id, count(*) AS times FROM said GROUP BY 1, 2) d
                    ON d.payment_batch_id = r.id AND d.account_id = r.account_id
               LEFT JOIN payment_batches b ON b.id = d.payment_batch_id
              WHERE r.account_id IS NULL OR d.account_id IS NULL OR d.times > 1"
        ),
    },
    Question {
        proves: "each batch took in what its run showed, its method takes in and nobody left out",
        table: "settlements",
        faults: "SELECT p.account_id, format('batch %s, entry %s', to_json(b.batch_id), e.number), f.says, ARRAY[e.amount_minor::bigint]
                   FROM settlements s
                   JOIN payments p ON p.id = s.payment_id
                   JOIN payment_batches b ON b.id = p.payment_batch_id
                   JOIN entries e ON e.id = s.entry_id
                   LEFT JOIN run_accounts r ON r.run_id = b.as_of_run_id AND r.account_id = p.account_id
                  CROSS JOIN LATERAL (VALUES
                        ('took in {} that its run did not show', e.number > coalesce(r.last_number, 0)),
                        (format('took in {} of %s, which its method leaves', e.dated_on),
                         CASE WHEN e.kind IN ('commission', 'clawback', 'adjustment')
                              THEN e.dated_on > b.to_on OR b.method = 'commission' AND e.dated_on < b.from_on
                              ELSE b.method = 'commission' AND e.dated_on < b.from_on END),
                        ('took in {} on account, which was left out',
                         e.kind IN ('payment', 'void') AND (b.on_account = '\"left_out\"' OR b.on_account -> 'without' @> to_jsonb(e.id)))
                        ) AS f (says, wrong)
                  WHERE f.wrong",
    },
    Question {
        proves: "each payment of a batch has the batch's date and pay type",
        table: "payments",
        faults: "SELECT p.account_id, format('batch %s, payment %s', to_json(b.batch_id), p.id),
                        format('pays {} by %s on %s, the batch by %s on %s', p.pay_type, p.paid_on, b.pay_type, b.paid_on), ARRAY[p.amount_minor::bigint]
                   FROM payments p JOIN payment_batches b ON b.id = p.payment_batch_id
                  WHERE (p.pay_type, p.paid_on) <> (b.pay_type, b.paid_on)",
    },
];
