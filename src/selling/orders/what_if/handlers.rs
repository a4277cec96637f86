//! CRM > Orders > an order > What if?

use actix_web::{HttpResponse, web};
use anyhow::Context;

use super::forms::RulesForm;
use super::pages::WhatIfPage;
use crate::domain::ids::OrderId;
use crate::error::AppError;
use crate::selling::orders::queries::order_file;
use crate::web::App;
use crate::web::admin::Viewer;
use crate::web::forms::{Query, page, page_with_problems};

/// `GET /orders/{id}/what-if?choose=&method=&ip=&own=&coupon=`
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = OrderId(*id);
    let read = app.db.read(move |conn| {
        let file = order_file(conn, id)?;
        let mut file = file.ok_or_else(|| AppError::not_found(format!("order with the number {id}")))?;
        let first = file.credits.first().context("an order that was never credited")?;
        let then = first.story.why.rules;
        let form = RulesForm::read(&query, then);
        let (rules, problems) = match form.parse() {
            Ok(rules) => (Some(rules), None),
            Err(problems) => (None, Some(problems)),
        };
        let hypothesis = rules.map(|rules| super::suppose(conn, &mut file, rules)).transpose()?;
        Ok((file, form, then, hypothesis, problems))
    });
    let (file, form, then, hypothesis, problems) = read.await?;
    let is_sound = problems.is_none();
    let shown = WhatIfPage::new(&viewer, &file, form, then, hypothesis, problems.unwrap_or_default());
    if is_sound { page(&shown) } else { page_with_problems(&shown) }
}
