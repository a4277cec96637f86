//! *Create Referral Partner Payments*, batches, single payments and Payment Search.

pub mod voids;

use super::forms::{BatchForm, Choice, SearchForm};
use super::pages::{BatchPage, PaymentPage, SearchPage};
use super::preview_page::{NewPage, Shown};
use super::process::{Processed, basis, process, proposed_batch_id};
use super::queries::{self, RunLine, SettledEntry};
use crate::domain::ids::{PaymentBatchId, PaymentId, RunId, UserId};
use crate::domain::payment::Outcome;
use crate::error::AppError;
use crate::web::admin::{Administrator, Role, Viewer};
use crate::web::csv::{Cell, CsvWriter, download_read, in_name};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::html::counted;
use crate::web::list::{Address, Pager, Window};
use crate::web::{App, paths};
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use std::collections::HashMap;

/// How many entries of a payment a batch's page shows; the payment's page has all.
const ENTRIES_SHOWN: i64 = 40;

/// A batch that settles more entries than this changes what the database knows of its tables: it counts
/// them anew at once, or the first look at an older preview takes half a minute.
const MANY_ENTRIES: i64 = 5_000;

/// `GET /payment-batches/new`: the preview. Nothing is recorded.
pub async fn new(admin: Administrator, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let Some(choice) = Choice::read(&query) else {
        admin.flash(Flash::warn("Choose the partners first.", "Search the ledgers, then use Actions."));
        return Ok(see_other(paths::LEDGERS));
    };
    let (me, today, asked) = (admin.user.id, admin.today(), choice.clone());
    let (shown, batch_id) = app
        .db
        .read(move |conn| Ok((read_preview(conn, &asked, me)?, proposed_batch_id(conn, today)?)))
        .await?;
    let form = BatchForm::proposed(batch_id, today);
    page(&NewPage::new(&admin, shown, choice, form, Problems::none(), String::new(), &query))
}

/// `POST /payment-batches`: Process Action.
pub async fn create(admin: Administrator, app: App, form: FormData) -> Result<HttpResponse, AppError> {
    let choice = Choice::read(&form).ok_or_else(|| {
        AppError::refused("This form is incomplete. Open the ledgers again and choose the partners.")
    })?;
    let typed = BatchForm::read(&form);
    let me = admin.user.id;
    let asked = choice.clone();
    let shown = app.db.read(move |conn| read_preview(conn, &asked, me)).await?;
    let again = |shown, typed, problems, note: &str| {
        page_with_problems(&NewPage::new(&admin, shown, choice.clone(), typed, problems, note.into(), &form))
    };
    let new = match typed.parse(&choice, shown.period) {
        Ok(new) => new,
        Err(problems) => return again(shown, typed, problems, ""),
    };
    let due = shown.basis.due(choice.method, &choice.on_account());
    let latest = due.iter().filter(|due| due.outcome == Outcome::Paid).flat_map(|due| &due.takes);
    if let Some(latest) = latest.map(|entry| entry.dated_on).max().filter(|latest| *latest > new.paid_on)
        && !typed.early
    {
        let sentence = format!(
            "The date is before an entry that is paid, of {}. Tick the box below it if that is meant.",
            admin.company.format().day(&latest)
        );
        return again(shown, typed, Problems::one("early", sentence), "");
    }
    let who = admin.who();
    match app.db.run(move |conn| process(conn, &new, &who)).await {
        Ok(Processed::Recorded(batch)) => {
            let (batch, _) = app.db.read(move |conn| queries::batch(conn, batch)).await?;
            if batch.entries > MANY_ENTRIES {
                let db = app.db.clone();
                // Nobody waits for it.
                drop(web::block(move || db.count_rows()));
            }
            let format = admin.company.format();
            let paid = counted(batch.paid, "partner", "partners");
            let lead = format!("Paid {paid} {}.", format.total(&batch.total_minor));
            let mut text = format!("Recorded as {}.", batch.batch_id);
            if batch.skipped > 0 {
                text.push_str(&format!(
                    " {} skipped.",
                    counted(batch.skipped, "partner was", "partners were")
                ));
            }
            admin.flash(Flash::ok(lead, text));
            Ok(see_other(paths::payment_batch(batch.id)))
        }
        Ok(Processed::BatchIdTaken) => {
            let sentence =
                format!("Batch Id {:?} was used before. Give this batch another one.", typed.batch_id);
            again(shown, typed, Problems::one("batch_id", sentence), "")
        }
        Ok(Processed::Changed(_)) => {
            let asked = choice.clone();
            let shown = app.db.read(move |conn| read_preview(conn, &asked, me)).await?;
            let due = shown.basis.due(choice.method, &choice.on_account());
            // Where something was settled since, the page says so itself, and pressing again is no help.
            let note = match shown.basis.changes(choice.method, &choice.on_account(), &due).is_empty() {
                true => {
                    "Nothing was recorded: the ledger has changed since this page was shown. Below is what would \
                     be paid now; look at it and press again."
                }
                false => "",
            };
            again(shown, typed, Problems::none(), note)
        }
        Err(AppError::Refused(sentence)) => again(shown, typed, Problems::none(), &sentence),
        Err(other) => Err(other),
    }
}

