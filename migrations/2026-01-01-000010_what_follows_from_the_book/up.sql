-- The derived tables follow from the book by AFTER INSERT triggers (a BEFORE trigger fires even for
-- rows that ON CONFLICT then skips), in the same transaction. The functions are SECURITY DEFINER:
-- the application's role may not write these tables itself.

CREATE FUNCTION follow_accounts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO account_totals (account_id) SELECT id FROM new_rows;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_accounts() IS 'Every account has its totals from the start.';
CREATE TRIGGER accounts_have_totals AFTER INSERT ON accounts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_accounts();

CREATE FUNCTION follow_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    -- In account order, or two statements at once could lock the totals crosswise.
    UPDATE account_totals t
       SET last_number = t.last_number + n.count, balance_minor = t.balance_minor + n.sum
      FROM (SELECT account_id, count(*)::integer AS count, sum(amount_minor)::bigint AS sum FROM new_rows GROUP BY account_id ORDER BY account_id) n
     WHERE t.account_id = n.account_id;
    IF EXISTS (
        SELECT FROM (SELECT account_id, max(number) AS last FROM new_rows GROUP BY account_id) n
        JOIN account_totals t USING (account_id) WHERE t.last_number <> n.last
    ) THEN
        RAISE EXCEPTION 'entries of an account are numbered without gaps'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entries_are_numbered_without_gaps';
    END IF;

    INSERT INTO ledger_days AS d (account_id, day, earned_minor, clawbacks_minor, adjustments_minor, payments_minor)
    SELECT account_id, dated_on,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'commission'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'clawback'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'adjustment'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind IN ('payment', 'void')), 0)
      FROM new_rows GROUP BY account_id, dated_on ORDER BY account_id, dated_on
    ON CONFLICT (account_id, day) DO UPDATE SET
           earned_minor = d.earned_minor + excluded.earned_minor,
           clawbacks_minor = d.clawbacks_minor + excluded.clawbacks_minor,
           adjustments_minor = d.adjustments_minor + excluded.adjustments_minor,
           payments_minor = d.payments_minor + excluded.payments_minor;

    INSERT INTO ledger_months AS m (account_id, month, earned_minor, clawbacks_minor, adjustments_minor, payments_minor)
    SELECT account_id, date_trunc('month', dated_on)::date,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'commission'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'clawback'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'adjustment'), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind IN ('payment', 'void')), 0)
      FROM new_rows GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (account_id, month) DO UPDATE SET
           earned_minor = m.earned_minor + excluded.earned_minor,
           clawbacks_minor = m.clawbacks_minor + excluded.clawbacks_minor,
           adjustments_minor = m.adjustments_minor + excluded.adjustments_minor,
           payments_minor = m.payments_minor + excluded.payments_minor;

    -- Earnings and payments on account are open; a payment that settles closes with what it settles.
    INSERT INTO open_entries (entry_id, account_id, number, kind, dated_on, amount_minor, round)
    SELECT id, account_id, number, kind, dated_on, amount_minor, 1
      FROM new_rows WHERE kind IN ('commission', 'clawback', 'adjustment') OR (kind = 'payment' AND on_account);

    -- The void of a payment on account closes the two together while the payment is open; where a
    -- batch has taken the payment in, the void is an open entry of its own.
    IF EXISTS (SELECT FROM new_rows WHERE kind = 'void') THEN
        IF EXISTS (
            SELECT FROM new_rows v LEFT JOIN entries p ON p.id = v.voids_entry_id
             WHERE v.kind = 'void' AND (p.kind IS DISTINCT FROM 'payment' OR p.account_id <> v.account_id
                   OR p.amount_minor <> -v.amount_minor OR p.on_account <> v.on_account OR p.dated_on > v.dated_on)
        ) THEN
            RAISE EXCEPTION 'a void is the exact opposite of a payment of its account and not dated before it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'entries_voids_mirror_their_payment';
        END IF;
        INSERT INTO open_entries (entry_id, account_id, number, kind, dated_on, amount_minor, round)
        SELECT v.id, v.account_id, v.number, v.kind, v.dated_on, v.amount_minor, 1
          FROM new_rows v WHERE v.kind = 'void' AND v.on_account
           AND NOT EXISTS (SELECT FROM open_entries o WHERE o.entry_id = v.voids_entry_id);
        DELETE FROM open_entries o USING new_rows v
         WHERE v.kind = 'void' AND v.on_account AND o.entry_id = v.voids_entry_id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_entries() IS 'Keeps totals, roll-ups and open entries in step with the ledger.';
