//! What the ledgers of a run say, read for some accounts at a time.

use std::collections::HashMap;

use anyhow::Context;
use diesel::PgConnection;

use super::queries::{self, Addressee};
use super::seal::{Seal, Sealed};
use super::{Paid, Printed};
use crate::book;
use crate::domain::ids::AccountId;
use crate::domain::ledger::Figures;
use crate::domain::money::Currency;
use crate::error::AppError;
use crate::paying::ledgers::{Entry, Line, details, lines};

/// One partner's ledger, to be printed.
pub struct Statement {
    pub to: Addressee,
    pub currency: Currency,
    pub figures: Figures,
    pub lines: Vec<Line>,
    /// In the order of their dates.
    pub paid: Vec<Paid>,
    pub seal: Seal,
}

/// The ledgers of these accounts as the run showed them, in the order of the accounts.
pub fn read(
    conn: &mut PgConnection,
    printed: &Printed,
    accounts: &[AccountId],
) -> Result<Vec<Statement>, AppError> {
    let figures = book::figures_as_of(conn, printed.period, printed.run, accounts)?;
    let figures: HashMap<AccountId, Figures> =
        figures.into_iter().map(|row| (row.account, row.figures)).collect();
    let mut addressees: HashMap<AccountId, Addressee> =
        queries::addressees(conn, accounts)?.into_iter().map(|to| (to.account, to)).collect();
    let all = queries::entries(conn, printed, accounts)?;
    let ids: Vec<_> = all.iter().map(|entry| entry.id).collect();
    let mut told = details(conn, &ids)?;
    let mut entries: HashMap<AccountId, Vec<Entry>> = HashMap::new();
    for row in all {
        let queries::AccountEntry { account, id, number, kind, on_account, amount, dated_on, recorded_at } =
            row;
        let entry = Entry { id, number, kind, on_account, amount, dated_on, recorded_at };
        entries.entry(account).or_default().push(entry);
    }
    let mut paid: HashMap<AccountId, Vec<Paid>> = HashMap::new();
    for row in queries::payments(conn, printed, accounts)? {
        let queries::AccountPayment { account, id, amount, pay_type, paid_on, batch_id, reference, note } =
            row;
        let batch_id = batch_id.unwrap_or_default();
        paid.entry(account).or_default().push(Paid {
            id,
            amount,
            pay_type,
            paid_on,
            batch_id,
            reference,
            note,
        });
    }
    let statement = |account: &AccountId| {
        let to = addressees.remove(account).with_context(|| format!("account {account}"))?;
        let currency = Currency::from_code(&to.currency).with_context(|| to.currency.clone())?;
        let figures = figures.get(account).copied().unwrap_or_default();
        let entries = entries.remove(account).unwrap_or_default();
        let told = entries.iter().filter_map(|entry| Some((entry.id, told.remove(&entry.id)?))).collect();
        let lines = lines(entries, told, figures.beginning, currency);
        let paid = paid.remove(account).unwrap_or_default();
        let sealed = lines.iter().map(|line| Sealed {
            id: line.entry.id,
            number: line.entry.number,
            dated_on: line.entry.dated_on,
            kind: line.entry.kind,
            amount: line.entry.amount,
        });
        let seal = Seal::of(printed, *account, currency, &figures, sealed, &paid);
        Ok(Statement { to, currency, figures, lines, paid, seal })
    };
    accounts.iter().map(statement).collect()
}
