//! A company with so many partners, all of them paid ten percent of what they sell at once, and what
//! tests let happen there in a line each.

use crate::support::{self, TestDatabase};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use diesel::PgConnection;
use partnerbook::book::{self, NewRun, RunKind, verify};
use partnerbook::db::Db;
use partnerbook::domain::ids::{AccountId, PartnerId, PaymentId, ProductId, ProgramId, RunId};
use partnerbook::domain::money::Money;
use partnerbook::domain::payment::{OnAccount, PayType, PaymentMethod};
use partnerbook::domain::period::Period;
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::error::AppError;
use partnerbook::paying::payments::NewBatch;
use partnerbook::paying::payments::single::{NewSingle, propose, record_single};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::running::audit::Who;
use partnerbook::selling::orders::{EventKind, NewEvent, NewLine, NewOrder, OrderEvent, Source};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A company and its partners.
pub struct World {
    pub database: TestDatabase,
    pub partners: Vec<PartnerId>,
    /// In the order of the partners.
    pub accounts: Vec<AccountId>,
    pub product: ProductId,
    program: ProgramId,
}

/// So many days after the first of January 2026.
pub fn day(number: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day") + chrono::TimeDelta::days(number)
}

/// From the one such day to the other.
pub fn period(from: i64, to: i64) -> Period {
    Period::new(day(from), day(to)).expect("a range")
}

/// Noon of such a day.
fn noon(number: i64) -> DateTime<Utc> {
    day(number).and_time(NaiveTime::from_hms_opt(12, 0, 0).expect("a time")).and_utc()
}

/// Whoever does things in tests.
pub fn who() -> Who {
    Who::command_line(noon(0))
}

impl World {
    pub fn of(partners: usize) -> World {
        let database = support::database();
        let (product, program) = database.db.run_now(begin).expect("a program can be made");
        let mut world = World { database, partners: Vec::new(), accounts: Vec::new(), product, program };
        let codes: Vec<String> = (1..=partners).map(|number| format!("p{number}")).collect();
        (world.partners, world.accounts) = world.newcomers(&codes);
        world
    }

    /// More partners, and their accounts.
    pub fn newcomers(&self, codes: &[String]) -> (Vec<PartnerId>, Vec<AccountId>) {
        self.db().run_now(|conn| settle_in(conn, codes, self.program)).expect("partners can be made")
    }

    pub fn db(&self) -> &Db {
        &self.database.db
    }

    /// A partner sells so many units at ten dollars, and earns a dollar on each.
    pub fn sale(&self, order: &str, partner: usize, units: i64, on: i64) -> OrderEvent {
        OrderEvent::Placed(NewOrder {
            number: order.into(),
            contact: None,
            ordered_at: noon(on),
            lines: vec![NewLine {
                product: self.product,
                description: None,
                quantity: units.into(),
                unit_price: Decimal::TEN,
                discount: Money::ZERO,
                commissionable: true,
            }],
            shipping: Money::ZERO,
            tax: Money::ZERO,
            paid_in_full: true,
            visitor: None,
            address: None,
            partner: self.partners.get(partner).copied(),
            sale_partner: None,
            coupon: None,
            source: Source::Api,
            note: String::new(),
            content_hash: [0; 32],
        })
    }

    /// Keeps a run of these accounts.
    pub fn run(
        &self,
        conn: &mut PgConnection,
        kind: RunKind,
        period: Period,
        accounts: &[AccountId],
    ) -> Result<RunId, AppError> {
        book::make_run(
            conn,
            &NewRun { kind, period, criteria: serde_json::json!({}), made_by: None },
            accounts,
        )
    }

    /// The places where the book is wrong.
    pub fn faults(&self) -> Vec<String> {
        let report =
            self.db().read_now(|conn| verify::verify(conn, &|_| {})).expect("the book can be verified");
        report.places().map(ToString::to_string).collect()
    }
}

/// So many units of an order come back.
pub fn returned(order: &str, units: i64, on: i64) -> OrderEvent {
    happened(order, EventKind::Refund { lines: vec![(1, units.into())], amount: Money::ZERO }, on)
}

/// So much money for an order is given back.
pub fn refunded(order: &str, cents: i64, on: i64) -> OrderEvent {
    happened(order, EventKind::Refund { lines: Vec::new(), amount: Money::from_minor(cents) }, on)
}

fn happened(order: &str, kind: EventKind, on: i64) -> OrderEvent {
    let (reference, reason) = (String::new(), String::new());
    OrderEvent::Happened(NewEvent { order: order.into(), kind, happened_at: noon(on), reference, reason })
}

/// A batch as a page would send it that shows nothing.
pub fn batch(chosen: RunId, period: Period, method: PaymentMethod, batch_id: &str) -> NewBatch {
    NewBatch {
        chosen,
        as_of: chosen,
        period,
        method,
        on_account: OnAccount::TakenIn,
        batch_id: batch_id.into(),
        pay_type: PayType::Manual,
        paid_on: period.to(),
        note: String::new(),
        form_key: Uuid::new_v4(),
        shown: None,
    }
}

/// What is proposed for an account up to a day, as the page shows it and sends it back unchanged.
pub fn proposed(conn: &mut PgConnection, account: AccountId, to: i64) -> Result<NewSingle, AppError> {
    let proposal = propose(conn, account, day(to))?;
    Ok(NewSingle {
        account,
        to: day(to),
        amount: proposal.amount,
        shown: (proposal.digest(), proposal.amount),
        pay_type: PayType::Manual,
        paid_on: day(to),
        note: String::new(),
        form_key: Uuid::new_v4(),
    })
}

/// Records a payment of a typed amount.
pub fn pay_on_account(
    conn: &mut PgConnection,
    account: AccountId,
    cents: i64,
    on: i64,
) -> Result<PaymentId, AppError> {
    let shown = (String::new(), Money::ZERO);
    let single = NewSingle { amount: Money::from_minor(cents), shown, ..proposed(conn, account, on)? };
    record_single(conn, &single, &who())
}

fn begin(conn: &mut PgConnection) -> Result<(ProductId, ProgramId), AppError> {
    let product =
        products::find_or_make(conn, &[NewProduct { code: "unit".into(), name: String::new() }])?[0].id;
    let ten = Rate { amount: Money::ZERO, percent: Percent::new(Decimal::TEN).expect("a percent") };
    let terms = ProgramTerms {
        name: "Ten percent".into(),
        priority: 1,
        payout: Payout::UpFront,
        amount_per: AmountPer::Unit,
        rules: vec![TermsRule {
            product: None,
            rows: vec![(Level::One, Rates { lead: Rate::default(), sale: ten })],
        }],
    };
    Ok((product, programs::save(conn, &[terms], None)?[0]))
}

fn settle_in(
    conn: &mut PgConnection,
    codes: &[String],
    program: ProgramId,
) -> Result<(Vec<PartnerId>, Vec<AccountId>), AppError> {
    let new: Vec<NewPartner> = codes
        .iter()
        .map(|code| NewPartner {
            code: code.clone(),
            name: code.clone(),
            email: None,
            parent: None,
            status: PartnerStatus::Active,
            track_leads_days: None,
            notify_on_lead: false,
            notify_on_sale: false,
            address: Default::default(),
        })
        .collect();
    let partners = partners::make(conn, &new)?;
    partners::enrol(conn, &partners.iter().map(|partner| (*partner, program)).collect::<Vec<_>>())?;
    let accounts = book::accounts_of(conn, &partners)?;
    let accounts = partners.iter().map(|partner| accounts[partner]).collect();
    Ok((partners, accounts))
}
