//! `programs`: program, priority, payout_type, amount_per, product_code, level and its rates. A row
//! is one level of one rule; the rows of a program together are all that it pays.

use super::Task;
use super::cells::{PRODUCT_CODE, SHORT};
use super::report::RowError;
use super::table::{Column, Place, Row, Table};
use crate::domain::ids::{ProductId, ProgramId, ProgramVersionId};
use crate::domain::money::{Currency, Money};
use crate::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use crate::error::AppError;
use crate::selling::products::{self, NewProduct};
use crate::selling::programs::{self, ProgramTerms, TermsRule};
use diesel::PgConnection;
use std::collections::{HashMap, HashSet};

pub(super) const COLUMNS: &[Column] = &[
    Column::required("program", &[], "The program's name. Its rows together are all that it pays."),
    Column::optional("priority", &[], "1 comes first; where it is empty, 1."),
    Column::optional("payout_type", &["payout"], "up_front (where it is empty) or on_payment."),
    Column::optional(
        "amount_per",
        &[],
        "unit (where it is empty) or order: what a fixed amount is paid for.",
    ),
    Column::optional(
        "product_code",
        &["product", "StockCode", "SKU"],
        "The product that the rule is for; empty: all others.",
    ),
    Column::required("level", &[], "1, 2, 3 or unused."),
    Column::optional("sale_percent", &[], "Of the sale, to the selling partner's side: 12.5"),
    Column::optional("sale_amount", &[], "A fixed amount for the sale."),
    Column::optional("lead_percent", &[], "Of the sale, for the lead."),
    Column::optional("lead_amount", &[], "A fixed amount for the lead."),
];

const PAYOUTS: &[(&str, Payout)] = &[
    ("up_front", Payout::UpFront),
    ("on_payment", Payout::OnPayment),
    ("Up-front credit in full", Payout::UpFront),
    ("Credit on customer payment", Payout::OnPayment),
];
const AMOUNTS_PER: &[(&str, AmountPer)] = &[("unit", AmountPer::Unit), ("order", AmountPer::Order)];
const LEVELS: &[(&str, Level)] =
    &[("1", Level::One), ("2", Level::Two), ("3", Level::Three), ("unused", Level::Unused)];

/// The priority of a program whose rows say none: programs stand one behind the other by age.
const PRIORITY: i32 = 1;

/// A program as its rows have it. What they say of the program as a whole they say with one voice.
struct Draft {
    name: String,
    priority: Option<Said<i32>>,
    payout: Option<Said<Payout>>,
    amount_per: Option<Said<AmountPer>>,
    /// Rates by product code (empty = the default) and level, with the row that says so.
    rates: Vec<(String, Level, Rates, u64)>,
}

/// A value, and the row that gave it first.
#[derive(Clone, Copy)]
struct Said<T>(T, u64);

/// Where the columns stand.
struct Places {
    program: Place,
    priority: Place,
    payout: Place,
    amount_per: Place,
    product: Place,
    level: Place,
    /// Amount and percent.
    lead: [Place; 2],
    sale: [Place; 2],
}

/// Makes programs, and gives known ones that pay otherwise a new dated version.
pub fn import(conn: &mut PgConnection, task: &mut Task) -> Result<(), AppError> {
    let drafts = read(task);
    if !task.goes_on() {
        return Ok(());
    }
    let codes: Vec<NewProduct> = drafts
        .iter()
        .flat_map(|draft| draft.rates.iter().map(|(code, ..)| code))
        .filter(|code| !code.is_empty())
        .map(|code| NewProduct { code: code.clone(), name: String::new() })
        .collect();
    let made = products::find_or_make(conn, &codes)?;
    let products: HashMap<&str, ProductId> =
        codes.iter().zip(made).map(|(product, made)| (product.code.as_str(), made.id)).collect();
    let terms: Vec<ProgramTerms> = drafts.iter().map(|draft| draft.terms(&products)).collect();
    let before = versions(conn)?;
    programs::save(conn, &terms, task.import.who.user_id)?;
    let after = versions(conn)?;
    task.report.recorded =
        after.iter().filter(|(program, version)| before.get(program) != Some(version)).count();
    task.report.already_there = terms.len() - task.report.recorded;
    Ok(())
}

fn versions(conn: &mut PgConnection) -> Result<HashMap<ProgramId, ProgramVersionId>, AppError> {
    Ok(programs::in_force(conn)?.into_iter().map(|program| (program.id, program.version)).collect())
}

