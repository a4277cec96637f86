//! Coupon codes over HTTP.

use actix_web::{HttpResponse, web};

use super::forms::CouponForm;
use super::pages::{IndexPage, NewPage, ShowPage};
use super::{Added, queries};
use crate::domain::ids::CouponId;
use crate::error::AppError;
use crate::people::names::shown;
use crate::people::partners;
use crate::web::admin::{Administrator, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};

/// `GET /coupons?q=`
pub async fn index(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let mut problems = Problems::none();
    let typed = query.get("q").to_string();
    let words = problems.optional_text("q", "What to look for", &typed, 200);
    let (window, is_sound) = (Window::of(&query), problems.is_empty());
    let (total, rows) = app
        .db
        .read(move |conn| {
            if !is_sound {
                return Ok((0, Vec::new()));
            }
            Ok((queries::count(conn, &words)?, queries::list(conn, &words, window)?))
        })
        .await?;
    let pager = Pager::new(window, total, &Address::new(paths::COUPONS, &query));
    let list = IndexPage::new(&viewer, (typed, problems), rows, pager);
    if is_sound { page(&list) } else { page_with_problems(&list) }
}

/// `GET /coupons/new?partner=&code=`
pub async fn new(admin: Administrator, query: Query) -> Result<HttpResponse, AppError> {
    page(&NewPage::new(&admin, CouponForm::read(&query), Problems::none()))
}

/// `POST /coupons`
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let form = CouponForm::read(&form);
    let (code, partner) = match form.parse() {
        Ok(parsed) => parsed,
        Err(problems) => return page_with_problems(&NewPage::new(&admin, form, problems)),
    };
    let (who, added) = (admin.who(), code.clone());
    let made = app.db.run(move |conn| {
        let found = partners::by_code(conn, std::slice::from_ref(&partner))?.remove(&partner);
        let Some(partner) = found else { return Ok(None) };
        super::add(conn, &who, &code, partner).map(Some)
    });
    let problems = match made.await? {
        Some(Added::Done(id)) => {
            admin.flash(Flash::ok("Added.", format!("Orders with {added} are credited from now on.")));
            return Ok(see_other(paths::coupon(id)));
        }
        Some(Added::Taken(row)) => {
            let name = shown(&row.partner_name, &row.partner_code);
            let code = row.code;
            let sentence = format!("{code} is {name}’s. End it there first; then it can be another’s.");
            Problems::one("code", sentence)
        }
        None => Problems::one(
            "partner",
            "No partner has this code. Type a part of the code or the name and choose.",
        ),
    };
    page_with_problems(&NewPage::new(&admin, form, problems))
}

/// `GET /coupons/{id}`
pub async fn show(viewer: Viewer, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let id = CouponId(*id);
    let read = app.db.read(move |conn| {
        let row = super::find(conn, id)?;
        let (of_code, orders) = (queries::of_code(conn, &row.code)?, queries::orders(conn, &row.code)?);
        Ok((row, of_code, orders))
    });
    let (row, of_code, orders) = read.await?;
    page(&ShowPage::new(&viewer, row, of_code, orders))
}

/// `POST /coupons/{id}/end`
pub async fn end(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (CouponId(*id), admin.who());
    let ended = app.db.run(move |conn| super::end(conn, &who, id)).await?;
    admin.flash(if ended {
        Flash::ok("Ended.", "Orders from now on are not credited by it; what was credited stays.")
    } else {
        Flash::warn("Ended before.", "It was ended already; nothing was changed.")
    });
    Ok(see_other(paths::coupon(id)))
}
