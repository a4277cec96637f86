//! Everything that one look at a ledger shows, read at one moment.

use diesel::PgConnection;

use super::super::queries::{self, EntryCount, Partner};
use super::lines::{Line, lines};
use crate::book;
use crate::domain::ids::PartnerId;
use crate::domain::ledger::Figures;
use crate::domain::money::{Currency, Money};
use crate::domain::period::{Period, Preset};
use crate::error::AppError;
use crate::paying::payments::single::{self, Proposal};
use crate::web::list::Window;

/// A partner's ledger for a range.
pub struct Ledger {
    pub period: Period,
    /// Of the range.
    pub figures: Figures,
    /// Of all entries, whatever their dates.
    pub to_date: Figures,
    pub count: EntryCount,
    /// The balance before the first line of this page.
    pub before: Money,
    pub lines: Vec<Line>,
    /// What *Create Payment* proposes; only read for who may pay, for it looks at every open entry.
    pub proposal: Option<Proposal>,
}

/// The partner; trouble where there is none.
pub fn partner(conn: &mut PgConnection, id: PartnerId) -> Result<Partner, AppError> {
    queries::partner(conn, id)?.ok_or_else(|| AppError::not_found(format!("partner {id}")))
}

impl Ledger {
    /// Reads it; every part in the caller's transaction.
    pub fn read(
        conn: &mut PgConnection,
        partner: &Partner,
        period: Period,
        window: Window,
        currency: Currency,
        may_pay: bool,
    ) -> Result<Ledger, AppError> {
        let Some(account) = partner.account else { return Ok(Ledger::empty(period, may_pay)) };
        let all = Period::preset(Preset::All, period.from());
        let figures = |conn: &mut PgConnection, period| {
            let rows = book::figures_now(conn, period, &[account])?;
            Ok::<Figures, AppError>(rows.first().map(|row| row.figures).unwrap_or_default())
        };
        let (of_range, to_date) = (figures(conn, period)?, figures(conn, all)?);
        let (earlier, entries) = queries::page(conn, account, period, window)?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        let details = queries::details(conn, &ids)?;
        let before = of_range.beginning + earlier;
        Ok(Ledger {
            period,
            figures: of_range,
            to_date,
            count: queries::count(conn, account, period)?,
            before,
            lines: lines(entries, details, before, currency),
            proposal: may_pay.then(|| single::propose(conn, account, period.to())).transpose()?,
        })
    }

    fn empty(period: Period, may_pay: bool) -> Ledger {
        Ledger {
            period,
            figures: Figures::default(),
            to_date: Figures::default(),
            count: EntryCount::default(),
            before: Money::ZERO,
            lines: Vec::new(),
            proposal: may_pay.then(|| Proposal { amount: Money::ZERO, takes: Vec::new() }),
        }
    }

    /// The sum of all entries.
    pub fn balance(&self) -> Money {
        self.to_date.ending()
    }
}
