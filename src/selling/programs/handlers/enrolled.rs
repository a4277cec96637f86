//! Who is enrolled in a program: the list, enrolling by code, and taking out.

use super::super::forms::{codes, read_partners};
use super::super::pages::{EnrolledPage, Head, Tab};
use super::super::queries::pages as queries;
use crate::domain::ids::{PartnerId, ProgramId};
use crate::error::AppError;
use crate::people::partners as people;
use crate::running::audit;
use crate::web::admin::{Administrator, SignedIn, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};
use actix_web::{HttpResponse, web};
use serde_json::json;

/// `GET /programs/{id}/partners`
pub async fn partners(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    page(&list(&viewer, &app, ProgramId(*id), &query, (String::new(), Problems::none())).await?)
}

async fn list(
    visitor: &SignedIn,
    app: &App,
    id: ProgramId,
    query: &FormData,
    typed: (String, Problems),
) -> Result<EnrolledPage, AppError> {
    let window = Window::of(query);
    let read = app.db.read(move |conn| Ok((super::find(conn, id)?, queries::enrolled(conn, id, window)?)));
    let ((row, program), rows) = read.await?;
    let address = Address::new(paths::program_partners(id), &FormData::default());
    let pager = Pager::new(window, row.partners, &address);
    let head = Head::new(visitor, &row, &program, Tab::Enrolled);
    Ok(EnrolledPage::new(visitor, head, rows, pager, typed))
}

/// `POST /programs/{id}/partners`
pub async fn enrol(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, typed) = (ProgramId(*id), form.get("codes").to_string());
    let given = codes(&typed);
    let known = app.db.read(move |conn| people::by_code(conn, &given)).await?;
    let mut problems = Problems::none();
    if codes(&typed).is_empty() {
        problems.add("codes", "Name at least one partner by its code.");
    }
    let partners = read_partners(&typed, &known, "codes", &mut problems);
    if !problems.is_empty() {
        return page_with_problems(&list(&admin, &app, id, &form, (typed, problems)).await?);
    }
    let (who, asked) = (admin.who(), partners.len());
    let added = app.db.run(move |conn| {
        super::find(conn, id)?;
        let enrolments: Vec<_> = partners.iter().map(|partner| (*partner, id)).collect();
        let added = people::enrol(conn, &enrolments)?;
        if !added.is_empty() {
            let ids: Vec<i64> = added.iter().map(|(partner, _)| partner.0).collect();
            audit::write(conn, &who, "program.enrol", ("program", id.0), json!({ "partners": ids }))?;
        }
        Ok(added.len())
    });
    let added = added.await?;
    let already = match asked - added {
        0 => String::new(),
        n => format!(" {} in it already.", counted(n, "was", "were")),
    };
    match added {
        0 => admin.flash(Flash::ok("Nothing to do.", format!("All of them are enrolled.{already}"))),
        n => {
            let partners = counted(n, "partner earns", "partners earn");
            admin.flash(Flash::ok("Enrolled.", format!("{partners} by this program from now on.{already}")));
        }
    }
    Ok(see_other(paths::program_partners(id)))
}

/// `POST /programs/{id}/withdrawals`
pub async fn withdraw(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let id = ProgramId(*id);
    let ticked: Vec<PartnerId> = form.all("tick").filter_map(|id| id.parse().ok()).map(PartnerId).collect();
    let who = admin.who();
    let taken = app.db.run(move |conn| {
        super::find(conn, id)?;
        let enrolments: Vec<_> = ticked.iter().map(|partner| (*partner, id)).collect();
        let taken = people::withdraw(conn, &enrolments)?;
        if !taken.is_empty() {
            let ids: Vec<i64> = taken.iter().map(|(partner, _)| partner.0).collect();
            audit::write(conn, &who, "program.withdraw", ("program", id.0), json!({ "partners": ids }))?;
        }
        Ok(taken.len())
    });
    match taken.await? {
        0 => admin.flash(Flash::warn("Nobody was taken out.", "Tick the partners first.")),
        n => {
            let partners = counted(n, "partner earns", "partners earn");
            let text = format!("{partners} nothing more by this program; what was earned stays.");
            admin.flash(Flash::ok("Taken out.", text));
        }
    }
    Ok(see_other(paths::program_partners(id)))
}