impl Draft {
    fn terms(&self, products: &HashMap<&str, ProductId>) -> ProgramTerms {
        let mut rules: Vec<TermsRule> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (code, level, rates, _) in &self.rates {
            let place = *places.entry(code).or_insert_with(|| {
                rules.push(TermsRule { product: products.get(code.as_str()).copied(), rows: Vec::new() });
                rules.len() - 1
            });
            rules[place].rows.push((*level, *rates));
        }
        ProgramTerms {
            name: self.name.clone(),
            priority: self.priority.map_or(PRIORITY, |said| said.0),
            payout: self.payout.map_or(Payout::UpFront, |said| said.0),
            amount_per: self.amount_per.map_or(AmountPer::Unit, |said| said.0),
            rules,
        }
    }
}

fn read(task: &mut Task) -> Vec<Draft> {
    let (currency, report) = (task.place.currency, &mut task.report);
    let mut drafts: Vec<Draft> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut spoiled: HashSet<String> = HashSet::new();
    let Some(mut table) = Table::open(task.import, COLUMNS, report) else { return drafts };
    let places = Places {
        program: table.place("program"),
        priority: table.place("priority"),
        payout: table.place("payout_type"),
        amount_per: table.place("amount_per"),
        product: table.place("product_code"),
        level: table.place("level"),
        lead: [table.place("lead_amount"), table.place("lead_percent")],
        sale: [table.place("sale_amount"), table.place("sale_percent")],
    };
    while let Some(row) = table.next_row(report) {
        let values = (
            report.check(row.required(places.program, SHORT)),
            report.check(row.whole(places.priority, 1, 9999)),
            report.check(said(&row, places.payout, PAYOUTS)),
            report.check(said(&row, places.amount_per, AMOUNTS_PER)),
            report.check(row.text(places.product, PRODUCT_CODE)),
            report.check(level(&row, places.level)),
            report.check(rate(&row, places.lead, currency)),
            report.check(rate(&row, places.sale, currency)),
        );
        let (
            Some(name),
            Some(priority),
            Some(payout),
            Some(amount_per),
            Some(code),
            Some(level),
            Some(lead),
            Some(sale),
        ) = values
        else {
            spoiled.extend(values.0.map(str::to_lowercase));
            continue;
        };
        let at = *known.entry(name.to_lowercase()).or_insert_with(|| {
            let name = name.to_string();
            drafts.push(Draft { name, priority: None, payout: None, amount_per: None, rates: Vec::new() });
            drafts.len() - 1
        });
        let draft = &mut drafts[at];
        report.check(agree(&row, places.priority, &mut draft.priority, priority));
        report.check(agree(&row, places.payout, &mut draft.payout, payout));
        report.check(agree(&row, places.amount_per, &mut draft.amount_per, amount_per));
        let twice = draft.rates.iter().find(|(other, at, ..)| other == code && *at == level);
        if let Some((.., first)) = twice {
            report.error(row.error(places.level, format!("of this rule stands in row {first} already")));
        }
        draft.rates.push((code.to_string(), level, Rates { lead, sale }, row.number));
    }
    // A program goes in whole or not at all: half of its rules would pay something that nobody meant.
    drafts.retain(|draft| {
        let bad = draft.rates.iter().filter(|(.., row)| report.is_bad(*row)).count();
        let whole = bad == 0 && !spoiled.contains(&draft.name.to_lowercase());
        report.left_out += if whole { 0 } else { draft.rates.len() - bad };
        whole
    });
    drafts
}

fn said<T: Copy>(row: &Row, place: Place, words: &[(&str, T)]) -> Result<Option<T>, RowError> {
    if row.is_empty(place) { Ok(None) } else { row.word(place, words).map(Some) }
}

/// Takes what a row says of its program, unless an earlier row says otherwise.
fn agree<T: Copy + PartialEq>(
    row: &Row,
    place: Place,
    so_far: &mut Option<Said<T>>,
    value: Option<T>,
) -> Result<(), RowError> {
    match (*so_far, value) {
        (Some(Said(known, first)), Some(value)) if known != value => {
            Err(row.error(place, format!("is not what row {first} says of the same program")))
        }
        (None, Some(value)) => {
            *so_far = Some(Said(value, row.number));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn level(row: &Row, place: Place) -> Result<Level, RowError> {
    said(row, place, LEVELS)?.ok_or_else(|| row.error(place, "is missing: write 1, 2, 3 or unused"))
}

fn rate(row: &Row, [amount, percent]: [Place; 2], currency: Currency) -> Result<Rate, RowError> {
    let flat = row.money(amount, currency)?.unwrap_or(Money::ZERO);
    if flat.is_negative() {
        return Err(row.error(amount, "is below zero"));
    }
    if row.is_empty(percent) {
        return Ok(Rate { amount: flat, percent: Percent::ZERO });
    }
    let value = row.decimal(percent, 3, i64::MAX)?;
    let percent =
        Percent::new(value).ok_or_else(|| row.error(percent, "is not between 0 and 100 percent"))?;
    Ok(Rate { amount: flat, percent })
}
