//! CRM > Reports > Referral Partner Ledgers > one partner's ledger.

use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use serde_json::json;

use super::super::handlers::sentences;
use super::super::queries::{self, Partner};
use super::export::ledger_as_csv;
use super::forms::{AdjustmentForm, NewAdjustment, ParsedPayment, PaymentForm};
use super::ledger::{self, Ledger};
use super::pages::ShowPage;
use crate::book;
use crate::domain::ids::{AccountId, PartnerId, PaymentId};
use crate::domain::money::Money;
use crate::domain::period::{Period, Preset};
use crate::error::AppError;
use crate::paying::payments;
use crate::running::audit::{self, Who};
use crate::web::admin::{Administrator, Role, SignedIn, Viewer};
use crate::web::flash::Flash;
use crate::web::forms::{FormData, Problems, Query, page, page_with_problems, see_other};
use crate::web::list::Window;
use crate::web::range::{self, RangeForm};
use crate::web::{App, paths};

/// What somebody sent and gets back, with what was wrong with it.
#[derive(Default)]
struct Returned {
    payment: Option<PaymentForm>,
    adjustment: Option<AdjustmentForm>,
    problems: Problems,
}

/// `GET /partners/{id}/ledger`
pub async fn show(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let range = RangeForm::read(&query, viewer.today(), Preset::LastMonth);
    show_with(&viewer, &app, PartnerId(*id), range, Window::of(&query), Returned::default()).await
}

/// `GET /partners/{id}/ledger.csv`
pub async fn export(
    viewer: Viewer,
    app: App,
    id: web::Path<i64>,
    query: Query,
) -> Result<HttpResponse, AppError> {
    let id = PartnerId(*id);
    let period = match range::of_file(&query) {
        Ok(period) => period,
        Err(problems) => return Ok(sentences(&problems)),
    };
    let partner = app.db.read(move |conn| ledger::partner(conn, id)).await?;
    ledger_as_csv(app.db.clone(), partner, period, viewer.company.format()).await
}

/// `POST /partners/{id}/payments`
pub async fn create_payment(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, format, window) = (PartnerId(*id), admin.company.format(), Window::of(&form));
    let range = RangeForm::read(&form, admin.today(), Preset::LastMonth);
    let typed = PaymentForm::read(&form);
    let returned = |problems| Returned { payment: Some(typed.clone()), problems, ..Returned::default() };
    let parsed = range.parse().and_then(|period| Ok((period, typed.parse(period.to(), &format)?)));
    let (period, payment) = match parsed {
        Ok(parsed) => parsed,
        Err(problems) => return show_with(&admin, &app, id, range, window, returned(problems)).await,
    };
    let (who, new) = (admin.who(), payment.clone());
    let answer = app.db.run(move |conn| record_payment(conn, id, &new, &who)).await;
    let problem = match answer {
        Ok(Recorded::Now(name, made)) => {
            let flash = paid(&name, &payment, &admin);
            admin.flash(match made {
                Some(made) => flash.link(paths::payment(made), "See the payment"),
                None => flash,
            });
            return Ok(see_other(paths::partner_ledger(id, period)));
        }
        Ok(Recorded::Before) => {
            admin.flash(Flash::warn(
                "Recorded once.",
                "This payment was recorded already; nothing was added.",
            ));
            return Ok(see_other(paths::partner_ledger(id, period)));
        }
        Ok(Recorded::MoreThan(balance)) => {
            let owed = format.total(&balance);
            let advance = format.total(&in_advance(payment.amount, balance));
            format!("This is more than the balance of {owed}. Tick below to pay {advance} in advance.")
        }
        Err(AppError::Refused(sentence)) => sentence,
        Err(trouble) => return Err(trouble),
    };
    show_with(&admin, &app, id, range, window, returned(Problems::one("amount", problem))).await
}

/// `POST /partners/{id}/adjustments`
pub async fn create_adjustment(
    admin: Administrator,
    app: App,
    id: web::Path<i64>,
    form: FormData,
) -> Result<HttpResponse, AppError> {
    let (id, format, window) = (PartnerId(*id), admin.company.format(), Window::of(&form));
    let range = RangeForm::read(&form, admin.today(), Preset::LastMonth);
    let typed = AdjustmentForm::read(&form);
    let returned = |problems| Returned { adjustment: Some(typed.clone()), problems, ..Returned::default() };
    let parsed = range.parse().and_then(|period| Ok((period, typed.parse(&format)?)));
    let (period, adjustment) = match parsed {
        Ok(parsed) => parsed,
        Err(problems) => return show_with(&admin, &app, id, range, window, returned(problems)).await,
    };
    let (who, new) = (admin.who(), adjustment.clone());
    let answer = app.db.run(move |conn| record_adjustment(conn, id, &new, &who)).await;
    match answer {
        Ok(Recorded::Now(name, _)) => {
            let (amount, on) = (format.total(&adjustment.amount), format.day(&adjustment.dated_on));
            admin.flash(Flash::ok("Adjusted.", format!("{name}: {amount} on {on}.")));
            Ok(see_other(paths::partner_ledger(id, period)))
        }
        Ok(_) => {
            admin.flash(Flash::warn(
                "Recorded once.",
                "This adjustment was recorded already; nothing was added.",
            ));
            Ok(see_other(paths::partner_ledger(id, period)))
        }
        Err(AppError::Refused(sentence)) => {
            let returned = returned(Problems::one("adjustment", sentence));
            show_with(&admin, &app, id, range, window, returned).await
        }
        Err(trouble) => Err(trouble),
    }
}

