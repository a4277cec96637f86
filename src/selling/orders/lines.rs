//! Lines that name their products by code, as people type them and other systems send them, become lines of an
//! order: products are found or made, figures are held to their limits.

use super::NewLine;
use super::queries::by_hand as queries;
use crate::domain::commission::{self, SoldLine};
use crate::domain::ids::ProductId;
use crate::domain::money::{Currency, Money, round};
use crate::error::AppError;
use crate::selling::products::{self, NewProduct};
use diesel::PgConnection;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// A line that makes sense by itself.
#[derive(Debug, Clone)]
pub struct NamedLine {
    /// Its code.
    pub product: String,
    /// What the line calls it; may be empty.
    pub description: String,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub discount: Money,
    pub commissionable: bool,
}

/// What those products are called that there are, by code.
pub fn known_products(
    conn: &mut PgConnection,
    lines: &[NamedLine],
) -> Result<HashMap<String, String>, AppError> {
    let codes: Vec<String> = lines.iter().map(|line| line.product.clone()).collect();
    Ok(queries::products(conn, &codes)?)
}

/// The lines with their products, found or made.
pub fn with_products(
    conn: &mut PgConnection,
    lines: &[NamedLine],
    known: &HashMap<String, String>,
) -> Result<Vec<NewLine>, AppError> {
    let names = names(lines, known);
    let products = find_products(conn, &names)?;
    lines.iter().map(|line| line_of(line, &products, &names)).collect()
}

/// Whether a line or the whole comes to more than can be kept.
pub fn are_too_large(lines: &[NamedLine], shipping: Money, tax: Money, currency: Currency) -> bool {
    let sold: Vec<SoldLine> = lines
        .iter()
        .map(|line| SoldLine {
            product: ProductId(0),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            commissionable: true,
        })
        .collect();
    let bases = sold.iter().map(|line| commission::base(line, currency));
    let total = commission::order_total(&sold, shipping, tax, currency);
    bases.chain([total]).any(|amount| round(&amount, currency).is_err())
}

/// What each product is called: as it is known, or else as it is first described here.
fn names<'a>(lines: &'a [NamedLine], known: &'a HashMap<String, String>) -> BTreeMap<&'a str, &'a str> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for line in lines {
        let known = known.get(&line.product).map_or("", String::as_str);
        let name = names.entry(&line.product).or_insert(known);
        if name.is_empty() {
            *name = &line.description;
        }
    }
    names
}

/// Always in the same order, so that two orders that make the same products wait for each other
/// instead of crossing.
fn find_products<'a>(
    conn: &mut PgConnection,
    names: &BTreeMap<&'a str, &'a str>,
) -> Result<HashMap<&'a str, ProductId>, AppError> {
    let named =
        names.iter().map(|(code, name)| NewProduct { code: code.to_string(), name: name.to_string() });
    let found = products::find_or_make(conn, &named.collect::<Vec<_>>())?;
    Ok(names.keys().copied().zip(found.into_iter().map(|product| product.id)).collect())
}

fn line_of(
    line: &NamedLine,
    products: &HashMap<&str, ProductId>,
    names: &BTreeMap<&str, &str>,
) -> Result<NewLine, AppError> {
    let product = products.get(line.product.as_str()).copied();
    let is_its_name = names.get(line.product.as_str()).is_some_and(|name| *name == line.description);
    Ok(NewLine {
        product: product.ok_or_else(|| AppError::not_found(format!("product {}", line.product)))?,
        description: Some(line.description.clone()).filter(|text| !text.is_empty() && !is_its_name),
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount: line.discount,
        commissionable: line.commissionable,
    })
}
