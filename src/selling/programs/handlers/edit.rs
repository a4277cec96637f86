//! Making, editing and deleting a program.

use super::super::forms::{Facts, ProgramForm};
use super::super::pages::{EditPage, RULES_SHOWN, Subject};
use super::super::queries::edit as record;
use super::super::queries::pages as queries;
use super::super::{Changed, NewProgram};
use crate::domain::ids::{ProductId, ProgramId};
use crate::error::AppError;
use crate::people::partners;
use crate::running::settings;
use crate::web::admin::Administrator;
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};
use actix_web::{HttpResponse, web};
use diesel::PgConnection;

/// `GET /programs/new`
pub async fn new(admin: Administrator, app: App) -> Result<HttpResponse, AppError> {
    let last = app.db.read(|conn| Ok(queries::list(conn)?.last().map_or(0, |(_, last)| last.priority)));
    let form = ProgramForm::new_program(last.await?);
    let subject = load(&app, None, &form).await?;
    page(&EditPage::new(&admin, subject, form, Problems::none()))
}

/// `POST /programs`
pub async fn create(admin: Administrator, app: App, sent: FormData) -> Result<HttpResponse, AppError> {
    let mut form = ProgramForm::read(&sent);
    if sent.has("add") {
        form.add_rule();
        let subject = load(&app, None, &form).await?;
        return page(&EditPage::new(&admin, subject, form, Problems::none()));
    }
    let subject = load(&app, None, &form).await?;
    let (terms, partners) = match form.parse(&subject.facts, admin.company.format().currency) {
        Ok(parsed) => parsed,
        Err(problems) => return page_with_problems(&EditPage::new(&admin, subject, form, problems)),
    };
    let (who, name, enrolled) = (admin.who(), terms.name.clone(), partners.len());
    let new = NewProgram { terms, partners };
    let Some(id) = app.db.run(move |conn| super::super::create(conn, &who, &new)).await? else {
        let problems = Problems::one("name", "Another program has this name.");
        return page_with_problems(&EditPage::new(&admin, subject, form, problems));
    };
    let text = match enrolled {
        0 => format!("{name} pays nobody yet: enrol the partners that it is for."),
        n => format!("{name} has {} enrolled.", counted(n, "partner", "partners")),
    };
    admin.flash(Flash::ok("Added.", text));
    Ok(see_other(if enrolled == 0 { paths::program_partners(id) } else { paths::program(id) }))
}

/// `GET /programs/{id}/edit`
pub async fn edit(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = ProgramId(*id);
    let window = Window { rows: RULES_SHOWN, ..Window::of(&query) };
    let mut problems = Problems::none();
    let words = problems.optional_text("q", "What to look for", query.get("q"), 200);
    let looked_for = words.clone();
    let read = app.db.read(move |conn| {
        let record = find(conn, id)?;
        let (_, program) = super::find(conn, id)?;
        let products: Vec<ProductId> = program.products.keys().copied().collect();
        let (total, shown) = queries::products_matching(conn, &products, &words, window)?;
        let shown: Vec<ProductId> = shown.into_iter().map(|product| product.id).collect();
        Ok((ProgramForm::of(&record.name, record.version, &program, &shown), total))
    });
    let (form, total) = read.await?;
    let mut subject = load(&app, Some(id), &form).await?;
    subject.pager = Some(Pager::new(window, total, &Address::new(paths::program_edit(id), &query)));
    subject.words = looked_for;
    page(&EditPage::new(&admin, subject, form, Problems::none()))
}

/// `POST /programs/{id}`
pub async fn update(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    sent: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, mut form) = (ProgramId(*id), ProgramForm::read(&sent));
    let subject = load(&app, Some(id), &form).await?;
    if sent.has("add") {
        form.add_rule();
        return page(&EditPage::new(&admin, subject, form, Problems::none()));
    }
    let terms = match form.parse(&subject.facts, admin.company.format().currency) {
        Ok((terms, _)) => terms,
        Err(problems) => return page_with_problems(&EditPage::new(&admin, subject, form, problems)),
    };
    let (who, saved, version) = (admin.who(), terms.clone(), form.version());
    match app.db.run(move |conn| super::super::change(conn, &who, id, &saved, version)).await? {
        Changed::Saved { new_version } => {
            let text = match new_version {
                true => {
                    "Orders recorded from now on are paid by it; those already recorded stay as they are."
                }
                false => "What it pays is as before.",
            };
            admin.flash(Flash::ok("Saved.", text));
        }
        Changed::AsBefore => admin.flash(Flash::ok("Nothing to save.", "The program is as it was.")),
        Changed::NameTaken => {
            let problems = Problems::one("name", "Another program has this name.");
            return page_with_problems(&EditPage::new(&admin, subject, form, problems));
        }
        Changed::Stale => {
            // Read again: it was saved after the page was loaded, and perhaps just now.
            let subject = load(&app, Some(id), &form).await?;
            return page_with_problems(&EditPage::with_conflict(&admin, subject, form, &terms));
        }
    }
    Ok(see_other(paths::program(id)))
}

/// `POST /programs/{id}/delete`
pub async fn remove(admin: Administrator, app: App, id: web::Path<i64>) -> Result<HttpResponse, AppError> {
    let (id, who) = (ProgramId(*id), admin.who());
    let name = app.db.run(move |conn| super::super::remove(conn, &who, id)).await?;
    admin.flash(Flash::ok("Deleted.", format!("{name} is gone; its name is free.")));
    Ok(see_other(paths::PROGRAMS))
}

/// What the form is compared with.
pub async fn load(app: &App, id: Option<ProgramId>, form: &ProgramForm) -> Result<Subject, AppError> {
    let (codes, shown, partner_codes) = (form.product_codes(), form.known_products(), form.partner_codes());
    let read = app.db.read(move |conn| {
        let record = id.map(|id| find(conn, id)).transpose()?;
        let in_force = id.map(|id| super::find(conn, id)).transpose()?.map(|(_, program)| program);
        let own = in_force.iter().flat_map(|program| program.products.keys().copied());
        let products: Vec<ProductId> = shown.iter().copied().chain(own).collect();
        Ok(Subject {
            record,
            usage: id.map(|id| record::usage(conn, id)).transpose()?,
            facts: Facts {
                in_force,
                by_code: queries::products_by_code(conn, &codes)?,
                by_id: queries::products(conn, &products)?,
                partners: partners::by_code(conn, &partner_codes)?,
            },
            rules: settings::defaults(conn)?.0.payout,
            pager: None,
            words: String::new(),
            orders: record::days_of_orders(conn)?,
        })
    });
    read.await
}

fn find(conn: &mut PgConnection, id: ProgramId) -> Result<record::Record, AppError> {
    record::find(conn, id)?.ok_or_else(|| AppError::not_found(format!("commission program {id}")))
}
