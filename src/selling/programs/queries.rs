//! The SQL of commission programs.

pub mod edit;
pub mod pages;

use super::ProgramTerms;
use crate::db::columns::ROWS_AT_ONCE;
use crate::domain::ids::{PartnerId, ProductId, ProgramId, ProgramVersionId, RuleId, UserId};
use crate::domain::money::Money;
use crate::domain::program::{AmountPer, Level, Payout, Percent, Program, Rate, Rates, Rule};
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Numeric, SmallInt, Text};
use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query};
use std::collections::HashMap;

#[derive(QueryableByName)]
struct ProgramRow {
    #[diesel(sql_type = BigInt)]
    id: ProgramId,
}

/// The programs of these names, in the order of the list, made where they are missing, and locked.
pub fn find_or_make(conn: &mut PgConnection, names: &[&str]) -> QueryResult<Vec<ProgramId>> {
    sql_query(
        "INSERT INTO programs (name)
         SELECT name FROM unnest($1) WITH ORDINALITY AS given (name, place) ORDER BY place
         ON CONFLICT (lower(name)) WHERE deleted_at IS NULL DO NOTHING",
    )
    .bind::<Array<Text>, _>(names)
    .execute(conn)?;
    sql_query(
        "SELECT FROM programs WHERE lower(name) IN (SELECT lower(unnest($1))) AND deleted_at IS NULL
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind::<Array<Text>, _>(names)
    .execute(conn)?;
    let found: Vec<ProgramRow> = sql_query(
        "SELECT id FROM unnest($1) WITH ORDINALITY AS given (name, place)
         JOIN programs ON lower(programs.name) = lower(given.name) AND deleted_at IS NULL ORDER BY place",
    )
    .bind::<Array<Text>, _>(names)
    .load(conn)?;
    if found.len() == names.len() {
        Ok(found.into_iter().map(|row| row.id).collect())
    } else {
        Err(Error::NotFound)
    }
}

/// Counts a save of these programs.
pub fn count_save(conn: &mut PgConnection, programs: &[ProgramId]) -> QueryResult<()> {
    sql_query("UPDATE programs SET version = version + 1 WHERE id = ANY ($1)")
        .bind::<Array<BigInt>, _>(programs)
        .execute(conn)?;
    Ok(())
}

/// Locks all programs against other saves.
pub fn lock_all(conn: &mut PgConnection) -> QueryResult<()> {
    sql_query("SELECT FROM programs ORDER BY id FOR NO KEY UPDATE").execute(conn)?;
    Ok(())
}

/// All programs' names.
pub fn names(conn: &mut PgConnection) -> QueryResult<HashMap<ProgramId, String>> {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = BigInt)]
        id: ProgramId,
        #[diesel(sql_type = Text)]
        name: String,
    }
    let named: Vec<Named> = sql_query("SELECT id, name FROM programs WHERE deleted_at IS NULL").load(conn)?;
    Ok(named.into_iter().map(|row| (row.id, row.name)).collect())
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = BigInt)]
    program_id: ProgramId,
    #[diesel(sql_type = BigInt)]
    id: ProgramVersionId,
    #[diesel(sql_type = Integer)]
    priority: i32,
    #[diesel(sql_type = Text)]
    payout: String,
    #[diesel(sql_type = Text)]
    amount_per: String,
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

/// The newest version of every program, with its rules and rates; by priority, then by age.
pub fn in_force(conn: &mut PgConnection) -> QueryResult<Vec<Program>> {
    let versions: Vec<VersionRow> = sql_query(
        "SELECT * FROM (SELECT DISTINCT ON (program_id) program_id, program_versions.id, priority, payout, amount_per
                        FROM program_versions JOIN programs ON programs.id = program_id
                        WHERE deleted_at IS NULL ORDER BY program_id, number DESC) AS newest
         ORDER BY priority, program_id",
    )
    .load(conn)?;
    with_rules(conn, versions)
}