CREATE TRIGGER entries_are_followed AFTER INSERT ON entries
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_entries();

CREATE FUNCTION follow_payments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE account_totals t SET last_payment_id = greatest(t.last_payment_id, n.last)
      FROM (SELECT account_id, max(id) AS last FROM new_rows GROUP BY account_id) n WHERE t.account_id = n.account_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_payments() IS 'Keeps account_totals.last_payment_id.';
CREATE TRIGGER payments_are_followed AFTER INSERT ON payments
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_payments();

CREATE FUNCTION follow_voids() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE account_totals t SET last_void_id = greatest(t.last_void_id, n.last)
      FROM (SELECT account_id, max(id) AS last FROM new_rows GROUP BY account_id) n WHERE t.account_id = n.account_id;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_voids() IS 'Keeps account_totals.last_void_id.';
CREATE TRIGGER voids_are_followed AFTER INSERT ON voids
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_voids();

CREATE FUNCTION follow_settlements() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    wanted bigint;
    taken bigint;
BEGIN
    SELECT count(*) INTO wanted FROM new_rows;
    WITH gone AS (
        DELETE FROM open_entries o USING new_rows s JOIN payments p ON p.id = s.payment_id
         WHERE o.entry_id = s.entry_id AND o.round = s.round AND o.account_id = p.account_id RETURNING 1
    ) SELECT count(*) INTO taken FROM gone;
    IF taken <> wanted THEN
        RAISE EXCEPTION 'only open entries of the payment''s account can be settled: % of % are', taken, wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlements_take_open_entries_only';
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_settlements() IS 'Holds settlements_take_open_entries_only: what is settled leaves the open entries, and nothing else can be settled.';
CREATE TRIGGER settlements_are_followed AFTER INSERT ON settlements
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_settlements();

CREATE FUNCTION follow_releases() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF EXISTS (
        SELECT FROM new_rows r JOIN settlements s ON s.id = r.settlement_id JOIN voids v ON v.id = r.void_id
         WHERE v.payment_id <> s.payment_id
    ) THEN
        RAISE EXCEPTION 'a void releases what its own payment settled'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'releases_are_of_the_voided_payment';
    END IF;
    -- A payment on account and its void: once neither is settled any more, the two close together.
    -- All parts of the statement see the open entries as they were before it.
    WITH released AS (
        SELECT e.id AS entry_id, s.round, coalesce(e.voids_entry_id, v.id) AS pair_id
          FROM new_rows r
          JOIN settlements s ON s.id = r.settlement_id
          JOIN entries e ON e.id = s.entry_id
          LEFT JOIN entries v ON e.on_account AND v.voids_entry_id = e.id
    ), closed AS (
        DELETE FROM open_entries o USING released n WHERE o.entry_id = n.pair_id
    )
    INSERT INTO open_entries (entry_id, account_id, number, kind, dated_on, amount_minor, round)
    SELECT e.id, e.account_id, e.number, e.kind, e.dated_on, e.amount_minor, n.round + 1
      FROM released n JOIN entries e ON e.id = n.entry_id
     WHERE n.pair_id IS NULL
        OR (NOT EXISTS (SELECT FROM open_entries o WHERE o.entry_id = n.pair_id)
            AND NOT EXISTS (SELECT FROM released m WHERE m.entry_id = n.pair_id));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION follow_releases() IS 'What a void released is open again, for the next round.';
CREATE TRIGGER releases_are_followed AFTER INSERT ON releases
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION follow_releases();

DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['entries', 'entry_details', 'runs', 'run_accounts', 'payment_batches', 'payments', 'payment_skips', 'voids', 'settlements', 'releases'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_are_kept BEFORE UPDATE OR DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION refuse_change()', kept);
        EXECUTE format('CREATE TRIGGER %1$s_are_not_emptied BEFORE TRUNCATE ON %1$s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;
