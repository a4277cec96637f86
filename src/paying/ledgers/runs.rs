//! Keeping a run: the ticked partners, or all results of a search, as they stand now. What was shown
//! can then be paid later exactly (spec 7).

use diesel::PgConnection;
use serde_json::json;
use std::collections::HashSet;

use super::{Search, queries};
use crate::book::{self, NewRun, RunKind};
use crate::domain::ids::{AccountId, PartnerId, PaymentBatchId, RunId};
use crate::error::AppError;
use crate::running::audit::{self, Who};

/// Whom a run is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// All results of the search.
    All,
    /// These partners, whatever else the search would choose.
    Ticked(Vec<PartnerId>),
    /// Those whom this batch paid.
    Paid(PaymentBatchId),
}

/// Keeps a run of this kind and writes an audit row. Refused where a ticked partner does not exist, and
/// where nobody would be paid.
pub fn make_run(
    conn: &mut PgConnection,
    kind: RunKind,
    search: &Search,
    chosen: &Chosen,
    who: &Who,
) -> Result<RunId, AppError> {
    let accounts = match chosen {
        Chosen::All => all_results(conn, search)?,
        Chosen::Ticked(partners) => ticked(conn, partners)?,
        Chosen::Paid(batch) => paid(conn, *batch)?,
    };
    if kind == RunKind::Preview && accounts.is_empty() {
        return Err(AppError::refused(
            "There is nobody to pay: this search finds no partner. Choose other dates.",
        ));
    }
    let mut criteria = search.criteria();
    if matches!(chosen, Chosen::Ticked(_)) {
        criteria["ticked"] = json!(accounts.len());
    }
    if let Chosen::Paid(batch) = chosen {
        criteria["batch"] = json!(batch);
    }
    let new = NewRun { kind, period: search.period, criteria, made_by: who.user_id };
    let run = book::make_run(conn, &new, &accounts)?;
    let (from, to) = (search.period.from(), search.period.to());
    let details = json!({ "kind": kind.word(), "from": from, "to": to, "partners": accounts.len() });
    audit::write(conn, who, "run.create", ("run", run.0), details)?;
    Ok(run)
}

fn all_results(conn: &mut PgConnection, search: &Search) -> Result<Vec<AccountId>, AppError> {
    let results = queries::chosen(conn, search)?;
    let without: Vec<PartnerId> =
        results.iter().filter(|(_, account)| account.is_none()).map(|(partner, _)| *partner).collect();
    let mut accounts: Vec<AccountId> = results.into_iter().filter_map(|(_, account)| account).collect();
    if !without.is_empty() {
        accounts.extend(accounts_of(conn, &without)?);
    }
    Ok(accounts)
}

fn ticked(conn: &mut PgConnection, partners: &[PartnerId]) -> Result<Vec<AccountId>, AppError> {
    let known: HashSet<PartnerId> = queries::known_partners(conn, partners)?.into_iter().collect();
    if let Some(gone) = partners.iter().find(|partner| !known.contains(partner)) {
        return Err(AppError::Refused(format!(
            "There is no partner {gone}, which was ticked. Nothing was recorded; search again and tick anew."
        )));
    }
    accounts_of(conn, partners)
}

fn paid(conn: &mut PgConnection, batch: PaymentBatchId) -> Result<Vec<AccountId>, AppError> {
    let accounts = queries::paid_by(conn, batch)?;
    if accounts.is_empty() {
        return Err(AppError::refused("This batch paid nobody: there is no ledger to print."));
    }
    Ok(accounts)
}

/// The partners' accounts in the company's currency. A partner who was made when the company had
/// another currency gets one now.
fn accounts_of(conn: &mut PgConnection, partners: &[PartnerId]) -> Result<Vec<AccountId>, AppError> {
    book::open_accounts(conn, partners)?;
    Ok(book::accounts_of(conn, partners)?.into_values().collect())
}