/// `POST /runs/{id}/again`: the same partners and dates, as they stand now.
pub async fn again(
    admin: Administrator,
    app: App,
    id: web::Path<RunId>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, me) = (*id, admin.user.id);
    let run = app
        .db
        .run(move |conn| {
            own_preview(conn, id, me)?;
            queries::repeat_run(conn, id, me)
        })
        .await?;
    let choice = Choice::read(&form).map(|choice| Choice { run, as_of: run, ..choice });
    Ok(see_other(choice.map_or_else(|| paths::new_payment_batch(run), |choice| choice.address().to_string())))
}

/// A preview is of the person who made it: what somebody else chose is not processed by accident.
fn own_preview(conn: &mut PgConnection, id: RunId, me: UserId) -> Result<RunLine, AppError> {
    let run = queries::run(conn, id)?;
    if run.kind != "preview" {
        return Err(AppError::refused(
            "That is an export or a print, not a choice of partners. Search the ledgers, then use Actions.",
        ));
    }
    if run.made_by != Some(me) {
        return Err(AppError::Refused(format!(
            "This preview was made by {}. Search the ledgers yourself and choose the partners; nothing was recorded.",
            if run.made_by_name.is_empty() { "somebody else" } else { &run.made_by_name }
        )));
    }
    Ok(run)
}

fn read_preview(conn: &mut PgConnection, choice: &Choice, me: UserId) -> Result<Shown, AppError> {
    let chosen = own_preview(conn, choice.run, me)?;
    let period = chosen.period()?;
    let as_of = queries::run(conn, choice.as_of)?;
    let is_now = as_of.id == chosen.id;
    if !is_now && (as_of.kind == "preview" || as_of.period()? != period) {
        return Err(AppError::refused("What was exported then has other dates. Choose one of the list."));
    }
    let basis = basis(conn, choice.run, choice.as_of, period)?;
    let accounts: Vec<_> = basis.accounts.iter().map(|account| account.account).collect();
    Ok(Shown {
        partners: queries::partner_lines(conn, &accounts)?,
        others: queries::runs_of(conn, period)?,
        chosen,
        as_of,
        basis,
        period,
    })
}

/// `GET /payment-batches/{id}`
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<PaymentBatchId>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (*id, Window::of(&query));
    let (batch, later, payments, entries, skips) = app
        .db
        .read(move |conn| {
            let (batch, later) = queries::batch(conn, id)?;
            let payments = queries::batch_payments(conn, id, window.limit(), window.offset())?;
            let ids: Vec<PaymentId> = payments.iter().map(|payment| payment.id).collect();
            let entries = queries::settled_entries(conn, &ids, ENTRIES_SHOWN, 0)?;
            Ok((batch, later, payments, entries, queries::skips(conn, id, 200)?))
        })
        .await?;
    let mut by_payment: HashMap<PaymentId, Vec<SettledEntry>> = HashMap::new();
    for entry in entries {
        by_payment.entry(entry.payment_id).or_default().push(entry);
    }
    let payments = payments
        .into_iter()
        .map(|payment| {
            let entries = by_payment.remove(&payment.id).unwrap_or_default();
            (payment, entries)
        })
        .collect();
    let pager = Pager::new(
        window,
        batch.paid + batch.settled_without,
        &Address::new(paths::payment_batch(id), &query),
    );
    let may_void = viewer.user.role == Role::Administrator && batch.standing > 0;
    page(&BatchPage::new(&viewer, may_void, batch, later, payments, skips, pager))
}

