//! *Export for checks*: a file for a program that prints cheques: payee, postal address, amount in figures
//! and words, memo, date. From the Ledgers report it says what is to be paid, from a batch what was.

pub mod handlers;
mod queries;

use crate::domain::ids::AccountId;
use crate::domain::money::{Currency, Money};
use crate::domain::words::amount_in_words;
use crate::error::AppError;
use crate::paying::statements::addressees;
use crate::people::names::shown;
use crate::web::csv::{Cell, CsvWriter};
use chrono::NaiveDate;
use diesel::PgConnection;
use std::collections::HashMap;
use std::io::Write;

const HEADINGS: [&str; 14] = [
    "Payee",
    "Address Line 1",
    "Address Line 2",
    "City",
    "State",
    "Postal Code",
    "Country",
    "Amount",
    "Amount In Words",
    "Currency",
    "Memo",
    "Date",
    "Code",
    "Email",
];

/// One cheque to be written.
struct Check {
    account: AccountId,
    amount: Money,
    memo: String,
}

/// Writes the cheques with their payees' names and addresses of today, by code.
fn write<W: Write>(
    conn: &mut PgConnection,
    checks: Vec<Check>,
    date: NaiveDate,
    currency: Currency,
    out: W,
) -> Result<W, AppError> {
    let accounts: Vec<AccountId> = checks.iter().map(|check| check.account).collect();
    let mut checks: HashMap<AccountId, Check> =
        checks.into_iter().map(|check| (check.account, check)).collect();
    let mut file = CsvWriter::new(out, &HEADINGS)?;
    for payee in addressees(conn, &accounts)? {
        let Some(check) = checks.remove(&payee.account) else { continue };
        file.row(&[
            Cell::Text(&shown(&payee.name, &payee.code)),
            Cell::Text(&payee.address_line1),
            Cell::Text(&payee.address_line2),
            Cell::Text(&payee.city),
            Cell::Text(&payee.state),
            Cell::Text(&payee.postal_code),
            Cell::Text(&payee.country),
            Cell::Amount(check.amount, currency),
            Cell::Word(&amount_in_words(check.amount, currency)),
            Cell::Word(currency.code()),
            Cell::Text(&check.memo),
            Cell::Day(date),
            Cell::Text(&payee.code),
            Cell::Text(&payee.email),
        ])?;
    }
    file.finish()
}