/// These versions of programs, with their rules and rates, in the order of the list.
pub fn versions(conn: &mut PgConnection, ids: &[ProgramVersionId]) -> QueryResult<Vec<Program>> {
    let versions: Vec<VersionRow> = sql_query(
        "SELECT program_id, program_versions.id, priority, payout, amount_per
         FROM unnest($1) WITH ORDINALITY AS given (id, place) JOIN program_versions USING (id) ORDER BY place",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    with_rules(conn, versions)
}

fn with_rules(conn: &mut PgConnection, versions: Vec<VersionRow>) -> QueryResult<Vec<Program>> {
    let ids: Vec<ProgramVersionId> = versions.iter().map(|version| version.id).collect();
    let rates: Vec<RateRow> = sql_query(
        "SELECT program_version_id AS version_id, program_rules.id AS rule_id, product_id, level,
                lead_amount_minor, lead_percent, sale_amount_minor, sale_percent
         FROM program_rules
         LEFT JOIN program_rates ON rule_id = program_rules.id
         WHERE program_version_id = ANY ($1)
         ORDER BY program_rules.id, level",
    )
    .bind::<Array<BigInt>, _>(ids)
    .load(conn)?;
    let mut rules: HashMap<ProgramVersionId, Vec<Rule>> = HashMap::new();
    for of_rule in rates.chunk_by(|one, other| one.rule_id == other.rule_id) {
        if let Some(first) = of_rule.first() {
            let rule = Rule::new(first.rule_id, first.product_id, of_rule.iter().filter_map(RateRow::rates));
            rules.entry(first.version_id).or_default().push(rule);
        }
    }
    versions.into_iter().map(|version| program(version, &mut rules)).collect()
}

fn program(version: VersionRow, rules: &mut HashMap<ProgramVersionId, Vec<Rule>>) -> QueryResult<Program> {
    let unknown = |word: &str| Error::DeserializationError(format!("unknown word {word:?}").into());
    let of_program = rules.remove(&version.id).unwrap_or_default();
    let (default, products): (Vec<Rule>, Vec<Rule>) =
        of_program.into_iter().partition(|rule| rule.product.is_none());
    Ok(Program {
        id: version.program_id,
        version: version.id,
        priority: version.priority,
        payout: Payout::from_word(&version.payout).ok_or_else(|| unknown(&version.payout))?,
        amount_per: AmountPer::from_word(&version.amount_per).ok_or_else(|| unknown(&version.amount_per))?,
        default: default.into_iter().next(),
        products: products
            .into_iter()
            .filter_map(|rule| rule.product.map(|product| (product, rule)))
            .collect(),
    })
}

/// Adds a version to each of these programs, under the Referral Partner Defaults now in force.
pub fn add_versions(
    conn: &mut PgConnection,
    terms: &[(ProgramId, &ProgramTerms)],
    made_by: Option<UserId>,
) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        program_id: ProgramId,
        #[diesel(sql_type = BigInt)]
        id: ProgramVersionId,
    }
    let made: Vec<Made> = sql_query(
        "INSERT INTO program_versions (program_id, number, priority, payout, amount_per, levels, payout_lead, payout_sale,
                                       payout_amount, payout_percent, pay_if_unused, made_by)
         SELECT program_id, 1 + coalesce((SELECT max(number) FROM program_versions AS earlier
                                          WHERE earlier.program_id = given.program_id), 0),
                priority, payout, amount_per, levels, payout_lead, payout_sale, payout_amount, payout_percent,
                pay_if_unused, $5
         FROM unnest($1, $2, $3, $4) AS given (program_id, priority, payout, amount_per), defaults
         RETURNING program_id, id",
    )
    .bind::<Array<BigInt>, _>(terms.iter().map(|(program, _)| *program).collect::<Vec<_>>())
    .bind::<Array<Integer>, _>(terms.iter().map(|(_, terms)| terms.priority).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(terms.iter().map(|(_, terms)| terms.payout.word()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(terms.iter().map(|(_, terms)| terms.amount_per.word()).collect::<Vec<_>>())
    .bind::<Nullable<BigInt>, _>(made_by)
    .load(conn)?;
    let versions: HashMap<ProgramId, ProgramVersionId> =
        made.into_iter().map(|row| (row.program_id, row.id)).collect();
    let mut rules: Vec<NewRule> = Vec::new();
    for (program, terms) in terms {
        let version = *versions.get(program).ok_or(Error::NotFound)?;
        rules.extend(terms.rules.iter().map(|rule| NewRule {
            version,
            product: rule.product,
            rows: &rule.rows,
        }));
    }
    rules.chunks(ROWS_AT_ONCE / 4).try_for_each(|rules| add_rules(conn, rules))
}

struct NewRule<'a> {
    version: ProgramVersionId,
    product: Option<ProductId>,
    rows: &'a [(Level, Rates)],
}

fn add_rules(conn: &mut PgConnection, rules: &[NewRule]) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Made {
        #[diesel(sql_type = BigInt)]
        id: RuleId,
    }
    // Numbered, and returned, in the order of the list.
    let made: Vec<Made> = sql_query(
        "INSERT INTO program_rules (program_version_id, product_id)
         SELECT version_id, product_id FROM unnest($1, $2) WITH ORDINALITY AS given (version_id, product_id, place)
         ORDER BY place RETURNING id",
    )
    .bind::<Array<BigInt>, _>(rules.iter().map(|rule| rule.version).collect::<Vec<_>>())
    .bind::<Array<Nullable<BigInt>>, _>(rules.iter().map(|rule| rule.product).collect::<Vec<_>>())
    .load(conn)?;
    let rates: Vec<(RuleId, Level, Rates)> = made
        .iter()
        .zip(rules)
        .flat_map(|(made, rule)| rule.rows.iter().map(|(level, rates)| (made.id, *level, *rates)))
        .filter(|(_, _, rates)| *rates != Rates::default())
        .collect();
    sql_query(
        "INSERT INTO program_rates (rule_id, level, lead_amount_minor, lead_percent, sale_amount_minor, sale_percent)
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
    )
    .bind::<Array<BigInt>, _>(rates.iter().map(|(rule, ..)| *rule).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(rates.iter().map(|(_, level, _)| level.number()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rates.iter().map(|(.., rates)| rates.lead.amount).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(rates.iter().map(|(.., rates)| rates.lead.percent).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rates.iter().map(|(.., rates)| rates.sale.amount).collect::<Vec<_>>())
    .bind::<Array<Numeric>, _>(rates.iter().map(|(.., rates)| rates.sale.percent).collect::<Vec<_>>())
    .execute(conn)?;
    Ok(())
}

/// The programs in which each of these partners is enrolled.
pub fn enrolments(
    conn: &mut PgConnection,
    partners: &[PartnerId],
) -> QueryResult<HashMap<PartnerId, Vec<ProgramId>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        partner_id: PartnerId,
        #[diesel(sql_type = BigInt)]
        program_id: ProgramId,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT partner_id, program_id FROM enrolments WHERE partner_id = ANY ($1) ORDER BY partner_id, program_id",
    )
    .bind::<Array<BigInt>, _>(partners)
    .load(conn)?;
    let mut programs: HashMap<PartnerId, Vec<ProgramId>> = HashMap::new();
    for row in rows {
        programs.entry(row.partner_id).or_default().push(row.program_id);
    }
    Ok(programs)
}
