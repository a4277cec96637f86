//! The people, programs and settings of a scenario, made through the functions that the pages call.

use super::story::*;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use partnerbook::domain::ids::{AccountId, ContactId, PartnerId, PaymentId, ProductId, ProgramId};
use partnerbook::domain::money::{Currency, Money};
use partnerbook::domain::program::{AmountPer, Level, Payout, Percent, Rate, Rates};
use partnerbook::domain::settings::{Choose, TrackingMethod};
use partnerbook::error::AppError;
use partnerbook::people::contacts::{self, NewContact};
use partnerbook::people::partners::{self, NewPartner, PartnerStatus};
use partnerbook::running::audit::Who;
use partnerbook::running::settings::{self, queries as settings_queries};
use partnerbook::selling::products::{self, NewProduct};
use partnerbook::selling::programs::{self, ProgramTerms, TermsRule};
use std::collections::HashMap;

pub fn who() -> Who {
    Who::command_line("2026-01-01T00:00:00Z".parse().expect("an instant"))
}

pub fn change_settings(conn: &mut PgConnection, change: &Settings) -> Result<(), AppError> {
    let (mut defaults, _) = settings::defaults(conn)?;
    let (payout, tracking) = (&mut defaults.payout, &mut defaults.tracking);
    payout.levels = change.levels.unwrap_or(payout.levels);
    payout.lead = change.payout_lead.unwrap_or(payout.lead);
    payout.sale = change.payout_sale.unwrap_or(payout.sale);
    payout.amount = change.payout_amount.unwrap_or(payout.amount);
    payout.percent = change.payout_percent.unwrap_or(payout.percent);
    payout.pay_if_unused = change.pay_if_unused.unwrap_or(payout.pay_if_unused);
    tracking.use_ip_address = change.use_ip_address.unwrap_or(tracking.use_ip_address);
    tracking.credit_own_purchases = change.credit_own_purchases.unwrap_or(tracking.credit_own_purchases);
    if let Some(word) = &change.choose_partner {
        tracking.choose = Choose::from_word(word).expect("latest or first");
    }
    if let Some(word) = &change.tracking_method {
        tracking.method = TrackingMethod::from_word(word).expect("a tracking method");
    }
    settings_queries::save_defaults(conn, &defaults)
}

pub fn make_programs(
    conn: &mut PgConnection,
    story: &Story,
    currency: Currency,
) -> Result<HashMap<String, ProgramId>, AppError> {
    let codes = story.programs.iter().flat_map(|program| program.products.keys().map(String::as_str));
    let codes: Vec<&str> = codes.collect();
    let ids = product_ids(conn, codes.iter().copied())?;
    let products: HashMap<&str, ProductId> = codes.into_iter().zip(ids).collect();
    let terms: Vec<ProgramTerms> = story
        .programs
        .iter()
        .map(|program| {
            let default = program.default.iter().map(|rows| (None, rows));
            let own = program.products.iter().map(|(code, rows)| (Some(products[code.as_str()]), rows));
            ProgramTerms {
                name: program.name.clone(),
                priority: program.priority,
                payout: program
                    .payout_type
                    .as_deref()
                    .map_or(Payout::UpFront, |word| Payout::from_word(word).expect("a payout type")),
                amount_per: program
                    .amount_per
                    .as_deref()
                    .map_or(AmountPer::Unit, |word| AmountPer::from_word(word).expect("unit or order")),
                rules: default
                    .chain(own)
                    .map(|(product, rows)| TermsRule {
                        product,
                        rows: rows
                            .iter()
                            .map(|(level, row)| (level_of(level), rates(row, currency)))
                            .collect(),
                    })
                    .collect(),
            }
        })
        .collect();
    let ids = programs::save(conn, &terms, None)?;
    Ok(terms.into_iter().map(|terms| terms.name).zip(ids).collect())
}

