//! What entries are about: the sale, the payment, the words, and whether they are settled.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Numeric, SmallInt, Text};
use rust_decimal::Decimal;

use crate::domain::ids::{EntryId, OrderId, PaymentBatchId, PaymentId};
use crate::domain::money::Money;
use crate::domain::payment::PayType;
use crate::domain::program::{Percent, Role};
use crate::web::paths;

/// All that is known of one entry.
#[derive(Debug, Default)]
pub struct Detail {
    /// Of commissions and clawbacks that an order made.
    pub sale: Option<Sale>,
    /// Of payments, and of voids the payment that they take back.
    pub payment: Option<Paid>,
    /// Of adjustments and entries from another system.
    pub words: Option<Words>,
    pub state: Option<State>,
}

/// The sale behind a commission or clawback, and the event that made the entry.
#[derive(Debug, Clone, QueryableByName)]
pub struct Sale {
    #[diesel(sql_type = BigInt)]
    pub entry_id: EntryId,
    #[diesel(sql_type = BigInt)]
    pub order: OrderId,
    #[diesel(sql_type = Text)]
    pub order_number: String,
    /// X: what the whole order came to.
    #[diesel(sql_type = Numeric)]
    pub order_total: Decimal,
    #[diesel(sql_type = Nullable<Text>)]
    pub contact: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub sold_by: Option<String>,
    #[diesel(sql_type = Text)]
    pub program: String,
    /// None for a once-per-order amount.
    #[diesel(sql_type = Nullable<Text>)]
    pub item: Option<String>,
    #[diesel(sql_type = Nullable<Numeric>)]
    pub unit_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub discount: Option<Money>,
    #[diesel(sql_type = Text)]
    pub role: Role,
    #[diesel(sql_type = SmallInt)]
    pub level: i16,
    #[diesel(sql_type = Numeric)]
    pub quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    pub percent: Percent,
    #[diesel(sql_type = BigInt)]
    pub amount: Money,
    #[diesel(sql_type = Text)]
    pub event: String,
    #[diesel(sql_type = BigInt)]
    pub event_amount: Money,
    /// How much of the line the event gave back.
    #[diesel(sql_type = Nullable<Numeric>)]
    pub returned: Option<Decimal>,
    #[diesel(sql_type = Bool)]
    pub names_lines: bool,
}

/// A payment, or for a void the payment that it takes back.
#[derive(Debug, Clone, QueryableByName)]
pub struct Paid {
    #[diesel(sql_type = BigInt)]
    entry_id: EntryId,
    #[diesel(sql_type = BigInt)]
    pub payment: PaymentId,
    #[diesel(sql_type = Text)]
    pub pay_type: PayType,
    #[diesel(sql_type = Date)]
    pub paid_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub note: String,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    batch: Option<PaymentBatchId>,
    #[diesel(sql_type = Nullable<Text>)]
    batch_id: Option<String>,
    /// When it was voided, if it was.
    #[diesel(sql_type = Nullable<Date>)]
    pub voided_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub void_reason: Option<String>,
    /// Who recorded this entry.
    #[diesel(sql_type = Nullable<Text>)]
    pub made_by: Option<String>,
}

/// What an adjustment or an entry from another system says of itself.
#[derive(Debug, Clone, QueryableByName)]
pub struct Words {
    #[diesel(sql_type = BigInt)]
    entry_id: EntryId,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Bool)]
    pub opening: bool,
    #[diesel(sql_type = Bool)]
    pub imported: bool,
    #[diesel(sql_type = Nullable<Text>)]
    pub made_by: Option<String>,
}

/// Whether an entry is open, and which payment has settled it.
#[derive(Debug, Clone, QueryableByName)]
pub struct State {
    #[diesel(sql_type = BigInt)]
    entry_id: EntryId,
    #[diesel(sql_type = Bool)]
    pub open: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub settled_by: Option<PaymentId>,
    #[diesel(sql_type = Nullable<Date>)]
    pub paid_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<BigInt>)]
    batch: Option<PaymentBatchId>,
    #[diesel(sql_type = Nullable<Text>)]
    batch_id: Option<String>,
}

#[cfg(test)]
impl Sale {
    /// A line of an order that was placed, for tests to change what they are about.
    pub fn example(quantity: Decimal, unit_price: Decimal, percent: Percent) -> Sale {
        Sale {
            entry_id: EntryId(1),
            order: OrderId(1),
            order_number: "10421".into(),
            order_total: unit_price,
            contact: None,
            sold_by: None,
            program: "Standard".into(),
            item: Some("Drip Kettle".into()),
            unit_price: Some(unit_price),
            discount: Some(Money::ZERO),
            role: Role::Sale,
            level: 1,
            quantity,
            percent,
            amount: Money::ZERO,
            event: "placed".into(),
            event_amount: Money::ZERO,
            returned: None,
            names_lines: false,
        }
    }
}

impl Paid {
    /// The batch that it is part of: our number for it, and its Batch Id.
    pub fn batch(&self) -> Option<(PaymentBatchId, &str)> {
        self.batch.zip(self.batch_id.as_deref())
    }

