//! The button *What would it have paid?* of a program's form.

use super::{Question, Sums, Trial, queries};
use crate::domain::ids::{PartnerId, ProgramId};
use crate::error::AppError;
use crate::people::names::Person;
use crate::selling::programs::forms::{ProgramForm, read_trial_period};
use crate::selling::programs::handlers::load;
use crate::selling::programs::pages::{EditPage, Figures, TrialOrder, TrialPartner, TrialView};
use crate::web::admin::Administrator;
use crate::web::forms::{FormData, Problems, page, page_with_problems};
use crate::web::{App, paths};
use actix_web::HttpResponse;
use std::cmp::Reverse;
use std::collections::HashMap;

/// How many partners and orders are shown: those with the greatest differences.
const SHOWN: usize = 25;

/// `POST /program-trials`: shows the form again as it was sent, and what it would have paid. Nothing is
/// saved.
pub async fn create(admin: Administrator, app: App, sent: FormData) -> Result<HttpResponse, AppError> {
    let form = ProgramForm::read(&sent);
    let program = sent.id("program", ProgramId);
    let subject = load(&app, program, &form).await?;
    let again =
        |problems| page_with_problems(&EditPage::new(&admin, subject.clone(), form.clone(), problems));
    let (terms, partners) = match form.parse(&subject.facts, admin.company.format().currency) {
        Ok(parsed) => parsed,
        Err(problems) => return again(problems),
    };
    let Some(period) = read_trial_period(&form.trial) else {
        return again(Problems::one("trial", "Choose a month or a quarter with orders."));
    };
    let question = Question { program, terms, partners, period };
    let read = app.db.read(move |conn| {
        let Some(trial) = super::run(conn, &question)? else { return Ok(None) };
        let shown = by_difference(&trial);
        let people = queries::people(conn, &shown)?;
        Ok(Some((trial, shown, people)))
    });
    let Some((trial, shown, people)) = read.await? else {
        return again(Problems::one(
            "trial",
            "There are too many orders in this time to try: choose a month.",
        ));
    };
    let view = view(trial, &shown, &people, admin.company.format().period(&period));
    page(&EditPage::new(&admin, subject, form, Problems::none()).with_trial(view))
}

/// The partners whose sums differ, the greatest difference first.
fn by_difference(trial: &Trial) -> Vec<PartnerId> {
    let mut partners: Vec<(PartnerId, Sums)> =
        trial.by_partner.iter().map(|(partner, sums)| (*partner, *sums)).collect();
    partners.retain(|(_, sums)| !sums.difference().is_zero());
    partners.sort_by_key(|(partner, sums)| (Reverse(sums.difference().minor().abs()), *partner));
    partners.into_iter().map(|(partner, _)| partner).take(SHOWN).collect()
}

fn view(
    trial: Trial,
    shown: &[PartnerId],
    people: &HashMap<PartnerId, (Person, String)>,
    period: String,
) -> TrialView {
    let figures = |sums: Sums| Figures {
        earned: sums.earned,
        saved: sums.saved,
        edited: sums.edited,
        difference: sums.difference(),
    };
    let partner = |id: &PartnerId| {
        let (person, code) = people.get(id)?.clone();
        Some(TrialPartner { person, code, figures: figures(trial.by_partner.get(id).copied()?) })
    };
    let differing = trial.by_partner.values().filter(|sums| !sums.difference().is_zero()).count();
    let mut orders = trial.differing.iter().collect::<Vec<_>>();
    orders.sort_by_key(|order| (Reverse(order.sums.difference().minor().abs()), order.id));
    let order = |order: &&super::TriedOrder| TrialOrder {
        number: order.number.clone(),
        path: paths::order(order.id),
        date: order.ordered_on,
        figures: figures(order.sums),
    };
    TrialView {
        period,
        orders: trial.orders,
        sums: figures(trial.sums),
        partners: shown.iter().filter_map(partner).collect(),
        partners_differing: differing,
        differing: orders.iter().take(SHOWN).map(order).collect(),
        orders_differing: trial.differing.len(),
    }
}