/// `GET /payment-batches/{id}/payments.csv`: what was paid to whom, for a bank or a spreadsheet.
pub async fn export(
    viewer: Viewer,
    app: App,
    id: web::Path<PaymentBatchId>,
) -> Result<HttpResponse, AppError> {
    let (id, currency) = (*id, viewer.company.format().currency);
    let (batch, _) = app.db.read(move |conn| queries::batch(conn, id)).await?;
    let name = format!("{}.csv", in_name(&batch.batch_id));
    download_read(app.db.clone(), &name, move |conn, out| {
        let headings = [
            "Batch Id",
            "Payment ID",
            "Date",
            "Partner ID",
            "Code",
            "Referral Partner",
            "Email",
            "Pay Type",
            "Currency",
            "Amount",
            "Status",
            "Note",
        ];
        let mut csv = CsvWriter::new(out, &headings)?;
        let payments = queries::batch_payments(conn, id, i64::MAX, 0)?;
        for payment in payments.iter().filter(|payment| payment.amount_minor.is_positive()) {
            csv.row(&[
                Cell::Text(&batch.batch_id),
                Cell::Number(payment.id.0),
                Cell::Day(payment.paid_on),
                Cell::Number(payment.partner_id.0),
                Cell::Text(&payment.code),
                Cell::Text(&payment.name),
                Cell::Text(&payment.email),
                Cell::Word(payment.pay_type.label()),
                Cell::Word(currency.code()),
                Cell::Amount(payment.amount_minor, currency),
                Cell::Word(if payment.voided_on.is_some() { "voided" } else { "stands" }),
                Cell::Text(&payment.note),
            ])?;
        }
        csv.finish()
    })
    .await
}

/// `GET /payments/{id}`
pub async fn show_payment(
    viewer: Viewer,
    app: App,
    id: web::Path<PaymentId>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let (id, window) = (*id, Window::of(&query));
    let (payment, entries) = app
        .db
        .read(move |conn| {
            let entries = queries::settled_entries(conn, &[id], window.limit(), window.offset())?;
            Ok((queries::payment(conn, id)?, entries))
        })
        .await?;
    let pager = Pager::new(window, payment.entries, &Address::new(paths::payment(id), &query));
    let may_void = viewer.user.role == Role::Administrator && payment.voided_on.is_none();
    page(&PaymentPage::new(&viewer, may_void, payment, entries, pager))
}

/// `GET /reports/payments`: Payment Search.
pub async fn search(viewer: Viewer, app: App, query: Query) -> Result<HttpResponse, AppError> {
    let (form, window) = (SearchForm::read(&query), Window::of(&query));
    let address = Address::new(paths::PAYMENT_SEARCH, &query);
    let search = match form.parse() {
        Ok(search) => search,
        Err(problems) => {
            let pager = Pager::new(window, 0, &address);
            return page_with_problems(&SearchPage::new(
                &viewer, form, problems, None, None, pager, &address,
            ));
        }
    };
    let only_payments = query.get("show") == "payments";
    let (batches, payments) = app
        .db
        .read(move |conn| {
            let (limit, offset) = (window.limit(), window.offset());
            Ok(if only_payments {
                (None, Some(queries::search_payments(conn, &search, limit, offset)?))
            } else {
                (Some(queries::search_batches(conn, &search, limit, offset)?), None)
            })
        })
        .await?;
    let total = batches.as_ref().map(|found| found.total).or(payments.as_ref().map(|found| found.total));
    let pager = Pager::new(window, total.unwrap_or(0), &address);
    page(&SearchPage::new(&viewer, form, Problems::none(), batches, payments, pager, &address))
}
