//! What partners' programs said at a moment, so that an order can tell why a line or a level of it
//! earned nothing: rows that do not exist name no rule.

use crate::domain::ids::{PartnerId, ProductId, ProgramId, ProgramVersionId, RuleId};
use crate::domain::money::Money;
use crate::domain::program::{AmountPer, Level, Payout, Percent, Program, Rate, Rates, Rule};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Numeric, SmallInt, Text, Timestamptz};
use std::collections::HashMap;

/// Programs as they stood, with the rules that matter to one order's products.
#[derive(Debug, Default)]
pub struct Terms {
    pub programs: HashMap<ProgramVersionId, ProgramThen>,
    /// The versions that were in force for each partner, of the programs in which it was enrolled.
    pub enrolled: HashMap<PartnerId, Vec<ProgramVersionId>>,
}

/// One version of a program.
#[derive(Debug)]
pub struct ProgramThen {
    pub name: String,
    /// Counted from 1 for each program.
    pub number: i32,
    pub program: Program,
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    partner_id: Option<PartnerId>,
    #[diesel(sql_type = BigInt)]
    id: ProgramVersionId,
    #[diesel(sql_type = BigInt)]
    program_id: ProgramId,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Integer)]
    priority: i32,
    #[diesel(sql_type = Text)]
    payout: Payout,
    #[diesel(sql_type = Text)]
    amount_per: AmountPer,
}

#[derive(QueryableByName)]
struct RateRow {
    #[diesel(sql_type = BigInt)]
    version_id: ProgramVersionId,
    #[diesel(sql_type = BigInt)]
    rule_id: RuleId,
    #[diesel(sql_type = Nullable<BigInt>)]
    product_id: Option<ProductId>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    level: Option<i16>,
    #[diesel(sql_type = Nullable<BigInt>)]
    lead_amount_minor: Option<Money>,
    #[diesel(sql_type = Nullable<Numeric>)]
    lead_percent: Option<Percent>,
    #[diesel(sql_type = Nullable<BigInt>)]
    sale_amount_minor: Option<Money>,
    #[diesel(sql_type = Nullable<Numeric>)]
    sale_percent: Option<Percent>,
}

/// What the programs of these partners said of these products at that moment, and the versions that
/// the order used beside them. Who has left a program since is not known to have been in it.
pub fn terms_then(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    products: &[ProductId],
    used: &[ProgramVersionId],
    at: DateTime<Utc>,
) -> QueryResult<Terms> {
    let mut terms = Terms::default();
    for row in versions_then(conn, partners, used, at)? {
        if let Some(partner) = row.partner_id {
            terms.enrolled.entry(partner).or_default().push(row.id);
        }
        terms.programs.entry(row.id).or_insert_with(|| row.program());
    }
    let versions: Vec<ProgramVersionId> = terms.programs.keys().copied().collect();
    let rates = rates(conn, &versions, products)?;
    for of_rule in rates.chunk_by(|one, other| one.rule_id == other.rule_id) {
        let Some(first) = of_rule.first() else { continue };
        let Some(then) = terms.programs.get_mut(&first.version_id) else { continue };
        let rule = Rule::new(first.rule_id, first.product_id, of_rule.iter().filter_map(RateRow::rates));
        match first.product_id {
            Some(product) => drop(then.program.products.insert(product, rule)),
            None => then.program.default = Some(rule),
        }
    }
    Ok(terms)
}

fn versions_then(
    conn: &mut PgConnection,
    partners: &[PartnerId],
    used: &[ProgramVersionId],
    at: DateTime<Utc>,
) -> QueryResult<Vec<VersionRow>> {
    sql_query(
        "SELECT e.partner_id, v.id, v.program_id, p.name, v.number, v.priority, v.payout, v.amount_per
           FROM enrolments e
           JOIN programs p ON p.id = e.program_id
           JOIN LATERAL (SELECT * FROM program_versions WHERE program_id = e.program_id AND made_at <= $3
                          ORDER BY number DESC LIMIT 1) v ON true
          WHERE e.partner_id = ANY ($1) AND e.enrolled_at <= $3
         UNION
         SELECT NULL, v.id, v.program_id, p.name, v.number, v.priority, v.payout, v.amount_per
           FROM program_versions v JOIN programs p ON p.id = v.program_id WHERE v.id = ANY ($2)",
    )
    .bind::<Array<BigInt>, _>(partners)
    .bind::<Array<BigInt>, _>(used)
    .bind::<Timestamptz, _>(at)
    .load(conn)
}

fn rates(
    conn: &mut PgConnection,
    versions: &[ProgramVersionId],
    products: &[ProductId],
) -> QueryResult<Vec<RateRow>> {
    sql_query(
        "SELECT r.program_version_id AS version_id, r.id AS rule_id, r.product_id, t.level,
                t.lead_amount_minor, t.lead_percent, t.sale_amount_minor, t.sale_percent
           FROM program_rules r LEFT JOIN program_rates t ON t.rule_id = r.id
          WHERE r.program_version_id = ANY ($1) AND (r.product_id IS NULL OR r.product_id = ANY ($2))
          ORDER BY r.id",
    )
    .bind::<Array<BigInt>, _>(versions)
    .bind::<Array<BigInt>, _>(products)
    .load(conn)
}

impl VersionRow {
    fn program(&self) -> ProgramThen {
        ProgramThen {
            name: self.name.clone(),
            number: self.number,
            program: Program {
                id: self.program_id,
                version: self.id,
                priority: self.priority,
                payout: self.payout,
                amount_per: self.amount_per,
                default: None,
                products: HashMap::new(),
            },
        }
    }
}

impl RateRow {
    /// None: the rule has no row at all.
    fn rates(&self) -> Option<(Level, Rates)> {
        let level = Level::from_number(self.level?)?;
        let rate = |amount: Option<Money>, percent: Option<Percent>| Rate {
            amount: amount.unwrap_or_default(),
            percent: percent.unwrap_or_default(),
        };
        let lead = rate(self.lead_amount_minor, self.lead_percent);
        let sale = rate(self.sale_amount_minor, self.sale_percent);
        Some((level, Rates { lead, sale }))
    }
}
