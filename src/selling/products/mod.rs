//! Products: what is sold. Orders make the products that they name, by [`find_or_make`].

pub mod handlers;
pub mod pages;
pub(crate) mod queries;
pub mod record;

use crate::domain::ids::ProductId;
use crate::error::AppError;
use diesel::PgConnection;
use std::collections::HashMap;

/// A product that something names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProduct {
    /// Compared exactly: `85123A` is not `85123a` (spec 9).
    pub code: String,
    /// Empty where it is not known.
    pub name: String,
}

/// What a sale needs to know of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    /// False: earns nothing, whatever the program (spec 4.2).
    pub commissionable: bool,
}

/// Finds the products of these codes, and makes those that are not known yet; the result has the
/// order of the list. A product without a name gets the first one that is given here.
pub fn find_or_make(conn: &mut PgConnection, named: &[NewProduct]) -> Result<Vec<Product>, AppError> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut distinct: Vec<(&str, &str)> = Vec::new();
    let mut place_of = Vec::with_capacity(named.len());
    for product in named {
        let place = *places.entry(&product.code).or_insert_with(|| {
            distinct.push((&product.code, ""));
            distinct.len() - 1
        });
        if distinct[place].1.is_empty() {
            distinct[place].1 = &product.name;
        }
        place_of.push(place);
    }
    // Whoever makes products makes them in the same order, so that two who make the same ones at once wait
    // for each other and never in a circle.
    let mut order: Vec<usize> = (0..distinct.len()).collect();
    order.sort_unstable_by_key(|place| distinct[*place].0);
    let sorted: Vec<(&str, &str)> = order.iter().map(|place| distinct[*place]).collect();
    let mut products = queries::find_or_make(conn, &sorted)?.into_iter().zip(order).collect::<Vec<_>>();
    products.sort_unstable_by_key(|(_, place)| *place);
    Ok(place_of.into_iter().map(|place| products[place].0).collect())
}
