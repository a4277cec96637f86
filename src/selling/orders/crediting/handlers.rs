//! CRM > Orders > Actions > Credit another partner: one address, three steps. Which orders are meant travels
//! along as it was: ticks, or the search whose results are meant.

use actix_web::HttpResponse;
use diesel::PgConnection;

use super::super::by_hand::press::{SENT_BEFORE, STALE};
use super::super::pages::Typed;
use super::forms::{CreditForm, FIELDS};
use super::pages::{ChoosePage, PreviewPage, done_words};
use super::{Answer, Became, MOST_ORDERS, Outcome, queries};
use crate::domain::ids::OrderId;
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, page, page_with_problems, see_other};
use crate::web::list::{Address, Meant};
use crate::web::{App, paths};

/// What came of a step.
enum Step {
    Answer(Answer),
    /// Nothing was recorded: what is wrong, and how many orders are meant.
    Problems(Problems, usize),
}

/// `POST /orders/credits`; `press=` choose, preview or record.
pub async fn update(admin: Administrator, app: App, sent: FormData) -> Result<HttpResponse, AppError> {
    let (form, meant, typed) = (CreditForm::read(&sent), Meant::of(&sent)?, Typed::of(&sent));
    let which = which(&sent);
    let is_final = sent.get("press") == "record";
    if !is_final && sent.get("press") != "preview" {
        let count = app.db.read(move |conn| Ok(orders(conn, &meant, &typed)?.len())).await?;
        return page(&ChoosePage::new(&admin, which, form.anew(), count, Problems::none()));
    }
    let Some(press) = form.press(is_final, &which) else {
        let count = app.db.read(move |conn| Ok(orders(conn, &meant, &typed)?.len())).await?;
        let problems = Problems::one("partner", STALE);
        return page_with_problems(&ChoosePage::new(&admin, which, form.anew(), count, problems));
    };
    let (who, asked) = (admin.who(), form.clone());
    let step = app.db.run(move |conn| {
        let orders = orders(conn, &meant, &typed)?;
        let count = orders.len();
        match asked.parse(conn, orders, is_final)? {
            Err(problems) => Ok(Step::Problems(problems, count)),
            Ok(asked) => match super::answer(conn, &asked, &press, &who) {
                Ok(Answer::SentBefore) => Ok(Step::Problems(Problems::one("partner", SENT_BEFORE), count)),
                Ok(answer) => Ok(Step::Answer(answer)),
                Err(AppError::Refused(sentence)) => {
                    Ok(Step::Problems(Problems::one("orders", sentence), count))
                }
                Err(trouble) => Err(trouble),
            },
        }
    });
    match step.await? {
        Step::Problems(problems, count) => {
            let form = if problems.of("partner") == SENT_BEFORE { form.anew() } else { form };
            page_with_problems(&ChoosePage::new(&admin, which, form, count, problems))
        }
        Step::Answer(Answer::Done(outcome)) => answered(&admin, &sent, which, form, &outcome),
        Step::Answer(Answer::Before | Answer::SentBefore) => {
            admin.flash(Flash::warn("Recorded once.", "This form was recorded already; nothing was added."));
            Ok(see_other(list(&sent)))
        }
    }
}

fn answered(
    admin: &Administrator,
    sent: &FormData,
    which: Vec<(String, String)>,
    form: CreditForm,
    outcome: &Outcome,
) -> Result<HttpResponse, AppError> {
    match outcome.became {
        Became::Recorded => {
            admin.flash(Flash::ok("Recorded.", done_words(outcome, &admin.company.format())));
            Ok(see_other(list(sent)))
        }
        Became::Shown => page(&PreviewPage::new(admin, which, form, outcome)),
        Became::Changed => page_with_problems(&PreviewPage::new(admin, which, form, outcome)),
    }
}

/// The orders that are meant now, in id order; one more than may be credited at once where there are more.
fn orders(conn: &mut PgConnection, meant: &Meant, typed: &Typed) -> Result<Vec<OrderId>, AppError> {
    match meant {
        Meant::Ticked(ids) => Ok(ids.iter().copied().map(OrderId).collect()),
        Meant::All => {
            let (search, problems) = typed.read();
            match problems.iter().next() {
                Some((_, sentence)) => Err(AppError::refused(sentence)),
                None => Ok(queries::ids(conn, &search, MOST_ORDERS + 1)?),
            }
        }
    }
}

/// The fields that say which orders are meant.
fn which(sent: &FormData) -> Vec<(String, String)> {
    let made_anew = ["csrf", "press"];
    let is_which = |name: &str| !made_anew.contains(&name) && !FIELDS.contains(&name);
    sent.fields().iter().filter(|(name, _)| is_which(name)).cloned().collect()
}

/// The list that it began with.
fn list(sent: &FormData) -> String {
    let search = ["q", "from", "to", "credited", "contact"];
    let fields = search.iter().map(|name| (name.to_string(), sent.get(name).to_string())).collect();
    let query = FormData::of(fields).unwrap_or_default();
    Address::new(paths::ORDERS, &query).to_string()
}
