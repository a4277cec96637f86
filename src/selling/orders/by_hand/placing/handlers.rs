//! CRM > Orders > New order.

use actix_web::HttpResponse;
use uuid::Uuid;

use super::super::number;
use super::super::press::{SENT_BEFORE, STALE};
use super::forms::{Button, LineForm, MOST_LINES, OrderForm};
use super::pages::NewPage;
use super::place::{self, Answer};
use crate::error::AppError;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::{App, paths};

/// `GET /orders/new?customer=&partner=&product=`
pub async fn new(admin: Administrator, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let proposed = app.db.read(number::propose).await?;
    let form = OrderForm::fresh(&query, proposed, app.clock.now(), &admin.company.format());
    page(&NewPage::new(&admin, form, Problems::none()))
}

/// `POST /orders`
pub async fn create(admin: Administrator, app: App, sent: FormData) -> Result<HttpResponse, AppError> {
    let (now, format) = (app.clock.now(), admin.company.format());
    let (mut form, button) = (OrderForm::read(&sent, now, &format), OrderForm::button(&sent));
    match button {
        Button::AddLine if form.lines.len() <= MOST_LINES => {
            form.lines.push(LineForm::empty());
            return page(&NewPage::new(&admin, form, Problems::none()));
        }
        Button::RemoveLine(place) if place < form.lines.len() => {
            form.lines.remove(place);
            if form.lines.is_empty() {
                form.lines.push(LineForm::empty());
            }
            return page(&NewPage::new(&admin, form, Problems::none()));
        }
        _ => {}
    }
    let again = |form: OrderForm, problems| {
        let form = OrderForm { key: Uuid::new_v4().to_string(), shown: String::new(), ..form };
        page_with_problems(&NewPage::new(&admin, form, problems))
    };
    let order = match form.parse(now, &format) {
        Ok(order) => order,
        Err(problems) => return page_with_problems(&NewPage::new(&admin, form, problems)),
    };
    let Some(press) = form.press(button == Button::Record) else {
        return again(form, Problems::one("number", STALE));
    };
    let (who, sent_order, mails) = (admin.who(), order.clone(), app.mail.is_some());
    let placing = app.db.run(move |conn| place::answer(conn, &press, &sent_order, &format, &who, mails));
    let answer = placing.await?;
    match answer {
        Answer::Before(known) => {
            admin.flash(Flash::warn("Recorded once.", "This order was recorded already; nothing was added."));
            Ok(see_other(paths::order(known)))
        }
        Answer::SentBefore => again(form, Problems::one("number", SENT_BEFORE)),
        Answer::Wrong(problems) => page_with_problems(&NewPage::new(&admin, form, problems)),
        Answer::Tried(tried, _) if tried.is_recorded() => {
            let words = format!("Order {}: {}.", order.number, tried.effect.words(&format));
            admin.flash(Flash::ok("Recorded.", words));
            Ok(see_other(paths::order(tried.file.head.id)))
        }
        Answer::Tried(tried, notices) => {
            let changed = tried.became == super::super::press::Became::Changed;
            let shown = NewPage::showing(&admin, form, &tried, notices);
            if changed { page_with_problems(&shown) } else { page(&shown) }
        }
    }
}
