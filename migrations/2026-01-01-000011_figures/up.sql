-- The figures of the Ledgers report, told once: page, CSV, print and payments ask these functions.

CREATE FUNCTION ledger_figures(first_day date, last_day date, only_accounts bigint[] DEFAULT NULL)
RETURNS TABLE (account_id bigint, beginning_minor bigint, earned_minor bigint, clawbacks_minor bigint, adjustments_minor bigint, payments_minor bigint)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000 AS $$
    -- Whole months come from ledger_months, the days around them from ledger_days.
    WITH bounds AS (
        SELECT date_trunc('month', first_day)::date AS month_of_first,
               CASE WHEN first_month < end_month THEN first_month ELSE last_day + 1 END AS months_from,
               CASE WHEN first_month < end_month THEN end_month ELSE last_day + 1 END AS months_to
          FROM (SELECT (date_trunc('month', first_day - 1) + interval '1 month')::date AS first_month,
                       date_trunc('month', last_day + 1)::date AS end_month) AS whole
    ), parts AS (
        SELECT m.account_id, m.earned_minor + m.clawbacks_minor + m.adjustments_minor + m.payments_minor AS before,
               0::bigint AS earned, 0::bigint AS clawbacks, 0::bigint AS adjustments, 0::bigint AS payments
          FROM ledger_months m, bounds WHERE m.month < bounds.month_of_first
           AND (only_accounts IS NULL OR m.account_id = ANY (only_accounts))
        UNION ALL
        SELECT d.account_id, d.earned_minor + d.clawbacks_minor + d.adjustments_minor + d.payments_minor, 0, 0, 0, 0
          FROM ledger_days d, bounds WHERE d.day >= bounds.month_of_first AND d.day < first_day
           AND (only_accounts IS NULL OR d.account_id = ANY (only_accounts))
        UNION ALL
        SELECT m.account_id, 0, m.earned_minor, m.clawbacks_minor, m.adjustments_minor, m.payments_minor
          FROM ledger_months m, bounds WHERE m.month >= bounds.months_from AND m.month < bounds.months_to
           AND (only_accounts IS NULL OR m.account_id = ANY (only_accounts))
        UNION ALL
        SELECT d.account_id, 0, d.earned_minor, d.clawbacks_minor, d.adjustments_minor, d.payments_minor
          FROM ledger_days d, bounds
         WHERE d.day BETWEEN first_day AND last_day AND (d.day < bounds.months_from OR d.day >= bounds.months_to)
           AND (only_accounts IS NULL OR d.account_id = ANY (only_accounts))
    )
    SELECT account_id, sum(before)::bigint, sum(earned)::bigint, sum(clawbacks)::bigint, sum(adjustments)::bigint, (-sum(payments))::bigint
      FROM parts GROUP BY account_id
$$;
COMMENT ON FUNCTION ledger_figures(date, date, bigint[]) IS 'The figures of each account for a range, both days included (accounts without any entry are left out): beginning balance, commissions earned, clawbacks, adjustments, and payments as what was paid.';

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
