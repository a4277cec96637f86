//! Settings: *Referral Partner Defaults* (how partners are tracked and paid) and *Company*. Every
//! feature may read them; only the pages here and the demo write them. Who adds partners or changes
//! their codes asks [`equal_links`] first.

pub mod company;
pub mod defaults;
pub mod landing;
pub mod queries;
pub mod tracking;

pub use queries::{company, defaults, place, place_held};

use crate::domain::ids::PartnerId;
use crate::domain::link::{self, EqualLinks};
use crate::error::AppError;
use crate::web::AppState;
use diesel::PgConnection;

/// What partners' links begin with: the custom address of setting 6, where there is one, and the server's own, which
/// leads on all the same.
pub async fn link_bases(app: &AppState) -> Result<Vec<String>, AppError> {
    let (defaults, _) = app.db.read(defaults).await?;
    let all = [defaults.custom_link_url, app.public_url.clone()];
    Ok(all.into_iter().filter(|base| !base.is_empty()).collect())
}

/// Where these codes, given to these partners (none: a new one), would make two partners' links equal,
/// with any prefix that was ever in force (spec 2). In the transaction that writes the codes: until it
/// ends, no other prefix is saved.
pub fn equal_links(
    conn: &mut PgConnection,
    codes: &[(&str, Option<PartnerId>)],
) -> Result<Vec<EqualLinks>, AppError> {
    #[derive(PartialEq)]
    enum Owner {
        Known(PartnerId),
        New(usize),
    }
    queries::hold_defaults(conn)?;
    let prefixes = queries::code_prefixes(conn)?;
    if prefixes.is_empty() {
        return Ok(Vec::new());
    }
    let known = queries::partner_codes(conn)?;
    let known = known.iter().map(|(code, partner)| (code.as_str(), Owner::Known(*partner)));
    let new = codes
        .iter()
        .enumerate()
        .map(|(place, (code, partner))| (*code, partner.map_or(Owner::New(place), Owner::Known)));
    let all: Vec<(&str, Owner)> = known.chain(new).collect();
    let prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
    let mut equal = link::equal_links(&prefixes, &all);
    equal.retain(|equal| codes.iter().any(|(code, _)| equal.names(code)));
    Ok(equal)
}
