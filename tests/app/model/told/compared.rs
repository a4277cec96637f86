//! What is compared: entries, open entries, balances, figures, and what a batch did.

use super::*;

impl Told<'_> {
    /// The whole of both tellings as they stand.
    pub(super) fn compare(&self) -> Result<(), Difference> {
        let entry = |place: usize| {
            let entry = &self.book.entries[place];
            EntryRow {
                account_id: self.accounts[entry.partner],
                number: entry.number,
                kind: kind(entry.kind),
                dated_on: day(entry.day),
                amount: Money::from_minor(entry.amount),
            }
        };
        let sorted = |places: Vec<usize>| {
            let mut rows: Vec<EntryRow> = places.into_iter().map(entry).collect();
            rows.sort_unstable_by_key(|row| (row.account_id, row.number));
            rows
        };
        let ranges = [(0, 70), (10, 30), (31, 58)];
        let (entries, open, figures) = self.run_now(|conn| {
            let figures = ranges.map(|(from, to)| book::figures_now(conn, period(from, to), &self.accounts));
            Ok((self.rows(conn, "entries")?, self.rows(conn, "open_entries")?, figures))
        })??;
        same("the entries", sorted((0..self.book.entries.len()).collect()), entries)?;
        same("the open entries", sorted(self.book.open().into_iter().collect()), open)?;
        for ((from, to), figures) in ranges.into_iter().zip(figures) {
            for (partner, found) in figures.map_err(|error| format!("{error:?}"))?.iter().enumerate() {
                let [beginning, earned, clawbacks, adjustments, payments] =
                    self.book.figures(partner, from, to);
                let expected =
                    [beginning, earned, clawbacks, adjustments, payments, self.book.balance(partner)];
                let figures = found.figures;
                let amounts = [
                    figures.beginning,
                    figures.earned,
                    figures.clawbacks,
                    figures.adjustments,
                    figures.payments,
                    found.balance,
                ];
                same("the figures and the balance", expected, amounts.map(Money::minor))?;
            }
        }
        Ok(())
    }

    fn rows(&self, conn: &mut PgConnection, table: &str) -> Result<Vec<EntryRow>, AppError> {
        let sql = format!(
            "SELECT account_id, number, kind::text AS kind, dated_on, amount_minor::bigint AS amount FROM {table}
              WHERE account_id = ANY ($1) ORDER BY account_id, number"
        );
        Ok(sql_query(sql).bind::<Array<BigInt>, _>(&self.accounts).load(conn)?)
    }

    /// What a batch that was just recorded did; and notes its payments.
    pub(super) fn compare_batch(&mut self, batch: PaymentBatchId, due: &[Due]) -> Result<(), Difference> {
        let rows: Vec<DueRow> = self.run_now(|conn| {
            Ok(sql_query(
                "SELECT p.account_id, p.id AS payment_id, p.by_method_minor::bigint AS by_method, p.already_settled_minor::bigint AS already_settled,
                        p.amount_minor::bigint AS to_pay,
                        ARRAY(SELECT e.number FROM settlements s JOIN entries e ON e.id = s.entry_id WHERE s.payment_id = p.id ORDER BY 1) AS takes
                   FROM payments p WHERE p.payment_batch_id = $1
                  UNION ALL
                 SELECT account_id, 0, by_method_minor, already_settled_minor, to_pay_minor, '{}' FROM payment_skips WHERE payment_batch_id = $1",
            )
            .bind::<BigInt, _>(batch)
            .load(conn)?)
        })??;
        let mut rows: BTreeMap<AccountId, DueRow> =
            rows.into_iter().map(|row| (row.account_id, row)).collect();
        self.batches.push(batch);
        for due in due {
            let row = rows
                .remove(&self.accounts[due.partner])
                .ok_or(format!("partner {} is not in the batch", due.partner))?;
            let figures = (due.by_method, due.already_settled, due.to_pay);
            same("the figures of the batch", figures, (row.by_method, row.already_settled, row.to_pay))?;
            let is_skipped = due.outcome == Outcome::Skipped;
            same("whether the partner is skipped", is_skipped, row.payment_id == 0)?;
            if !is_skipped {
                let takes = due.takes.iter().map(|place| self.book.entries[*place].number).collect();
                same("what the payment settles", takes, row.takes)?;
                self.payments.push(PaymentId(row.payment_id));
            }
        }
        same("partners that nobody chose", true, rows.is_empty())
    }

    /// The ids of entries.
    pub(super) fn entry_ids(&self, places: &BTreeSet<usize>) -> Result<Vec<EntryId>, Difference> {
        let mut ids = Vec::with_capacity(places.len());
        for place in places {
            let entry = &self.book.entries[*place];
            let sql = format!(
                "SELECT id AS value FROM entries WHERE account_id = $1 AND number = {}",
                entry.number
            );
            ids.extend(self.numbers(&sql, self.accounts[entry.partner])?.into_iter().map(EntryId));
        }
        Ok(ids)
    }

    pub(super) fn numbers(&self, sql: &str, account: AccountId) -> Result<Vec<i64>, Difference> {
        let rows: Vec<Number> =
            self.run_now(|conn| Ok(sql_query(sql).bind::<BigInt, _>(account).load(conn)?))??;
        Ok(rows.into_iter().map(|row| row.value).collect())
    }
}

fn kind(kind: Kind) -> EntryKind {
    match kind {
        Kind::Commission => EntryKind::Commission,
        Kind::Clawback => EntryKind::Clawback,
        Kind::Adjustment => EntryKind::Adjustment,
        Kind::Payment => EntryKind::Payment,
        Kind::Void => EntryKind::Void,
    }
}
