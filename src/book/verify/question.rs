//! A check that the database answers: one query that finds the places where something does not hold.

use super::{Check, PLACES_NAMED};
use crate::db::columns::Number;
use crate::domain::ids::AccountId;
use crate::domain::money::{Currency, Money};
use crate::error::AppError;
use anyhow::Context;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use std::collections::HashMap;

/// One check.
pub struct Question {
    /// What holds, as a sentence.
    pub proves: &'static str,
    /// The table whose rows are looked at; they are counted.
    pub table: &'static str,
    /// Finds where it does not hold. Gives `account_id` (or null), `place` (or null), `says`, in which
    /// each `{}` stands for an amount, and `amounts`. Only `place` may hold what people wrote.
    pub faults: &'static str,
}

/// Asks questions, and remembers how many rows each table has.
pub struct Asker {
    counts: HashMap<&'static str, u64>,
    /// For amounts that belong to no account.
    currency: Currency,
}

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Nullable<BigInt>)]
    account_id: Option<AccountId>,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    currency: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    place: Option<String>,
    #[diesel(sql_type = Text)]
    says: String,
    #[diesel(sql_type = Array<BigInt>)]
    amounts: Vec<Money>,
    #[diesel(sql_type = BigInt)]
    faults: i64,
}

#[derive(QueryableByName)]
struct Code {
    #[diesel(sql_type = Text)]
    currency: String,
}

impl Asker {
    /// Reads the company's currency.
    pub fn new(conn: &mut PgConnection) -> Result<Asker, AppError> {
        Ok(Asker { counts: HashMap::new(), currency: company_currency(conn)? })
    }

    /// Asks one.
    pub fn ask(&mut self, conn: &mut PgConnection, question: &Question) -> Result<Check, AppError> {
        let count = match self.counts.get(question.table) {
            Some(count) => *count,
            None => {
                let counted = count(conn, question.table)?;
                self.counts.insert(question.table, counted);
                counted
            }
        };
        let found: Vec<Fault> = sql_query(format!(
            "SELECT f.account_id, partners.code::text AS code, accounts.currency, f.place, f.says, f.amounts, \
                    count(*) OVER () AS faults \
               FROM ({}) AS f (account_id, place, says, amounts) \
               LEFT JOIN accounts ON accounts.id = f.account_id LEFT JOIN partners ON partners.id = accounts.partner_id \
              ORDER BY f.account_id, f.place, f.says LIMIT {PLACES_NAMED}",
            question.faults
        ))
        .load(conn)
        .with_context(|| format!("while proving that {}", question.proves))?;
        let mut check = Check::new(question.proves, question.table, count);
        check.faults = found.first().map_or(0, |fault| fault.faults.unsigned_abs());
        check.places = found.iter().map(|fault| fault.line(self.currency)).collect();
        Ok(check)
    }
}

impl Fault {
    /// `account 12 (code sam), day 2026-01-05: commissions 10.00, entries sum to 10.01`
    fn line(&self, company: Currency) -> String {
        let account = self.account_id.map(|id| {
            let code = self.code.as_deref().unwrap_or("unknown");
            format!("account {id} (code {code})")
        });
        let places: Vec<&str> = account.iter().chain(&self.place).map(String::as_str).collect();
        let currency = self.currency.as_deref().and_then(Currency::from_code).unwrap_or(company);
        let mut says = self.says.clone();
        for amount in &self.amounts {
            says = says.replacen("{}", &amount.plain(currency), 1);
        }
        format!("{}: {says}", places.join(", "))
    }
}

/// The currency of amounts that belong to no account.
pub fn company_currency(conn: &mut PgConnection) -> Result<Currency, AppError> {
    let code: Code = sql_query("SELECT currency::text AS currency FROM company").get_result(conn)?;
    Ok(Currency::from_code(&code.currency)
        .with_context(|| format!("the company's currency {:?}", code.currency))?)
}

/// How many rows a table has.
pub fn count(conn: &mut PgConnection, table: &str) -> Result<u64, AppError> {
    let counted: Number = sql_query(format!("SELECT count(*) AS value FROM {table}")).get_result(conn)?;
    Ok(counted.value.unsigned_abs())
}