pub fn make_partners(
    conn: &mut PgConnection,
    story: &Story,
    programs: &HashMap<String, ProgramId>,
) -> Result<HashMap<String, PartnerId>, AppError> {
    let new: Vec<NewPartner> = story
        .partners
        .iter()
        .map(|partner| NewPartner {
            code: partner.code.clone(),
            name: partner.name.clone(),
            email: partner.email.clone(),
            parent: None,
            status: partner
                .status
                .as_deref()
                .map_or(PartnerStatus::Active, |word| PartnerStatus::from_word(word).expect("a status")),
            track_leads_days: partner.track_leads_days,
            notify_on_lead: false,
            notify_on_sale: false,
            address: Default::default(),
        })
        .collect();
    let ids = partners::make(conn, &new)?;
    let made: HashMap<String, PartnerId> = new.into_iter().map(|partner| partner.code).zip(ids).collect();
    let parents = story.partners.iter().filter_map(|p| Some((made[&p.code], made[p.parent.as_ref()?])));
    partners::set_parents(conn, &parents.collect::<Vec<_>>())?;
    let enrolled =
        story.partners.iter().flat_map(|p| p.programs.iter().map(|name| (made[&p.code], programs[name])));
    partners::enrol(conn, &enrolled.collect::<Vec<_>>())?;
    Ok(made)
}

fn rates(row: &Row, currency: Currency) -> Rates {
    let rate = |amount: &Option<String>, percent: &Option<String>| Rate {
        amount: amount
            .as_deref()
            .map_or(Money::ZERO, |text| Money::parse(text, currency).expect("an amount")),
        percent: percent
            .as_deref()
            .map_or(Percent::ZERO, |text| Percent::new(text.parse().expect("a number")).expect("a percent")),
    };
    Rates { lead: rate(&row.lead_amount, &row.lead_percent), sale: rate(&row.sale_amount, &row.sale_percent) }
}

fn level_of(word: &str) -> Level {
    let number = if word == "unused" { 0 } else { word.parse().expect("a level") };
    Level::from_number(number).expect("a level")
}

pub fn contact_id(conn: &mut PgConnection, email: &str) -> Result<ContactId, AppError> {
    let contact = NewContact {
        external_id: None,
        email: Some(email.to_string()),
        name: String::new(),
        address: Default::default(),
    };
    Ok(contacts::find_or_make(conn, &[contact])?[0])
}

pub fn product_ids<'a>(
    conn: &mut PgConnection,
    codes: impl Iterator<Item = &'a str>,
) -> Result<Vec<ProductId>, AppError> {
    let named: Vec<NewProduct> =
        codes.map(|code| NewProduct { code: code.to_string(), name: String::new() }).collect();
    Ok(products::find_or_make(conn, &named)?.into_iter().map(|product| product.id).collect())
}

pub fn batch_number(
    conn: &mut PgConnection,
    batch_id: &str,
) -> Result<partnerbook::domain::ids::PaymentBatchId, AppError> {
    let row: partnerbook::db::columns::Number =
        sql_query("SELECT id AS value FROM payment_batches WHERE batch_id = $1")
            .bind::<Text, _>(batch_id)
            .get_result(conn)?;
    Ok(partnerbook::domain::ids::PaymentBatchId(row.value))
}

pub fn payment_in(
    conn: &mut PgConnection,
    batch_id: &str,
    account: AccountId,
) -> Result<PaymentId, AppError> {
    let row: Option<partnerbook::db::columns::Number> = sql_query(
        "SELECT p.id AS value FROM payments p JOIN payment_batches b ON b.id = p.payment_batch_id
          WHERE b.batch_id = $1 AND p.account_id = $2",
    )
    .bind::<Text, _>(batch_id)
    .bind::<BigInt, _>(account)
    .get_result(conn)
    .optional()?;
    let row = row.ok_or_else(|| AppError::refused("the batch did not pay this partner"))?;
    Ok(PaymentId(row.value))
}
