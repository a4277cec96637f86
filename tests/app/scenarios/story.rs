//! A scenario file, as `tests/scenarios/README.md` describes it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    #[allow(dead_code, reason = "for people who read the file")]
    pub name: String,
    #[allow(dead_code, reason = "for people who read the file")]
    pub why: String,
    #[serde(default)]
    pub settings: Settings,
    #[serde(default)]
    pub programs: Vec<Program>,
    pub partners: Vec<Partner>,
    pub events: Vec<Event>,
    pub ranges: Option<Vec<(NaiveDate, NaiveDate)>>,
    pub expect: Expect,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub levels: Option<u8>,
    pub payout_lead: Option<bool>,
    pub payout_sale: Option<bool>,
    pub payout_amount: Option<bool>,
    pub payout_percent: Option<bool>,
    pub pay_if_unused: Option<bool>,
    pub choose_partner: Option<String>,
    pub tracking_method: Option<String>,
    pub use_ip_address: Option<bool>,
    pub credit_own_purchases: Option<bool>,
    pub currency: Option<String>,
    pub time_zone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    pub name: String,
    pub priority: i32,
    pub payout_type: Option<String>,
    pub amount_per: Option<String>,
    pub default: Option<BTreeMap<String, Row>>,
    #[serde(default)]
    pub products: BTreeMap<String, BTreeMap<String, Row>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub lead_amount: Option<String>,
    pub lead_percent: Option<String>,
    pub sale_amount: Option<String>,
    pub sale_percent: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub status: Option<String>,
    pub track_leads_days: Option<i32>,
    pub email: Option<String>,
    #[serde(default)]
    pub programs: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    Click {
        visitor: String,
        partner: String,
        at: DateTime<Utc>,
        ip: Option<String>,
        #[serde(default)]
        robot: bool,
    },
    Lead {
        contact: String,
        visitor: String,
        #[allow(dead_code, reason = "a tie has the time of its clicks")]
        at: DateTime<Utc>,
    },
    Referral {
        contact: String,
        partner: String,
        kind: String,
        at: DateTime<Utc>,
    },
    Order(Box<Order>),
    CustomerPayment {
        order: String,
        amount: String,
        at: DateTime<Utc>,
    },
    Refund {
        order: String,
        #[serde(default)]
        lines: Vec<ReturnedLine>,
        amount: Option<String>,
        at: DateTime<Utc>,
    },
    Adjustment {
        partner: String,
        amount: String,
        on: NaiveDate,
    },
    Payment {
        partner: String,
        /// What a later void calls it.
        #[serde(default)]
        id: String,
        amount: Option<String>,
        settles_to: Option<NaiveDate>,
        on: NaiveDate,
    },
    Run {
        id: String,
    },
    Batch(Box<Batch>),
    Void {
        batch_id: Option<String>,
        partner: Option<String>,
        payment: Option<String>,
        on: NaiveDate,
    },
    PartnerStatus {
        partner: String,
        status: String,
    },
    Settings {
        change: Settings,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub order: String,
    pub at: DateTime<Utc>,
    pub contact: Option<String>,
    pub visitor: Option<String>,
    pub ip: Option<String>,
    pub partner: Option<String>,
    pub sale_partner: Option<String>,
    pub lines: Vec<Line>,
    pub shipping: Option<String>,
    pub tax: Option<String>,
    pub paid: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub product: String,
    pub quantity: String,
    pub unit_price: String,
    pub discount: Option<String>,
    pub commissionable: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedLine {
    pub line: i32,
    pub quantity: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub method: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub on: NaiveDate,
    pub batch_id: String,
    pub partners: Option<Vec<String>>,
    pub run: Option<String>,
    #[serde(default)]
    pub without_on_account: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub credited: BTreeMap<String, Credited>,
    pub batches: BTreeMap<String, ExpectedBatch>,
    pub ledgers: Vec<ExpectedLedger>,
    pub balances: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credited {
    pub lead: Option<String>,
    pub sale: Option<String>,
    pub why: String,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedBatch {
    #[serde(default)]
    pub refused: bool,
    #[serde(default)]
    pub paid: BTreeMap<String, Due>,
    #[serde(default)]
    pub settled_without_payment: BTreeMap<String, Due>,
    #[serde(default)]
    pub skipped: BTreeMap<String, Due>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    pub by_method: String,
    pub already_settled: String,
    pub to_pay: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedLedger {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub rows: BTreeMap<String, LedgerRow>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerRow {
    pub beginning: String,
    pub earned: String,
    pub clawbacks: String,
    pub adjustments: String,
    pub commissions: String,
    pub payments: String,
    pub ending: String,
}