    /// The page of that batch, and its Batch Id.
    pub fn batch_link(&self) -> Option<(String, &str)> {
        self.batch().map(|(batch, batch_id)| (paths::payment_batch(batch), batch_id))
    }

    /// The payment's page.
    pub fn path(&self) -> String {
        paths::payment(self.payment)
    }
}

impl Sale {
    /// The order's page.
    pub fn path(&self) -> String {
        paths::order(self.order)
    }
}

impl State {
    /// The batch whose payment has settled it.
    pub fn batch(&self) -> Option<(PaymentBatchId, &str)> {
        self.batch.zip(self.batch_id.as_deref())
    }
}

/// What these entries are about.
pub fn details(conn: &mut PgConnection, entries: &[EntryId]) -> QueryResult<HashMap<EntryId, Detail>> {
    let mut details: HashMap<EntryId, Detail> = HashMap::with_capacity(entries.len());
    for sale in sales(conn, entries)? {
        let detail = details.entry(sale.entry_id).or_default();
        detail.sale = Some(sale);
    }
    for payment in payments(conn, entries)? {
        let detail = details.entry(payment.entry_id).or_default();
        detail.payment = Some(payment);
    }
    for words in words(conn, entries)? {
        let detail = details.entry(words.entry_id).or_default();
        detail.words = Some(words);
    }
    for state in states(conn, entries)? {
        let detail = details.entry(state.entry_id).or_default();
        detail.state = Some(state);
    }
    Ok(details)
}

fn sales(conn: &mut PgConnection, entries: &[EntryId]) -> QueryResult<Vec<Sale>> {
    sql_query(
        "SELECT e.id AS entry_id, o.id AS \"order\", o.number AS order_number, o.total AS order_total, coalesce(nullif(oc.name, ''), oc.email, oc.external_id) AS contact,
                sc.name AS sold_by, pg.name AS program, coalesce(nullif(l.description, ''), nullif(pr.name, ''), pr.code) AS item,
                l.unit_price, l.discount_minor AS discount, r.role, r.level, r.quantity, r.percent,
                r.amount_minor AS amount, ev.kind AS event, ev.amount_minor AS event_amount, rl.quantity AS returned, ev.names_lines
           FROM entries e
           JOIN commission_rows r ON r.id = e.commission_row_id
           JOIN program_versions pv ON pv.id = r.program_version_id
           JOIN programs pg ON pg.id = pv.program_id
           JOIN order_credits cr ON cr.id = r.order_credit_id
           JOIN order_events ev ON ev.id = e.order_event_id
           JOIN orders o ON o.id = ev.order_id
           LEFT JOIN contacts oc ON oc.id = o.contact_id
           LEFT JOIN partners sp ON sp.id = cr.sale_partner_id
           LEFT JOIN contacts sc ON sc.id = sp.contact_id
           LEFT JOIN order_lines l ON l.id = r.order_line_id
           LEFT JOIN products pr ON pr.id = l.product_id
           LEFT JOIN returned_lines rl ON rl.order_event_id = ev.id AND rl.order_line_id = r.order_line_id
          WHERE e.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(entries)
    .load(conn)
}

fn payments(conn: &mut PgConnection, entries: &[EntryId]) -> QueryResult<Vec<Paid>> {
    sql_query(
        "SELECT e.id AS entry_id, p.id AS payment, p.pay_type, p.paid_on, p.note, p.reference, p.payment_batch_id AS batch, b.batch_id,
                v.voided_on, v.reason AS void_reason, u.name AS made_by
           FROM entries e
           JOIN payments p ON p.entry_id = coalesce(e.voids_entry_id, e.id)
           LEFT JOIN payment_batches b ON b.id = p.payment_batch_id
           LEFT JOIN voids v ON v.payment_id = p.id
           LEFT JOIN users u ON u.id = CASE e.kind WHEN 'void' THEN v.made_by ELSE p.made_by END
          WHERE e.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(entries)
    .load(conn)
}

fn words(conn: &mut PgConnection, entries: &[EntryId]) -> QueryResult<Vec<Words>> {
    sql_query(
        "SELECT d.entry_id, d.reason, d.reference, d.opening, d.import_key IS NOT NULL AS imported, u.name AS made_by
           FROM entry_details d LEFT JOIN users u ON u.id = d.made_by WHERE d.entry_id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(entries)
    .load(conn)
}

fn states(conn: &mut PgConnection, entries: &[EntryId]) -> QueryResult<Vec<State>> {
    sql_query(
        "SELECT e.id AS entry_id, EXISTS (SELECT FROM open_entries o WHERE o.entry_id = e.id) AS open,
                p.id AS settled_by, p.paid_on, b.id AS batch, b.batch_id
           FROM entries e
           LEFT JOIN settlements s ON s.entry_id = e.id AND NOT EXISTS (SELECT FROM releases r WHERE r.settlement_id = s.id)
           LEFT JOIN payments p ON p.id = s.payment_id
           LEFT JOIN payment_batches b ON b.id = p.payment_batch_id
          WHERE e.id = ANY ($1)",
    )
    .bind::<Array<BigInt>, _>(entries)
    .load(conn)
}
