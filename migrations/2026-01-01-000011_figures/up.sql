-- The figures of the Ledgers report, told once: page, CSV, print and payments ask these functions.

CREATE INDEX ledger_months_by_month ON ledger_months (month);
CREATE INDEX ledger_days_by_day ON ledger_days (day);

CREATE FUNCTION ledger_figures(first_day date, last_day date, only_accounts bigint[] DEFAULT NULL)
RETURNS TABLE (account_id bigint, beginning_minor bigint, earned_minor bigint, clawbacks_minor bigint, adjustments_minor bigint, payments_minor bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000 AS $$
    -- Backwards from the balance of today: people mostly ask for the latest months, and what lies before
    -- them is then never read. `since` is all that moved from the first day on. Whole months come from
    -- ledger_months; the days before the first whole month and after the last come from ledger_days.
    WITH bounds AS (
        SELECT (date_trunc('month', (first_day - 1)::timestamp) + interval '1 month')::date AS first_month,
               date_trunc('month', (last_day + 1)::timestamp)::date AS end_month
    ), parts AS (
        SELECT m.account_id, m.earned_minor + m.clawbacks_minor + m.adjustments_minor + m.payments_minor AS since,
               CASE WHEN m.month < bounds.end_month THEN m.earned_minor ELSE 0 END AS earned,
               CASE WHEN m.month < bounds.end_month THEN m.clawbacks_minor ELSE 0 END AS clawbacks,
               CASE WHEN m.month < bounds.end_month THEN m.adjustments_minor ELSE 0 END AS adjustments,
               CASE WHEN m.month < bounds.end_month THEN m.payments_minor ELSE 0 END AS payments
          FROM ledger_months m, bounds
         WHERE m.month >= bounds.first_month AND (only_accounts IS NULL OR m.account_id = ANY (only_accounts))
        UNION ALL
        SELECT d.account_id, d.earned_minor + d.clawbacks_minor + d.adjustments_minor + d.payments_minor,
               CASE WHEN d.day <= last_day THEN d.earned_minor ELSE 0 END,
               CASE WHEN d.day <= last_day THEN d.clawbacks_minor ELSE 0 END,
               CASE WHEN d.day <= last_day THEN d.adjustments_minor ELSE 0 END,
               CASE WHEN d.day <= last_day THEN d.payments_minor ELSE 0 END
          FROM ledger_days d, bounds
         WHERE d.day >= first_day AND d.day < bounds.first_month AND (only_accounts IS NULL OR d.account_id = ANY (only_accounts))
        UNION ALL
        SELECT d.account_id, 0, d.earned_minor, d.clawbacks_minor, d.adjustments_minor, d.payments_minor
          FROM ledger_days d, bounds
         WHERE d.day >= greatest(bounds.end_month, bounds.first_month) AND d.day <= last_day
           AND (only_accounts IS NULL OR d.account_id = ANY (only_accounts))
    ), moved AS (
        SELECT parts.account_id, sum(since)::bigint AS since, sum(earned)::bigint AS earned, sum(clawbacks)::bigint AS clawbacks,
               sum(adjustments)::bigint AS adjustments, sum(payments)::bigint AS payments
          FROM parts GROUP BY parts.account_id
    )
    SELECT t.account_id, t.balance_minor - coalesce(moved.since, 0), coalesce(moved.earned, 0), coalesce(moved.clawbacks, 0),
           coalesce(moved.adjustments, 0), coalesce(-moved.payments, 0)
      FROM account_totals t LEFT JOIN moved ON moved.account_id = t.account_id
     WHERE only_accounts IS NULL OR t.account_id = ANY (only_accounts)
$$;
COMMENT ON FUNCTION ledger_figures(date, date, bigint[]) IS 'The figures of each account for a range, both days included: beginning balance, commissions earned, clawbacks, adjustments, and payments as what was paid.';

CREATE FUNCTION ledger_figures_as_of(first_day date, last_day date, as_of_run bigint, only_accounts bigint[])
RETURNS TABLE (account_id bigint, beginning_minor bigint, earned_minor bigint, clawbacks_minor bigint, adjustments_minor bigint, payments_minor bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000 AS $$
    -- What stands now, less what was recorded after the run; one statement, so one and the same moment.
    SELECT account_id, sum(beginning_minor)::bigint, sum(earned_minor)::bigint, sum(clawbacks_minor)::bigint, sum(adjustments_minor)::bigint, sum(payments_minor)::bigint
      FROM (
        SELECT * FROM ledger_figures(first_day, last_day, only_accounts)
        UNION ALL
        SELECT e.account_id,
               CASE WHEN e.dated_on < first_day THEN -e.amount_minor ELSE 0 END,
               CASE WHEN e.dated_on BETWEEN first_day AND last_day AND e.kind = 'commission' THEN -e.amount_minor ELSE 0 END,
               CASE WHEN e.dated_on BETWEEN first_day AND last_day AND e.kind = 'clawback' THEN -e.amount_minor ELSE 0 END,
               CASE WHEN e.dated_on BETWEEN first_day AND last_day AND e.kind = 'adjustment' THEN -e.amount_minor ELSE 0 END,
               CASE WHEN e.dated_on BETWEEN first_day AND last_day AND e.kind IN ('payment', 'void') THEN e.amount_minor ELSE 0 END
          FROM account_totals t
          LEFT JOIN run_accounts r ON r.run_id = as_of_run AND r.account_id = t.account_id
          JOIN entries e ON e.account_id = t.account_id AND e.number > coalesce(r.last_number, 0)
         WHERE t.account_id = ANY (only_accounts) AND t.last_number > coalesce(r.last_number, 0)
      ) AS parts GROUP BY account_id
$$;
COMMENT ON FUNCTION ledger_figures_as_of(date, date, bigint, bigint[]) IS 'The figures as a run showed them: entries that each account recorded later are left out; an account that the run did not show has nothing.';
