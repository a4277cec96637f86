//! CRM > Orders > an order > Actions.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::super::press::{Became, SENT_BEFORE, STALE};
use super::due;
use super::forms::{EventForm, Kind};
use super::happen::{self, Answer};
use super::pages::EventPage;
use crate::domain::ids::OrderId;
use crate::error::AppError;
use crate::selling::orders::queries::{OrderFile, order_file};
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /orders/{id}/events/new?kind=`
pub async fn new(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = OrderId(*id);
    let file = file(&app, id).await?;
    happen::check_open(&file)?;
    let kind = Kind::from_word(query.get("kind"));
    let kind = kind.ok_or_else(|| AppError::not_found("such form about an order"))?;
    let (format, now) = (admin.company.format(), app.clock.now());
    let mut form = EventForm::fresh(kind, &file, now, &format);
    let due = due::due(&file, format.currency);
    if kind == Kind::Payment && due.is_positive() {
        form.amount = format.plain(&due);
    }
    // What says enough as it is opened shows at once what it would do.
    let says_enough = kind == Kind::Cancellation || (kind == Kind::Payment && due.is_positive());
    if let Some(press) = form.press(false).filter(|_| says_enough) {
        let (who, sent) = (admin.who(), form.clone());
        let answer = app.db.run(move |conn| happen::answer(conn, id, (&sent, &press), (now, &format), &who));
        if let Answer::Tried(outcome) = answer.await? {
            return page(&EventPage::showing(&admin, form, &outcome));
        }
    }
    page(&EventPage::new(&admin, &file, form, Problems::none()))
}

/// `POST /orders/{id}/events`
pub async fn create(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    sent: FormData,
) -> Result<HttpResponse, AppError> {
    let id = OrderId(*id);
    let form = EventForm::read(&sent);
    let mut form = form.ok_or_else(|| AppError::refused("This form is incomplete. Nothing was recorded."))?;
    if sent.get("press") == "all" {
        let file = file(&app, id).await?;
        happen::check_open(&file)?;
        form.take_all(&file);
        return page(&EventPage::new(&admin, &file, form, Problems::none()));
    }
    let again = |form: EventForm, file: &OrderFile, problems| {
        let form = EventForm { key: Uuid::new_v4().to_string(), shown: String::new(), ..form };
        page_with_problems(&EventPage::new(&admin, file, form, problems))
    };
    let Some(press) = form.press(sent.get("press") == "record") else {
        return again(form, &file(&app, id).await?, Problems::one("on", STALE));
    };
    let (format, now, who, typed) = (admin.company.format(), app.clock.now(), admin.who(), form.clone());
    let answer = app.db.run(move |conn| happen::answer(conn, id, (&typed, &press), (now, &format), &who));
    match answer.await? {
        Answer::Before => {
            admin.flash(Flash::warn("Recorded once.", "This form was recorded already; nothing was added."));
            Ok(see_other(paths::order(id)))
        }
        Answer::SentBefore(file) => again(form, &file, Problems::one("on", SENT_BEFORE)),
        Answer::Wrong(file, problems) => page_with_problems(&EventPage::new(&admin, &file, form, problems)),
        Answer::Tried(outcome) if outcome.tried.is_recorded() => {
            let words = format!("{}: {}.", form.kind.label(), outcome.tried.effect.words(&format));
            admin.flash(Flash::ok("Recorded.", words));
            Ok(see_other(paths::order(id)))
        }
        Answer::Tried(outcome) => {
            let is_told = outcome.tried.became == Became::Changed || !outcome.meanwhile.is_empty();
            let shown = EventPage::showing(&admin, form, &outcome);
            if is_told { page_with_problems(&shown) } else { page(&shown) }
        }
    }
}

async fn file(app: &App, id: OrderId) -> Result<OrderFile, AppError> {
    let file = app.db.read(move |conn| order_file(conn, id)).await?;
    file.ok_or_else(|| AppError::not_found(format!("order with the number {id} in this system")))
}