/// What became of a form.
enum Recorded {
    /// Recorded with this press: the partner's name, and the payment if it is one.
    Now(String, Option<PaymentId>),
    /// Recorded by an earlier press.
    Before,
    /// Not recorded: more than this balance, and nobody said that it is meant.
    MoreThan(Money),
}

fn record_payment(
    conn: &mut PgConnection,
    id: PartnerId,
    payment: &ParsedPayment,
    who: &Who,
) -> Result<Recorded, AppError> {
    let (name, account) = locked_account(conn, id)?;
    if payments::queries::payment_of_key(conn, payment.key)?.is_some() {
        payments::single::record_single(conn, &payment.of(account), who)?;
        return Ok(Recorded::Before);
    }
    let day = Period::month_of(payment.paid_on);
    let balance =
        book::figures_now(conn, day, &[account])?.first().map(|row| row.balance).unwrap_or_default();
    if payment.amount > balance && !payment.advance {
        return Ok(Recorded::MoreThan(balance));
    }
    let made = payments::single::record_single(conn, &payment.of(account), who)?;
    Ok(Recorded::Now(name, Some(made)))
}

fn record_adjustment(
    conn: &mut PgConnection,
    id: PartnerId,
    new: &NewAdjustment,
    who: &Who,
) -> Result<Recorded, AppError> {
    let (name, account) = locked_account(conn, id)?;
    if let Some(known) = queries::adjustment_of_key(conn, new.key)? {
        let same = known.account == account
            && (known.amount, known.dated_on, known.reason) == (new.amount, new.dated_on, new.reason.clone());
        return if same {
            Ok(Recorded::Before)
        } else {
            Err(AppError::refused(
                "This form was sent before with other content, and was recorded then. Nothing more was recorded; \
                 this is a fresh form.",
            ))
        };
    }
    let (amount, on, reason) = (new.amount, new.dated_on, new.reason.as_str());
    let entry = book::adjust(conn, account, amount, on, reason, Some(new.key), who.user_id)?;
    let details = json!({ "partner": id.0, "amount_minor": amount.minor(), "dated_on": on });
    audit::write(conn, who, "adjustment.record", ("entry", entry.0), details)?;
    Ok(Recorded::Now(name, None))
}

/// The partner's account, opened where it has none yet, and locked: of two presses at once the second
/// sees what the first has recorded.
fn locked_account(conn: &mut PgConnection, id: PartnerId) -> Result<(String, AccountId), AppError> {
    let partner = ledger::partner(conn, id)?;
    let account = match partner.account {
        Some(account) => account,
        None => {
            book::open_accounts(conn, &[id])?;
            let opened = book::accounts_of(conn, &[id])?.remove(&id);
            opened.ok_or_else(|| AppError::Internal(anyhow::anyhow!("no account was opened")))?
        }
    };
    book::lock_accounts(conn, &[account])?;
    Ok((partner.name, account))
}

fn paid(name: &str, payment: &ParsedPayment, admin: &Administrator) -> Flash {
    let format = admin.company.format();
    let (amount, on) = (format.total(&payment.amount), format.day(&payment.paid_on));
    let what_now = if payment.is_on_account() {
        "It is on account: the next batch takes it in."
    } else {
        "It settles what was open."
    };
    Flash::ok("Paid.", format!("{name}: {amount} on {on}. {what_now}"))
}

/// What of a payment goes beyond the balance.
pub fn in_advance(amount: Money, balance: Money) -> Money {
    if balance.is_positive() { amount - balance } else { amount }
}

async fn show_with(
    visitor: &SignedIn,
    app: &App,
    id: PartnerId,
    range: RangeForm,
    window: Window,
    mut returned: Returned,
) -> Result<HttpResponse, AppError> {
    let (currency, may_pay) = (visitor.company.format().currency, visitor.user.role == Role::Administrator);
    let period = range.parse();
    let shown = period.as_ref().ok().copied();
    let (partner, ledger): (Partner, Option<Ledger>) = app
        .db
        .read(move |conn| {
            let partner = ledger::partner(conn, id)?;
            let read = |period| Ledger::read(conn, &partner, period, window, currency, may_pay);
            let ledger = shown.map(read).transpose()?;
            Ok((partner, ledger))
        })
        .await?;
    if let Err(problems) = period {
        returned.problems = problems;
    }
    let has_problems = !returned.problems.is_empty();
    let Returned { payment, adjustment, problems } = returned;
    let shown = ShowPage::new(visitor, partner, ledger, range, window, payment, adjustment, problems);
    if has_problems { page_with_problems(&shown) } else { page(&shown) }
}
